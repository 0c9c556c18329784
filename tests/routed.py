"""An app whose orchestration asks two services behind one name: those of a router, or one multi handler."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import BaseModel
from temporalio.common import RetryPolicy

from adapter.members import AnyHandler
from arvo import (
    ArvoEvent,
    ArvoEventRouter,
    MultiArvoEventHandler,
    MultiHandlerOutput,
    assign,
    create_arvo_event_handler,
    create_arvo_event_router,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    create_multi_arvo_event_handler,
    create_simple_arvo_contract,
    emit,
    setup_arvo_machine,
)
from arvo_temporal import ArvoApp, EmissionPolicy


class Number(BaseModel):
    n: float


class Task(BaseModel):
    """A number, and who is to add one to it and to double it."""

    n: float
    to: str


class Told(BaseModel):
    """What came of it: the sources of the answers, and the failure."""

    n: float
    sources: list[str]
    failure: str


add = create_simple_arvo_contract(
    uri="#/routed/add", type="sums.add", versions={"1.0.0": {"accepts": Number, "emits": Number}}
)
double = create_simple_arvo_contract(
    uri="#/routed/double", type="sums.double", versions={"1.0.0": {"accepts": Number, "emits": Number}}
)
desk = create_arvo_orchestrator_contract(
    uri="#/routed/desk", name="desk", versions={"1.0.0": {"init": Task, "complete": Told}}
)
ROUTER, ALL = "com.sums.router", "com.sums.all"


def _ask(contract: Any) -> Any:
    return emit(
        lambda context: {"type": contract.type, "to": context["to"], "data": {"n": context["n"]}},
    )


_TAKE = assign(lambda context, event: {"n": event.data["n"], "sources": [*context["sources"], event.source]})
_NOTE = assign(lambda event: {"failure": f"{event.type} {event.data['errorName']}"})
CONFIG: Mapping[str, Any] = {
    "id": "desk",
    "context": lambda input: {"n": input.data["n"], "to": input.data["to"], "sources": [], "failure": ""},
    "initial": "adding",
    "states": {
        "adding": {"entry": _ask(add), "on": {"evt.sums.add.success": {"target": "doubling", "actions": _TAKE}}},
        "doubling": {"entry": _ask(double), "on": {"evt.sums.double.success": {"target": "done", "actions": _TAKE}}},
        "done": {"type": "final"},
    },
    "output": lambda context: {key: context[key] for key in ("n", "sources", "failure")},
}
GIVES_UP: Mapping[str, Any] = {"sys.*": {"target": ".done", "actions": _NOTE}}


def add_one(event: ArvoEvent) -> MultiHandlerOutput:
    return answered(add, event.data["n"] + 1)


def twice(event: ArvoEvent) -> MultiHandlerOutput:
    return answered(double, event.data["n"] * 2)


def answered(contract: Any, n: float) -> MultiHandlerOutput:
    """The answer of a service, with the contract that it follows: a handler has that by itself."""
    version = contract.version("1.0.0")
    return {"type": version.emit_list[0].type, "data": {"n": n}, "dataschema": version.dataschema}


def both(event: ArvoEvent) -> MultiHandlerOutput:
    """Do what either does."""
    return add_one(event) if event.type == add.type else twice(event)


def router(adding: Any = add_one, doubling: Any = twice) -> ArvoEventRouter:
    functions = ((add, adding), (double, doubling))
    handlers = [
        create_arvo_event_handler(contract=contract, executionunits=1, handler={"1.0.0": function})
        for contract, function in functions
        if function is not None
    ]
    return create_arvo_event_router(source=ROUTER, executionunits=1, handlers=handlers)


def multi(function: Any = both) -> MultiArvoEventHandler:
    return create_multi_arvo_event_handler(source=ALL, executionunits=1, handler=function)


POLICY = EmissionPolicy(
    timeout=timedelta(seconds=20),
    retry=RetryPolicy(initial_interval=timedelta(milliseconds=10), maximum_attempts=3),
    retry_on=(ConnectionError,),
)


def routed_app(
    *handlers: AnyHandler,
    policy: EmissionPolicy = POLICY,
    task_queues: Mapping[str, str] | None = None,
    on: Mapping[str, Any] = GIVES_UP,
) -> ArvoApp:
    """Return an app of the desk, and of those who do its work; `on` says what the desk does about their failures."""
    machine = setup_arvo_machine(
        contracts={
            "self": desk.version("1.0.0"),
            "services": {"add": add.version("1.0.0"), "double": double.version("1.0.0")},
        },
    ).create_machine({**CONFIG, "on": on})
    takers = [*(handler.source for handler in handlers), *(task_queues or ())]
    return ArvoApp(
        orchestrators=[create_arvo_orchestrator(executionunits=1, machines=[machine])],
        handlers=handlers,
        policies=dict.fromkeys(takers, policy),
        task_queues=task_queues,
    )


def task(to: str, n: float = 3) -> ArvoEvent:
    """Return the init event of a new task."""
    return create_arvo_orchestrator_event_factory(desk.version("1.0.0")).init(
        source="com.test.app", data={"parentSubject$$": None, "n": n, "to": to}
    )

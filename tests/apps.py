"""Small apps that tests send events to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from pydantic import BaseModel
from temporalio.common import RetryPolicy

from adapter.app import Publisher
from arvo import (
    ArvoEvent,
    ArvoEventHandler,
    SimpleMachineMemory,
    assign,
    create_arvo_contract,
    create_arvo_event_factory,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    create_simple_arvo_contract,
    emit,
    setup_arvo_machine,
)
from arvo_temporal import ArvoApp, ChildPolicy, EmissionPolicy, Limits


class Goal(BaseModel):
    """When a count is over."""

    goal: int


class Total(BaseModel):
    """What was counted, in the order in which it came."""

    total: int
    seen: list[int]


class Step(BaseModel):
    """What to add."""

    by: int


counter_contract = create_arvo_orchestrator_contract(
    uri="#/test/counter", name="counter", versions={"1.0.0": {"init": Goal, "complete": Total}}
)
tally_contract = create_arvo_contract(
    uri="#/test/tally",
    type="com.tally.ask",
    versions={"1.0.0": {"accepts": Goal, "emits": {"evt.tally.counted": Step, "evt.tally.failed": Step}}},
)


def _throw() -> None:
    raise ArithmeticError("the count is broken")


counter_machine = setup_arvo_machine(
    contracts={
        "self": counter_contract.version("1.0.0"),
        "services": {"tally": tally_contract.version("1.0.0")},
    },
    actions={
        "count": assign(
            lambda context, event: {
                "total": context["total"] + event.data["by"],
                "seen": [*context["seen"], event.data["by"]],
            }
        ),
        "throw": _throw,
    },
    guards={
        "is_over": lambda context: context["total"] >= context["goal"],
        "is_negative": lambda event: event.data["by"] < 0,
    },
).create_machine(
    {
        "id": "counter",
        "context": lambda input: {"goal": input.data["goal"], "total": 0, "seen": []},
        "initial": "counting",
        "states": {
            "counting": {
                "on": {
                    "evt.tally.counted": [
                        {"guard": "is_negative", "actions": "throw"},
                        {"actions": "count"},
                    ]
                },
                "always": {"guard": "is_over", "target": "over"},
            },
            "over": {"type": "final"},
        },
        "output": lambda context: {"total": context["total"], "seen": context["seen"]},
    }
)


class Question(BaseModel):
    """What to ask, and the domain to ask in."""

    domain: str | None
    text: str


class Answer(BaseModel):
    """An answer, or why there is none."""

    text: str


oracle_contract = create_simple_arvo_contract(
    uri="#/test/oracle", type="oracle.ask", versions={"1.0.0": {"accepts": Question, "emits": Answer}}
)
asker_contract = create_arvo_orchestrator_contract(
    uri="#/test/asker", name="asker", versions={"1.0.0": {"init": Question, "complete": Answer}}
)
asker_machine = setup_arvo_machine(
    contracts={"self": asker_contract.version("1.0.0"), "services": {"oracle": oracle_contract.version("1.0.0")}},
).create_machine(
    {
        "id": "asker",
        "context": lambda input: {"question": input.data, "text": ""},
        "initial": "asking",
        "states": {
            "asking": {
                "entry": emit(
                    lambda context: {
                        "type": "com.oracle.ask",
                        "domain": [context["question"]["domain"]],
                        "data": {"domain": context["question"]["domain"], "text": context["question"]["text"]},
                    }
                ),
                "on": {
                    "evt.oracle.ask.success": {
                        "target": "over",
                        "actions": assign(lambda event: {"text": event.data["text"]}),
                    },
                    "sys.com.oracle.ask.error": {
                        "target": "over",
                        "actions": assign(
                            lambda event: {"text": f"{event.data['errorName']}: {event.data['errorMessage']}"}
                        ),
                    },
                },
            },
            "over": {"type": "final"},
        },
        "output": lambda context: {"text": context["text"]},
    }
)
supervisor_contract = create_arvo_orchestrator_contract(
    uri="#/test/supervisor", name="supervisor", versions={"1.0.0": {"init": Goal, "complete": Answer}}
)
supervisor_machine = setup_arvo_machine(
    contracts={
        "self": supervisor_contract.version("1.0.0"),
        "services": {"counter": counter_contract.version("1.0.0"), "tally": tally_contract.version("1.0.0")},
    },
).create_machine(
    {
        "id": "supervisor",
        "context": lambda input: {"subject": input.subject, "goal": input.data["goal"], "text": ""},
        "initial": "waiting",
        "states": {
            "waiting": {
                "entry": emit(
                    lambda context: {
                        "type": "arvo.orc.counter",
                        "data": {"parentSubject$$": context["subject"], "goal": context["goal"]},
                    }
                ),
                "on": {
                    "arvo.orc.counter.done": {
                        "target": "over",
                        "actions": assign(lambda event: {"text": f"total {event.data['total']}"}),
                    },
                    "sys.arvo.orc.counter.error": {
                        "target": "over",
                        "actions": assign(
                            lambda event: {"text": f"{event.data['errorName']}: {event.data['errorMessage']}"}
                        ),
                    },
                },
            },
            "over": {"type": "final"},
        },
        "output": lambda context: {"text": context["text"]},
    }
)


TWICE = RetryPolicy(initial_interval=timedelta(milliseconds=10), maximum_attempts=2)


def asker_app(
    *,
    handlers: Iterable[ArvoEventHandler] = (),
    publishers: Mapping[str | None, Publisher] | None = None,
    policy: EmissionPolicy | None = None,
    task_queues: Mapping[str, str] | None = None,
) -> ArvoApp:
    """Return an app whose orchestration asks one question; by default every emission is tried twice."""
    policy = policy or EmissionPolicy(timeout=timedelta(seconds=5), retry=TWICE)
    handlers = list(handlers)
    takers = {*(handler.source for handler in handlers), *(publishers or ()), *(task_queues or ())}
    return ArvoApp(
        orchestrators=[
            create_arvo_orchestrator(executionunits=1, memory=SimpleMachineMemory(), machines=[asker_machine])
        ],
        handlers=handlers,
        publishers=publishers,
        task_queues=task_queues,
        policies={taker: policy for taker in ("com.oracle.ask", "delphi") if taker in takers},
    )


def ask(text: str, domain: str | None = None, **fields: Any) -> ArvoEvent:
    """Return the init event of a new question."""
    return create_arvo_orchestrator_event_factory(asker_contract.version("1.0.0")).init(
        source="com.test.app", data={"parentSubject$$": None, "text": text, "domain": domain}, **fields
    )


def supervisor_app(
    limits: Limits | None = None, children: ChildPolicy | None = None, counter_queue: str | None = None
) -> ArvoApp:
    """Return an app whose orchestration waits for a nested count, which may be on another task queue."""
    machines = [supervisor_machine] if counter_queue else [supervisor_machine, counter_machine]
    return ArvoApp(
        orchestrators=[
            create_arvo_orchestrator(executionunits=1, memory=SimpleMachineMemory(), machines=[machine])
            for machine in machines
        ],
        task_queues={"arvo.orc.counter": counter_queue} if counter_queue else None,
        children=children,
        limits=limits,
    )


def supervise(goal: int) -> ArvoEvent:
    """Return the init event of a new supervision."""
    return create_arvo_orchestrator_event_factory(supervisor_contract.version("1.0.0")).init(
        source="com.test.app", data={"parentSubject$$": None, "goal": goal}
    )


def counter_app(limits: Limits | None = None) -> ArvoApp:
    """Return an app whose orchestration counts events from outside until it reaches its goal."""
    orchestrator = create_arvo_orchestrator(executionunits=1, memory=SimpleMachineMemory(), machines=[counter_machine])
    return ArvoApp(orchestrators=[orchestrator], limits=limits)


app = counter_app()


def start_count(goal: int, parent: str | None = None) -> ArvoEvent:
    """Return the init event of a new count, for a parent or for nobody."""
    return create_arvo_orchestrator_event_factory(counter_contract.version("1.0.0")).init(
        source="com.test.app",
        data={"parentSubject$$": parent, "goal": goal},
        redirectto="arvo.orc.supervisor" if parent else None,
    )


def counted(subject: str, by: int = 1, **fields: Any) -> ArvoEvent:
    """Return an event that adds to a count."""
    return create_arvo_event_factory(tally_contract.version("1.0.0")).emits(
        type="evt.tally.counted",
        source="com.tally.ask",
        subject=subject,
        to="arvo.orc.counter",
        data={"by": by},
        **fields,
    )

"""Side A: the work as Arvo orchestrations, with the adapter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from arvo import (
    ArvoContract,
    ArvoEvent,
    ArvoEventHandler,
    ArvoMachine,
    HandlerOutput,
    assign,
    create_arvo_contract,
    create_arvo_event_factory,
    create_arvo_event_handler,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    create_simple_arvo_contract,
    emit,
    setup_arvo_machine,
)
from arvo_temporal import ArvoApp, EmissionPolicy
from benchmarks.temporal import services
from benchmarks.temporal.loops import AGENT, LOOP, create_loops
from benchmarks.temporal.services import Change, Goal, Key, Operands, Tick, Total, Value

VERSION = "1.0.0"


READ = create_simple_arvo_contract(
    uri="#/benchmark/read", type="number.read", versions={VERSION: {"accepts": Key, "emits": Value}}
)
ADD = create_simple_arvo_contract(
    uri="#/benchmark/add", type="number.add", versions={VERSION: {"accepts": Operands, "emits": Value}}
)
CALL = create_arvo_orchestrator_contract(
    uri="#/benchmark/call", name="call", versions={VERSION: {"init": Key, "complete": Value}}
)
INCREMENT = create_arvo_orchestrator_contract(
    uri="#/benchmark/increment", name="increment", versions={VERSION: {"init": Change, "complete": Value}}
)
FAMILY = create_arvo_orchestrator_contract(
    uri="#/benchmark/family", name="family", versions={VERSION: {"init": Key, "complete": Total}}
)
COUNT = create_arvo_orchestrator_contract(
    uri="#/benchmark/count", name="count", versions={VERSION: {"init": Goal, "complete": Total}}
)
CLOCK = create_arvo_contract(
    uri="#/benchmark/clock",
    type="com.clock.start",
    versions={VERSION: {"accepts": Goal, "emits": {"evt.clock.tick": Tick}}},
)
HANDLERS = (READ.type, ADD.type)
_KEEP_VALUE = assign(lambda event: {"value": event.data["value"]})
_READ = emit(lambda context: {"type": "com.number.read", "data": {"key": context["key"]}})
_VALUE_OUT = {"output": lambda context: {"value": context["value"]}}


def _machine(contract: ArvoContract, services: Sequence[ArvoContract], config: dict[str, Any]) -> ArvoMachine:
    used = {service.type: service.version(VERSION) for service in services}
    setup = setup_arvo_machine(contracts={"self": contract.version(VERSION), "services": used})
    return setup.create_machine({"id": contract.type.rpartition(".")[2], **config})


call_machine = _machine(
    CALL,
    [READ],
    {
        "context": lambda input: {"key": input.data["key"], "value": 0},
        "initial": "reading",
        "states": {
            "reading": {
                "entry": _READ,
                "on": {"evt.number.read.success": {"target": "done", "actions": _KEEP_VALUE}},
            },
            "done": {"type": "final"},
        },
        **_VALUE_OUT,
    },
)
increment_machine = _machine(
    INCREMENT,
    [READ, ADD],
    {
        "context": lambda input: {"key": input.data["key"], "by": input.data["by"], "value": 0},
        "initial": "reading",
        "states": {
            "reading": {
                "entry": _READ,
                "on": {"evt.number.read.success": {"target": "adding", "actions": _KEEP_VALUE}},
            },
            "adding": {
                "entry": emit(
                    lambda context: {
                        "type": "com.number.add",
                        "data": {"value": context["value"], "by": context["by"]},
                    }
                ),
                "on": {"evt.number.add.success": {"target": "done", "actions": _KEEP_VALUE}},
            },
            "done": {"type": "final"},
        },
        **_VALUE_OUT,
    },
)
_NEST = emit(
    lambda context: {
        "type": "arvo.orc.call",
        "data": {"parentSubject$$": context["subject"], "key": context["key"]},
    }
)
family_machine = _machine(
    FAMILY,
    [CALL],
    {
        "context": lambda input: {"subject": input.subject, "key": input.data["key"], "open": 2, "total": 0},
        "initial": "waiting",
        "states": {
            "waiting": {
                "entry": [_NEST, _NEST],
                "on": {
                    "arvo.orc.call.done": {
                        "actions": assign(
                            lambda context, event: {
                                "open": context["open"] - 1,
                                "total": context["total"] + event.data["value"],
                            }
                        )
                    }
                },
                "always": {"guard": lambda context: context["open"] == 0, "target": "done"},
            },
            "done": {"type": "final"},
        },
        "output": lambda context: {"total": context["total"]},
    },
)
count_machine = _machine(
    COUNT,
    [CLOCK],
    {
        "context": lambda input: {"goal": input.data["goal"], "total": 0},
        "initial": "counting",
        "states": {
            "counting": {
                "on": {
                    "evt.clock.tick": {
                        "actions": assign(lambda context, event: {"total": context["total"] + event.data["by"]})
                    }
                },
                "always": {"guard": lambda context: context["total"] >= context["goal"], "target": "done"},
            },
            "done": {"type": "final"},
        },
        "output": lambda context: {"total": context["total"]},
    },
)


def handlers() -> list[ArvoEventHandler]:
    """Return the services."""

    async def read(event: ArvoEvent) -> HandlerOutput:
        value = await services.read(event.data_as(Key))
        return {"type": "evt.number.read.success", "data": value.model_dump()}

    async def add(event: ArvoEvent) -> HandlerOutput:
        value = await services.add(event.data_as(Operands))
        return {"type": "evt.number.add.success", "data": value.model_dump()}

    return [
        create_arvo_event_handler(contract=READ, executionunits=1, handler={VERSION: read}),
        create_arvo_event_handler(contract=ADD, executionunits=1, handler={VERSION: add}),
    ]


def create_app(task_queue: str, policies: Mapping[str | None, EmissionPolicy] | None = None) -> ArvoApp:
    """Return the app of this side."""
    machines = (call_machine, increment_machine, family_machine, count_machine)
    orchestrators = [create_arvo_orchestrator(executionunits=1, machines=[machine]) for machine in machines]
    return ArvoApp(
        orchestrators=[*orchestrators, *create_loops(READ.version(VERSION))],
        handlers=handlers(),
        task_queue=task_queue,
        policies={LOOP.type: EmissionPolicy(mode="inline"), **(policies or {})},
    )


_INIT = {
    contract.type.rpartition(".")[2]: create_arvo_orchestrator_event_factory(contract.version(VERSION))
    for contract in (CALL, INCREMENT, FAMILY, COUNT, AGENT, LOOP)
}
_TICK = create_arvo_event_factory(CLOCK.version(VERSION))


def init_event(kind: str, data: dict[str, Any]) -> ArvoEvent:
    """Return the event that starts an orchestration of a kind."""
    return _INIT[kind].init(source="com.benchmark.client", data={"parentSubject$$": None, **data})


def tick_event(subject: str) -> ArvoEvent:
    """Return an event from outside for a count."""
    return _TICK.emits(type="evt.clock.tick", source="com.clock.start", subject=subject, to=COUNT.type, data={"by": 1})

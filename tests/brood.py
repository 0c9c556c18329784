"""An app whose orchestration starts many others within itself, and goes on."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from arvo import (
    ArvoEvent,
    SimpleMachineMemory,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    enqueue_actions,
    setup_arvo_machine,
)
from arvo_temporal import ArvoApp, Limits
from tests.apps import counter_contract, counter_machine


class Brood(BaseModel):
    """How many to start, and what each of them counts to."""

    many: int
    goal: int


class Nothing(BaseModel):
    """No data."""


brood_contract = create_arvo_orchestrator_contract(
    uri="#/test/brood", name="brood", versions={"1.0.0": {"init": Brood, "complete": Nothing}}
)


def _start(enqueue: Any, context: dict[str, Any]) -> None:
    for _ in range(context["many"]):
        enqueue.emit(
            {"type": "arvo.orc.counter", "data": {"parentSubject$$": context["subject"], "goal": context["goal"]}}
        )


brood_machine = setup_arvo_machine(
    contracts={"self": brood_contract.version("1.0.0"), "services": {"counter": counter_contract.version("1.0.0")}},
).create_machine(
    {
        "id": "brood",
        "context": lambda input: {"subject": input.subject, **input.data},
        "initial": "starting",
        "states": {
            "starting": {"entry": enqueue_actions(_start), "on": {"arvo.orc.counter.done": {}}},
        },
        "output": lambda: {},
    }
)


def brood_app(limits: Limits | None = None) -> ArvoApp:
    """Return the app."""
    machines = (brood_machine, counter_machine)
    return ArvoApp(
        orchestrators=[
            create_arvo_orchestrator(executionunits=1, memory=SimpleMachineMemory(), machines=[machine])
            for machine in machines
        ],
        limits=limits,
    )


def start_brood(many: int, goal: int = 2) -> ArvoEvent:
    """Return the init event of a new one."""
    return create_arvo_orchestrator_event_factory(brood_contract.version("1.0.0")).init(
        source="com.test.app", data={"parentSubject$$": None, "many": many, "goal": goal}
    )

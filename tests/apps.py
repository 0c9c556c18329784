"""Small apps that tests send events to."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from adapter import ArvoApp, Limits
from arvo import (
    ArvoEvent,
    SimpleMachineMemory,
    assign,
    create_arvo_contract,
    create_arvo_event_factory,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    setup_arvo_machine,
)


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


def counter_app(limits: Limits | None = None) -> ArvoApp:
    """Return an app whose orchestration counts events from outside until it reaches its goal."""
    orchestrator = create_arvo_orchestrator(
        executionunits=1, memory=SimpleMachineMemory(), machines=[counter_machine]
    )
    return ArvoApp(orchestrators=[orchestrator], limits=limits)


app = counter_app()


def start_count(goal: int) -> ArvoEvent:
    """Return the init event of a new count."""
    return create_arvo_orchestrator_event_factory(counter_contract.version("1.0.0")).init(
        source="com.test.app", data={"parentSubject$$": None, "goal": goal}
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

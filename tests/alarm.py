"""An app whose orchestration is an alarm: it waits, rings once, and can be disarmed and armed again."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from arvo import (
    ArvoEvent,
    SimpleMachineMemory,
    assign,
    create_arvo_contract,
    create_arvo_event_factory,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    emit,
    setup_arvo_machine,
)
from arvo_temporal import ArvoApp, Limits


class Patience(BaseModel):
    """How long the alarm waits, in milliseconds."""

    patience: float


class Rings(BaseModel):
    """How often it rang."""

    rings: int


class Nothing(BaseModel):
    """No data."""


alarm_contract = create_arvo_orchestrator_contract(
    uri="#/test/alarm", name="alarm", versions={"1.0.0": {"init": Patience, "complete": Rings}}
)
button_contract = create_arvo_contract(
    uri="#/test/button",
    type="com.button.read",
    versions={
        "1.0.0": {
            "accepts": Rings,
            "emits": {"evt.button.pressed": Nothing, "evt.button.touched": Nothing, "evt.button.held": Nothing},
        }
    },
)
alarm_machine = setup_arvo_machine(
    contracts={
        "self": alarm_contract.version("1.0.0"),
        "services": {"button": button_contract.version("1.0.0")},
    },
    delays={"patience": lambda context: context["patience"]},
).create_machine(
    {
        "id": "alarm",
        "context": lambda input: {"patience": input.data["patience"], "rings": 0},
        "initial": "armed",
        "states": {
            "armed": {
                "after": {"patience": "ringing"},
                "on": {"evt.button.pressed": "disarmed", "evt.button.held": "faulty"},
            },
            "disarmed": {
                "after": {"patience": "over"},
                "on": {"evt.button.pressed": "armed"},
            },
            "ringing": {
                "entry": assign(lambda context: {"rings": context["rings"] + 1}),
                "on": {"evt.button.pressed": "over"},
            },
            "faulty": {
                "after": {"patience": {"actions": emit({"type": "com.button.read", "data": {"rings": "many"}})}},
                "on": {"evt.button.pressed": "over"},
            },
            "over": {"type": "final"},
        },
        "output": lambda context: {"rings": context["rings"]},
    }
)


def alarm_app(limits: Limits | None = None) -> ArvoApp:
    """Return an app whose orchestration is an alarm."""
    orchestrator = create_arvo_orchestrator(executionunits=1, memory=SimpleMachineMemory(), machines=[alarm_machine])
    return ArvoApp(orchestrators=[orchestrator], limits=limits)


def arm(patience: float) -> ArvoEvent:
    """Return the init event of a new alarm that rings after `patience` milliseconds."""
    return create_arvo_orchestrator_event_factory(alarm_contract.version("1.0.0")).init(
        source="com.test.app", data={"parentSubject$$": None, "patience": patience}
    )


def button(subject: str, what: str, **fields: Any) -> ArvoEvent:
    """Return an event of an alarm's button: `pressed`, `held`, or `touched`, which changes nothing."""
    return create_arvo_event_factory(button_contract.version("1.0.0")).emits(
        type=f"evt.button.{what}",
        source="com.button.read",
        subject=subject,
        to="arvo.orc.alarm",
        data={},
        **fields,
    )


app = alarm_app()

"""An orchestration that takes coins and makes calls: as a machine, which rings as time passes, and as a function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from arvo import (
    ArvoEvent,
    ArvoOrchestrator,
    ArvoResumable,
    ExecutionViolation,
    ResumableOutput,
    assign,
    create_arvo_contract,
    create_arvo_event_factory,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    create_arvo_resumable,
    create_simple_arvo_contract,
    emit,
    setup_arvo_machine,
)
from tests.resumables import Kind

MINUTE = 60.0


class Nothing(BaseModel):
    """Nothing to say."""


class Tally(BaseModel):
    """What a shift has come to."""

    coins: int
    rings: int
    answers: list[str]


class Coin(BaseModel):
    """What a coin is worth."""

    worth: int


class Word(BaseModel):
    """A word."""

    text: str


SHIFT = create_arvo_orchestrator_contract(
    uri="#/test/shift", name="shift", versions={"1.0.0": {"init": Nothing, "complete": Tally}}
)
SLOT = create_arvo_contract(
    uri="#/test/slot",
    type="com.slot.open",
    versions={
        "1.0.0": {"accepts": Nothing, "emits": {"evt.slot.coin": Coin, "evt.slot.call": Word, "evt.slot.over": Nothing}}
    },
)
PHONE = create_simple_arvo_contract(
    uri="#/test/phone", type="phone.call", versions={"1.0.0": {"accepts": Word, "emits": Word}}
)


def worth(coin: ArvoEvent) -> int:
    """Return what a coin is worth; one of 13 is refused."""
    if coin.data["worth"] == 13:
        raise ExecutionViolation("No coins of 13")
    return int(coin.data["worth"])


MACHINE = setup_arvo_machine(
    contracts={
        "self": SHIFT.version("1.0.0"),
        "services": {"slot": SLOT.version("1.0.0"), "phone": PHONE.version("1.0.0")},
    },
    actions={
        "take": assign(lambda context, event: {"coins": context["coins"] + worth(event)}),
        "ring": assign(lambda context: {"rings": context["rings"] + 1}),
        "hear": assign(lambda context, event: {"answers": [*context["answers"], event.data["text"]]}),
        "miss": assign(lambda context, event: {"answers": [*context["answers"], event.data["errorName"]]}),
    },
).create_machine(
    {
        "id": "shift",
        "context": {"coins": 0, "rings": 0, "answers": []},
        "initial": "open",
        "states": {
            "open": {
                "on": {
                    "evt.slot.coin": {"actions": "take"},
                    "evt.slot.call": "calling",
                    "evt.slot.over": "over",
                },
                "after": {10 * MINUTE * 1000: {"target": "open", "reenter": True, "actions": "ring"}},
            },
            "calling": {
                "entry": emit(lambda event: {"type": "com.phone.call", "data": {"text": event.data["text"]}}),
                "on": {
                    "evt.phone.call.success": {"target": "open", "actions": "hear"},
                    "sys.com.phone.call.error": {"target": "open", "actions": "miss"},
                },
                "after": {25 * MINUTE * 1000: {"target": "open", "actions": "ring"}},
            },
            "over": {"type": "final"},
        },
        "output": lambda context: context,
    }
)


def work(
    context: Any, input: ArvoEvent | None, service: ArvoEvent | None, collected_events: Mapping[str, list[ArvoEvent]]
) -> ResumableOutput:
    """Do as the machine does, but without ringing and with many calls at once, whose answers are numbered."""
    if input is not None:
        return {"context": {"coins": 0, "rings": 0, "answers": []}}
    assert service is not None
    match service.type:
        case "evt.slot.coin":
            return {"context": {**context, "coins": context["coins"] + worth(service)}}
        case "evt.slot.call":
            return {"services": [{"type": "com.phone.call", "data": {"text": service.data["text"]}}]}
        case "evt.slot.over":
            return {"output": context}
    answer = service.data.get("text") or service.data["errorName"]
    number = sum(map(len, collected_events.values()))
    return {"context": {**context, "answers": [*context["answers"], f"{answer} ({number})"]}}


FUNCTION = create_arvo_resumable(
    contracts={"self": SHIFT, "services": {"slot": SLOT.version("1.0.0"), "phone": PHONE.version("1.0.0")}},
    handler={"1.0.0": work},
)


def shifts(kind: Kind) -> ArvoOrchestrator | ArvoResumable:
    """Return the orchestrator of shifts, made of a machine or of a function."""
    return create_arvo_orchestrator(executionunits=1, machines=[MACHINE]) if kind == "machine" else FUNCTION


_SAID: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "coin": ("evt.slot.coin", {"worth": 5}),
    "unlucky coin": ("evt.slot.coin", {"worth": 13}),
    "call": ("evt.slot.call", {"text": "hello"}),
    "over": ("evt.slot.over", {}),
}


def said(subject: str, what: str) -> ArvoEvent:
    """Return what a slot says."""
    type_, data = _SAID[what]
    return create_arvo_event_factory(SLOT.version("1.0.0")).emits(
        type=type_, source="com.slot.open", subject=subject, to="arvo.orc.shift", data=data
    )


def start_shift() -> ArvoEvent:
    """Return the init event of a new shift."""
    return create_arvo_orchestrator_event_factory(SHIFT.version("1.0.0")).init(
        source="com.test.app", data={"parentSubject$$": None}
    )


def answer_to(request: ArvoEvent) -> ArvoEvent:
    """Return what the phone answers."""
    return create_arvo_event_factory(PHONE.version("1.0.0")).emits(
        type="evt.phone.call.success",
        source="com.phone.call",
        id=f"answer to {request.id}",
        subject=request.subject,
        to="arvo.orc.shift",
        data={"text": request.data["text"]},
    )

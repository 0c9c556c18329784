"""An app whose orchestration reads a long tape: a state of constant size, which tells every event and their order."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from arvo import (
    ArvoEvent,
    ArvoResumable,
    ResumableOutput,
    assign,
    create_arvo_contract,
    create_arvo_event_factory,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    create_arvo_resumable,
    setup_arvo_machine,
)
from arvo.orchestration.machine import ArvoMachine
from arvo_temporal import ArvoApp, Limits
from tests.resumables import Kind, policies_of

_PRIME = 2_147_483_647


class Length(BaseModel):
    """How many symbols the tape has."""

    length: int


class Reading(BaseModel):
    """What was read: how many symbols, their sum, and a checksum that depends on their order."""

    count: int
    total: int
    checksum: int


class Symbol(BaseModel):
    """One symbol of the tape."""

    symbol: int


tape_contract = create_arvo_orchestrator_contract(
    uri="#/test/tape", name="tape", versions={"1.0.0": {"init": Length, "complete": Reading}}
)
head_contract = create_arvo_contract(
    uri="#/test/head",
    type="com.head.move",
    versions={"1.0.0": {"accepts": Length, "emits": {"evt.head.read": Symbol}}},
)


def reading(symbols: Iterable[int]) -> dict[str, int]:
    """Return what a tape of these symbols comes to."""
    state = {"count": 0, "total": 0, "checksum": 1}
    for symbol in symbols:
        state = read(state, symbol)
    return state


def read(state: dict[str, Any], symbol: int) -> dict[str, int]:
    """Return what a tape comes to with one more symbol."""
    return {
        "count": state["count"] + 1,
        "total": state["total"] + symbol,
        "checksum": (state["checksum"] * 31 + symbol) % _PRIME,
    }


def tape_machine(seconds: float = 0.0) -> ArvoMachine:
    """Return a machine that reads a tape, and takes so long for each symbol."""

    def read_slowly(context: dict[str, Any], event: ArvoEvent) -> dict[str, int]:
        time.sleep(seconds)
        return read(context, event.data["symbol"])

    return setup_arvo_machine(
        contracts={"self": tape_contract.version("1.0.0"), "services": {"head": head_contract.version("1.0.0")}},
        actions={"read": assign(read_slowly)},
        guards={"is_read": lambda context: context["count"] >= context["length"]},
    ).create_machine(
        {
            "id": "tape",
            "context": lambda input: {"length": input.data["length"], **reading(())},
            "initial": "reading",
            "states": {
                "reading": {
                    "on": {"evt.head.read": {"actions": "read"}},
                    "always": {"guard": "is_read", "target": "over"},
                },
                "over": {"type": "final"},
            },
            "output": lambda context: {name: context[name] for name in ("count", "total", "checksum")},
        }
    )


def read_tape(context: Any, input: ArvoEvent | None, service: ArvoEvent | None) -> ResumableOutput:
    """Read a tape, as the function of a resumable."""
    if input is not None:
        return {"context": {"length": input.data["length"], **reading(())}}
    assert service is not None
    state = read(context, service.data["symbol"])
    return {"context": {**context, **state}} if state["count"] < context["length"] else {"output": state}


def tape_resumable(seconds: float = 0.0) -> ArvoResumable:
    """Return a resumable that reads a tape, and takes so long for each symbol."""

    def read_slowly(context: Any, input: ArvoEvent | None, service: ArvoEvent | None) -> ResumableOutput:
        time.sleep(0 if input else seconds)
        return read_tape(context, input, service)

    return create_arvo_resumable(
        contracts={"self": tape_contract, "services": {"head": head_contract.version("1.0.0")}},
        handler={"1.0.0": read_slowly},
    )


def tape_app(limits: Limits | None = None, *, seconds: float = 0.0, kind: Kind = "machine") -> ArvoApp:
    """Return an app whose orchestration reads a tape, and takes so long for each symbol."""
    orchestrator = (
        create_arvo_orchestrator(executionunits=1, machines=[tape_machine(seconds)])
        if kind == "machine"
        else tape_resumable(seconds)
    )
    return ArvoApp(orchestrators=[orchestrator], policies=policies_of("arvo.orc.tape", kind), limits=limits)


def start_tape(length: int) -> ArvoEvent:
    """Return the init event of a new tape."""
    return create_arvo_orchestrator_event_factory(tape_contract.version("1.0.0")).init(
        source="com.test.app", data={"parentSubject$$": None, "length": length}
    )


def symbol(subject: str, value: int, to: str = "arvo.orc.tape", **fields: Any) -> ArvoEvent:
    """Return the event that the head has read a symbol."""
    return create_arvo_event_factory(head_contract.version("1.0.0")).emits(
        type="evt.head.read",
        source="com.head.move",
        subject=subject,
        to=to,
        data={"symbol": value},
        **fields,
    )

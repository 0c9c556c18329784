"""What an orchestration carries from one run of its workflow to the next (continue-as-new)."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from adapter.dead_letters import DeadLetter
from adapter.ledger import LedgerEntry
from adapter.packing import EMPTY
from adapter.troubles import Trouble


class CarriedTimer(BaseModel):
    """A delayed transition that has not fired. `due` is in seconds since the epoch."""

    id: str | None
    event: dict[str, Any]
    due: float
    firing_id: str


class CarriedState(BaseModel):
    """The state of an orchestration between two runs of its workflow.

    Attributes:
        record: The machine memory record, as Arvo's JSON.
        inbox: JSON of the events that have arrived and were not consumed, packed (`adapter.packing`).
        consumed: Keys of the consumed events that are remembered (`workflows.inbox`), oldest first.
        unhandled: Those of them that the machine did not handle.
        emissions: Produced events whose emission has not ended, packed; the next run emits them again, under the same
            ids.
        failed: Produced events whose emission has failed for good, oldest first.
        children: Init events of the open children, packed, which the next run watches.
        timers: Delayed transitions that have not fired.
        dead_letters: Refused deliveries that have not reached the app's dead-letter publisher.
        ledger: Fates of the newest events.
        counts: How often each fate came up.
        troubles: What keeps it from going on as it should.
        older_troubles: How many older ones, by kind, are not among them.
        steps: How many steps were taken.
        traceparent: The trace of the orchestration, where its init event has none.
        tracestate: What belongs to it.
    """

    record: dict[str, Any] | None
    inbox: str
    consumed: list[str] = []
    unhandled: list[str] = []
    emissions: str = EMPTY
    children: str = EMPTY
    failed: list[dict[str, Any]] = []
    timers: list[CarriedTimer] = []
    dead_letters: list[DeadLetter] = []
    ledger: list[LedgerEntry] = []
    counts: dict[str, int] = {}
    troubles: list[Trouble] = []
    older_troubles: dict[str, int] = {}
    steps: int = 0
    traceparent: str | None = None
    tracestate: str | None = None

"""What an orchestration carries from one run of its workflow to the next (continue-as-new)."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from adapter.dead_letters import DeadLetter
from adapter.ledger import LedgerEntry
from adapter.packing import EMPTY
from adapter.troubles import Trouble
from workflows.chronicle import CarriedChronicle


class CarriedTimer(BaseModel):
    """A delayed transition that has not fired. `due` is in seconds since the epoch, `delay_ms` the whole delay."""

    id: str | None
    event: dict[str, Any]
    due: float
    firing_id: str
    delay_ms: float | None = None


class CarriedMark(BaseModel):
    """When and where an event was produced that has not left, or whose answer has not come.

    Attributes:
        since: When, in seconds since the epoch.
        place: Where the orchestration stood, in words.
    """

    since: float | None = None
    place: str = ""


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
        resolved: Keys of the answers that were given in the place of services, by the ids of their requests.
        children: Init events of the open children, packed, which the next run watches.
        emission_marks: When and where the emissions were produced, in their order.
        child_marks: Likewise of the children.
        timers: Delayed transitions that have not fired.
        dead_letters: Refused deliveries that have not reached the app's dead-letter publisher.
        ledger: Fates of the newest events.
        counts: How often each fate came up.
        troubles: What keeps it from going on as it should.
        older_troubles: How many older ones, by kind, are not among them.
        steps: How many steps were taken.
        chronicle: Since when each state is active, and the last steps.
        traceparent: The trace of the orchestration, where its init event has none.
        tracestate: What belongs to it.
    """

    record: dict[str, Any] | None
    inbox: str
    consumed: list[str] = []
    unhandled: list[str] = []
    resolved: dict[str, str] = {}
    emissions: str = EMPTY
    children: str = EMPTY
    emission_marks: list[CarriedMark] = []
    child_marks: list[CarriedMark] = []
    failed: list[dict[str, Any]] = []
    timers: list[CarriedTimer] = []
    dead_letters: list[DeadLetter] = []
    ledger: list[LedgerEntry] = []
    counts: dict[str, int] = {}
    troubles: list[Trouble] = []
    older_troubles: dict[str, int] = {}
    steps: int = 0
    chronicle: CarriedChronicle = CarriedChronicle()
    traceparent: str | None = None
    tracestate: str | None = None

"""What becomes of a delivered event: exactly one fate each, kept in a bounded ledger."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

_PAYLOADS_KEPT = 128 * 1024
"""Characters of refused events that a ledger keeps in all: Temporal takes at most 2 MB from run to run."""
_TEXT_KEPT = 2000
"""Characters of each text of an entry, beside the payload: as many as a field may have that comes from outside."""
_TEXTS_KEPT = 256 * 1024
"""Characters of all these texts together; where they are longer, fewer entries are kept."""


class Fate(StrEnum):
    """The fates of an event."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    UNHANDLED = "unhandled"
    REFUSED = "refused"
    FAILED = "failed"
    LATE = "late"


class LedgerEntry(BaseModel):
    """The fate of one delivery.

    Attributes:
        id: The id of the event; None where what came is no event.
        source: The source of the event, which names it together with the id; None where what came is no event.
        type: The type of the event; None where what came is no event.
        fate: What became of it.
        step: The number of the step that it caused, counted from 1, where it was applied, or has failed.
        code: Name of the violation that refused it, or of what the machine threw; of a system error that nobody
            handled, the name of that error.
        reason: Why, for everything but `applied`; of a system error that nobody handled, first what it tells.
        time: When, in ISO 8601.
        payload: The text that came, of a refused event, cut at 4,096 characters; of older ones it is dropped, so that
            the ledger stays small enough to be carried from run to run.
        dismissed: Whether somebody has said that it needs no cure; None where nobody has.
        complete: Whether `payload` is all that came; None where nothing of it was kept in the first place.
    """

    model_config = ConfigDict(frozen=True)

    id: str | None = None
    source: str | None = None
    type: str | None = None
    fate: Fate
    time: str
    step: int | None = None
    code: str | None = None
    reason: str | None = None
    payload: str | None = None
    complete: bool | None = None
    dismissed: bool | None = None


class Ledger:
    """The newest fates in order, and a count of all.

    Args:
        size: How many entries are kept.
        entries: Entries of an earlier run.
        counts: Counts of an earlier run.
    """

    def __init__(self, size: int, entries: Iterable[LedgerEntry] = (), counts: dict[str, int] | None = None) -> None:
        self.entries: deque[LedgerEntry] = deque(entries)
        self.counts: dict[str, int] = dict(counts or {})
        self._size = size
        self._kept = sum(map(_payload_length, self.entries))
        self._length = sum(map(_length, self.entries))

    def enter(self, entry: LedgerEntry) -> LedgerEntry:
        """Enter one fate, and return the entry as it is kept: texts of any length are cut."""
        length = _length(entry)
        if length > _TEXT_KEPT:
            entry = _shortened(entry)
            length = _length(entry)
        self.entries.append(entry)
        self._kept += _payload_length(entry)
        self._length += length
        while len(self.entries) > self._size or self._length > _TEXTS_KEPT:
            oldest = self.entries.popleft()
            self._kept -= _payload_length(oldest)
            self._length -= _length(oldest)
        self.counts[entry.fate] = self.counts.get(entry.fate, 0) + 1
        if self._kept > _PAYLOADS_KEPT:
            self._drop_old_payloads()
        return entry

    def dismiss(self, event_id: str | None, fates: Collection[Fate]) -> None:
        """Note that the troubles behind entries need no cure.

        Args:
            event_id: The id of their events; None for all.
            fates: Their fates. What is unhandled is trouble only where it tells an error.
        """
        for position, entry in enumerate(self.entries):
            if entry.fate in fates and entry.code is not None and event_id in (None, entry.id):
                self.entries[position] = entry.model_copy(update={"dismissed": True})

    def _drop_old_payloads(self) -> None:
        room = _PAYLOADS_KEPT
        for position in reversed(range(len(self.entries))):
            entry = self.entries[position]
            room -= len(entry.payload or "")
            if room < 0 and entry.payload is not None:
                self.entries[position] = entry.model_copy(update={"payload": None, "complete": False})
        self._kept = sum(map(_payload_length, self.entries))

    def violations(self) -> list[LedgerEntry]:
        """Return the refused deliveries that are still kept, oldest first."""
        return [entry for entry in self.entries if entry.fate is Fate.REFUSED]

    def to_json(self) -> list[dict[str, Any]]:
        """Return the entries, oldest first."""
        return [entry.model_dump(mode="json", exclude_none=True) for entry in self.entries]


def _payload_length(entry: LedgerEntry) -> int:
    return len(entry.payload or "")


def _length(entry: LedgerEntry) -> int:
    named = len(entry.id or "") + len(entry.source or "") + len(entry.type or "")
    return named + len(entry.code or "") + len(entry.reason or "")


def _shortened(entry: LedgerEntry) -> LedgerEntry:
    texts = {name: getattr(entry, name) for name in ("id", "source", "type", "code", "reason")}
    return entry.model_copy(update={name: text[:_TEXT_KEPT] for name, text in texts.items() if text is not None})

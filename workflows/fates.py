"""The fate of everything that arrives: entered into the ledger, and of what is refused a dead letter is sent too."""

from __future__ import annotations

from typing import Any

from temporalio import workflow

from adapter.ledger import Fate, Ledger, LedgerEntry
from adapter.plain_text import plain_text
from adapter.resolution import RESOLVED_BY
from adapter.troubles import TroubleKind
from arvo.errors import ArvoError, error_name, shorten
from arvo.events import ArvoEvent
from arvo.wire import is_system_error_type
from workflows.dead_letters import DeadLetters
from workflows.reports import Reports
from workflows.trouble import Troubles

_PAYLOAD_KEPT = 4096
_MESSAGE_KEPT = 1000
_UNHEARD = (Fate.UNHANDLED, Fate.LATE)
_CONSUMED = (Fate.APPLIED, Fate.UNHANDLED, Fate.FAILED)


class Fates:
    """Enters what becomes of what has arrived.

    Args:
        ledger: Where fates are kept.
        dead_letters: How refusals leave.
        troubles: What of them keeps the orchestration from going on as it should.
        reports: What logs and metrics are told.
    """

    def __init__(self, ledger: Ledger, dead_letters: DeadLetters, troubles: Troubles, reports: Reports) -> None:
        self.ledger = ledger
        self._dead_letters = dead_letters
        self._troubles = troubles
        self._reports = reports

    def enter(self, event: ArvoEvent | None, fate: Fate, **facts: Any) -> LedgerEntry:
        """Enter a fate.

        Args:
            event: The event that has it; None where what has arrived is none.
            fate: The fate.
            **facts: What else the entry says, as `LedgerEntry` has it.
        """
        if event is not None and RESOLVED_BY in event.extensions:
            facts.setdefault(
                "reason", f"It was given by {shorten(event.extensions[RESOLVED_BY])} in its service's place."
            )
        if event is not None and fate in _UNHEARD and is_system_error_type(event.type):
            facts |= self._cry(event, fate, str(facts.get("reason", "")))
        entry = LedgerEntry(
            id=event.id if event else None,
            source=event.source if event else None,
            type=event.type if event else None,
            fate=fate,
            time=workflow.now().isoformat(),
            **facts,
        )
        self._note_trouble(event, entry)
        self._reports.event(event, entry)
        return self.ledger.enter(entry)

    def refuse(self, event: ArvoEvent | None, error: ArvoError, text: str) -> None:
        """Keep what cannot be consumed, with its reason; the orchestration goes on unharmed.

        Args:
            event: The event; None where what has arrived is none.
            error: The violation that refuses it.
            text: All that has arrived.
        """
        entry = self.enter(
            event,
            Fate.REFUSED,
            code=error_name(error),
            reason=str(error),
            payload=text[:_PAYLOAD_KEPT],
            complete=len(text) <= _PAYLOAD_KEPT,
        )
        self._dead_letters.add(entry, text)

    def _note_trouble(self, event: ArvoEvent | None, entry: LedgerEntry) -> None:
        if entry.fate is Fate.REFUSED:
            self._troubles.begin(TroubleKind.REFUSED, event, since=entry.time, code=entry.code)
        elif event is not None and entry.fate in _CONSUMED:
            self._troubles.end(TroubleKind.REFUSED, event)
            if entry.fate is Fate.UNHANDLED and is_system_error_type(event.type):
                self._troubles.begin(TroubleKind.UNHANDLED, event, since=entry.time, code=entry.code)

    def _cry(self, error: ArvoEvent, fate: Fate, reason: str) -> dict[str, Any]:
        """Log that a system error comes to nothing; return what the ledger says of it: what it tells, first of all."""
        name, message = str(error.data.get("errorName")), str(error.data.get("errorMessage"))
        self._reports.unheard(error, fate, name, plain_text(message[:_MESSAGE_KEPT]))
        return {
            "code": name,
            "reason": f"{name}: {message}"[:_MESSAGE_KEPT] + f" (in answer to '{error.parentid}'; {reason})",
        }

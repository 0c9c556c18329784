"""The frame around what an event does to an orchestration: its span, how it ends, and what is written on it."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from arvo.errors import ViolationError
from arvo.events import ArvoEvent
from arvo.handling import EXECUTION_STATUS, SUBJECT_NAME, SUBJECT_VERSION, note_outcome, note_violation
from arvo.orchestration import journal
from arvo.orchestration.admission import Address, Admission, Ignored, admit, read_address
from arvo.orchestration.step import OrchestrationStep
from arvo.orchestration.transaction import Transaction
from arvo.telemetry import ActiveSpan


class Frame:
    """What surrounds an execution, to be entered with `with`: a violation that leaves it ends its span as an error."""

    __slots__ = ("_span", "_transaction")

    def __init__(self, span: ActiveSpan, transaction: Transaction[Any] | None = None) -> None:
        """Frame an execution.

        Args:
            span: Its span, not yet entered.
            transaction: Where the execution takes its record from, if it does.
        """
        self._span = span
        self._transaction = transaction

    def __enter__(self) -> Self:
        self._span.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, stack: TracebackType | None
    ) -> None:
        if isinstance(error, ViolationError):
            note_violation(self._span, error)
        if self._transaction is not None:
            journal.lock_left(self._transaction.held, self._transaction.unreleased)
        self._span.__exit__(kind, error, stack)

    def address(self, event: ArvoEvent, source: str) -> Address:
        """Return who an event is for, as `read_address` does."""
        journal.started()
        address = read_address(event, source)
        if self._span.is_recording:
            orchestrator = address.subject.orchestrator
            self._span.set_attributes({SUBJECT_NAME: orchestrator.name, SUBJECT_VERSION: orchestrator.version})
        return address

    def admit(self, address: Address, record: Mapping[str, Any] | None) -> Admission:
        """Decide whether an event concerns an orchestration, as the function of this name does."""
        admission = admit(address, record)
        journal.admission_decided(address, admission)
        if admission is Ignored.FAILED:
            self._span.set_attributes({EXECUTION_STATUS: "failure"})
            self._span.fail(journal.failed_before(address.event))
        return admission

    def conclude(self, step: OrchestrationStep[Any]) -> None:
        """Write what has come of the event."""
        note_outcome(self._span, step.events, step.error)

"""Access to one orchestration's record as a transaction: lock, read, write, unlock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from typing import Any, ClassVar, Generic, cast

from arvo.errors import ViolationError, shorten
from arvo.events import ArvoEvent
from arvo.orchestration import journal
from arvo.orchestration.memory import IMachineMemory
from arvo.orchestration.step import OrchestrationStep, RecordT


class TransactionViolationCause(StrEnum):
    """Which part of the transaction on the machine memory failed."""

    READ_FAILURE = "READ_MACHINE_MEMORY_FAILURE"
    LOCK_FAILURE = "LOCK_MACHINE_MEMORY_FAILURE"
    WRITE_FAILURE = "WRITE_MACHINE_MEMORY_FAILURE"
    LOCK_UNACQUIRED = "LOCK_UNACQUIRED"


class TransactionViolation(ViolationError):
    """The machine memory could not be locked, read or written; the event may be sent again.

    Attributes:
        cause: Which of these.
        initiating_event: The event that was being processed.
    """

    code: ClassVar[str] = "ARVO134"
    type: ClassVar[str] = "OrchestratorTransaction"

    def __init__(
        self,
        message: str,
        *,
        cause: TransactionViolationCause,
        initiating_event: ArvoEvent,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"[{cause}] {message}", metadata={**(metadata or {}), "initiatingEvent": initiating_event})
        self.cause = cause
        self.initiating_event = initiating_event


class Transaction(Generic[RecordT]):
    """One event's access to the record of its subject.

    Attributes:
        held: Whether the subject was locked.
        unreleased: Why the lock could not be given up again.
    """

    __slots__ = ("_event", "_locks", "_memory", "held", "unreleased")

    def __init__(self, memory: IMachineMemory, event: ArvoEvent, *, locks: bool) -> None:
        self.held = False
        self.unreleased: Exception | None = None
        self._memory = memory
        self._event = event
        self._locks = locks

    async def run(
        self, work: Callable[[RecordT | None], Awaitable[OrchestrationStep[RecordT]]]
    ) -> OrchestrationStep[RecordT]:
        """Lock the subject and read its record, let `work` make a step of it, write what it leaves, and unlock.

        Raises:
            TransactionViolation: The lock is taken, or the memory fails; nothing is stored.
            Exception: What `work` raises, or why its step could not report a failure.
        """
        journal.lock_wanted(self._locks)
        if self._locks:
            await self._acquire()
        try:
            journal.record_wanted(self.held)
            previous = await self._read()
            step = await work(previous)
            if step.record is not None:
                await self._store(step, step.record, previous)
        finally:
            if self.held:
                await self._release()
        if step.unreported is not None:
            raise step.unreported
        return step

    async def _acquire(self) -> None:
        try:
            self.held = await self._memory.lock(self._event.subject)
        except Exception as error:
            raise self._violation(TransactionViolationCause.LOCK_FAILURE, f"Error acquiring lock: {error}") from error
        if not self.held:
            problem = "Lock acquisition denied: another event of this subject is being processed"
            raise self._violation(TransactionViolationCause.LOCK_UNACQUIRED, problem)

    async def _release(self) -> None:
        try:
            await self._memory.unlock(self._event.subject)
        except Exception as error:
            # The event is processed: failing now would have it sent again. Locks of a memory that cannot
            # release them are expected to expire.
            self.unreleased = error

    async def _read(self) -> RecordT | None:
        try:
            record = await self._memory.read(self._event.subject)
        except Exception as error:
            raise self._violation(TransactionViolationCause.READ_FAILURE, f"Error reading state: {error}") from error
        if record is not None and not isinstance(record, Mapping):
            problem = f"Error reading state: the memory answered with {shorten(record)} instead of a record"
            raise self._violation(TransactionViolationCause.READ_FAILURE, problem)
        return cast("RecordT | None", record)

    async def _store(self, step: OrchestrationStep[RecordT], record: RecordT, previous: RecordT | None) -> None:
        journal.storing_begun()
        unstored = None
        try:
            await self._write(record, previous)
        except TransactionViolation as error:
            # A failure is reported even if it cannot be stored: silence would be worse than a repetition.
            if step.error is None:
                raise
            unstored = error
        journal.step_stored(len(step.events), step.error, unstored)

    async def _write(self, record: RecordT, previous: RecordT | None) -> None:
        try:
            await self._memory.write(self._event.subject, record, previous)
        except Exception as error:
            raise self._violation(TransactionViolationCause.WRITE_FAILURE, f"Error writing state: {error}") from error

    def _violation(self, cause: TransactionViolationCause, problem: str) -> TransactionViolation:
        event = self._event
        return TransactionViolation(
            f"{problem} (event id='{event.id}', subject={event.subject})", cause=cause, initiating_event=event
        )

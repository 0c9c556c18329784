"""Access to one orchestration's record as a transaction: lock, read, write, unlock."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar, cast

from arvo.errors import ViolationError, shorten
from arvo.events import ArvoEvent
from arvo.orchestration.memory import IMachineMemory
from arvo.telemetry import log

RecordT = TypeVar("RecordT", bound=Mapping[str, Any])


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


class SyncEventResource(Generic[RecordT]):
    """Records of orchestrations in a memory, each read and written under the lock of its subject.

    Attributes:
        memory: Where the records are.
        requires_resource_locking: Whether to lock at all.
    """

    def __init__(self, memory: IMachineMemory, *, requires_resource_locking: bool) -> None:
        self.memory = memory
        self.requires_resource_locking = requires_resource_locking

    async def acquire(self, event: ArvoEvent) -> bool:
        """Take the lock on the event's subject, if that is locked at all; whether there is something to release.

        Raises:
            TransactionViolation: The lock is taken, or the memory fails.
        """
        if not self.requires_resource_locking:
            log("INFO", "No lock is required")
            return False
        log("INFO", "Acquiring the lock")
        try:
            acquired = await self.memory.lock(event.subject)
        except Exception as error:
            raise _violation(TransactionViolationCause.LOCK_FAILURE, f"Error acquiring lock: {error}", event) from error
        if not acquired:
            problem = "Lock acquisition denied: another event of this subject is being processed"
            raise _violation(TransactionViolationCause.LOCK_UNACQUIRED, problem, event)
        log("INFO", "Lock acquired")
        return True

    async def release(self, event: ArvoEvent, *, held: bool) -> None:
        """Release the lock on the event's subject if it is held; never raises."""
        if not held:
            log("INFO", "There is no lock to release")
            return
        try:
            await self.memory.unlock(event.subject)
        except Exception as error:
            # The event is processed: failing now would have it sent again. Locks of a memory that cannot
            # release them are expected to expire.
            log("ERROR", f"The lock cannot be released: {error}")
        else:
            log("INFO", "Lock released")

    async def read(self, event: ArvoEvent) -> RecordT | None:
        """The record of the event's subject, or None.

        Raises:
            TransactionViolation: The memory fails, or answers with something else.
        """
        log("INFO", "Reading the state")
        try:
            record = await self.memory.read(event.subject)
        except Exception as error:
            raise _violation(TransactionViolationCause.READ_FAILURE, f"Error reading state: {error}", event) from error
        if record is not None and not isinstance(record, Mapping):
            problem = f"Error reading state: the memory answered with {shorten(record)} instead of a record"
            raise _violation(TransactionViolationCause.READ_FAILURE, problem, event)
        return cast("RecordT | None", record)

    async def write(self, event: ArvoEvent, record: RecordT, previous: RecordT | None) -> None:
        """Store the record of the event's subject.

        Raises:
            TransactionViolation: The memory fails.
        """
        log("INFO", "Persisting the state")
        try:
            await self.memory.write(event.subject, record, previous)
        except Exception as error:
            raise _violation(TransactionViolationCause.WRITE_FAILURE, f"Error writing state: {error}", event) from error


def _violation(cause: TransactionViolationCause, problem: str, event: ArvoEvent) -> TransactionViolation:
    return TransactionViolation(
        f"{problem} (event id='{event.id}', subject={event.subject})", cause=cause, initiating_event=event
    )

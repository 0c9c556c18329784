"""Access to one orchestration's record as a transaction: lock, read, write, unlock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar, cast

from arvo.errors import TransactionViolation, shorten
from arvo.errors import TransactionViolationCause as Cause
from arvo.event import ArvoEvent
from arvo.memory import IMachineMemory
from arvo.telemetry import log

RecordT = TypeVar("RecordT", bound=Mapping[str, Any])


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
            raise _violation(Cause.LOCK_FAILURE, f"Error acquiring lock: {error}", event) from error
        if not acquired:
            problem = "Lock acquisition denied: another event of this subject is being processed"
            raise _violation(Cause.LOCK_UNACQUIRED, problem, event)
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
            raise _violation(Cause.READ_FAILURE, f"Error reading state: {error}", event) from error
        if record is not None and not isinstance(record, Mapping):
            problem = f"Error reading state: the memory answered with {shorten(record)} instead of a record"
            raise _violation(Cause.READ_FAILURE, problem, event)
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
            raise _violation(Cause.WRITE_FAILURE, f"Error writing state: {error}", event) from error


def _violation(cause: Cause, problem: str, event: ArvoEvent) -> TransactionViolation:
    return TransactionViolation(
        f"{problem} (event id='{event.id}', subject={event.subject})", cause=cause, initiating_event=event
    )

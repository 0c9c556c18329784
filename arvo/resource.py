"""Access to one orchestration's record as a transaction: lock, read, write, unlock."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Generic, TypeVar, cast

from arvo.errors import TransactionViolation
from arvo.errors import TransactionViolationCause as Cause
from arvo.event import ArvoEvent
from arvo.memory import IMachineMemory

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

    @asynccontextmanager
    async def locked(self, event: ArvoEvent) -> AsyncIterator[None]:
        """Hold the lock on the event's subject; it is released in every case.

        Raises:
            TransactionViolation: The lock is taken, or the memory fails.
        """
        if not self.requires_resource_locking:
            yield
            return
        await self._lock(event)
        try:
            yield
        finally:
            await self._unlock(event)

    async def read(self, event: ArvoEvent) -> RecordT | None:
        """The record of the event's subject, or None.

        Raises:
            TransactionViolation: The memory fails.
        """
        try:
            return cast("RecordT | None", await self.memory.read(event.subject))
        except Exception as error:
            raise _violation(Cause.READ_FAILURE, f"Error reading state: {error}", event) from error

    async def write(self, event: ArvoEvent, record: RecordT, previous: RecordT | None) -> None:
        """Store the record of the event's subject.

        Raises:
            TransactionViolation: The memory fails.
        """
        try:
            await self.memory.write(event.subject, record, previous)
        except Exception as error:
            raise _violation(Cause.WRITE_FAILURE, f"Error writing state: {error}", event) from error

    async def _lock(self, event: ArvoEvent) -> None:
        try:
            acquired = await self.memory.lock(event.subject)
        except Exception as error:
            raise _violation(Cause.LOCK_FAILURE, f"Error acquiring lock: {error}", event) from error
        if not acquired:
            problem = "Lock acquisition denied: another event of this subject is being processed"
            raise _violation(Cause.LOCK_UNACQUIRED, problem, event)

    async def _unlock(self, event: ArvoEvent) -> None:
        try:
            await self.memory.unlock(event.subject)
        except Exception:
            # The event is processed: failing now would have it sent again. Locks of a memory that cannot
            # release them are expected to expire.
            return


def _violation(cause: Cause, problem: str, event: ArvoEvent) -> TransactionViolation:
    return TransactionViolation(
        f"{problem} (event id='{event.id}', subject={event.subject})", cause=cause, initiating_event=event
    )

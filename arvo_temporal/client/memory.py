"""Temporal as Arvo's machine memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from adapter.app import ArvoApp
from adapter.errors import (
    MemoryIsReadOnlyError,
    OrchestrationNotFoundError,
    OrchestrationSilentError,
    OrchestrationTimeoutError,
)
from adapter.identity import workflow_id
from adapter.temporal_errors import is_not_found
from arvo.orchestration import OrchestrationRecord
from arvo_temporal.client.client import ArvoClient

_PATIENCE = 3.0


class TemporalMachineMemory:
    """`IMachineMemory` over the orchestrations on a Temporal server.

    It reads running and closed orchestrations. Writing and locking are the workflow's alone: its history is the
    storage, and consuming one event at a time is the lock.

    Args:
        client: A Temporal client.
        app: The app whose orchestrations are read. With it, what no worker answers for is rebuilt from its history,
            in this process; also, its codec reads what the client's does not.
    """

    def __init__(self, client: Client, app: ArvoApp | None = None) -> None:
        self._app = app
        self._client = ArvoClient(client, app)

    async def read(self, subject: str, /) -> OrchestrationRecord | None:
        """Return the record of an orchestration; None if there is none.

        A running orchestration answers itself, which takes a worker; a completed or failed one is read from its
        history. Where no worker answers, and of one that was cancelled, terminated or timed out, the record is that
        after its last step, rebuilt by the app's machines.

        Raises:
            InvalidSubjectError: If `subject` is not an orchestration subject.
            OrchestrationSilentError: If no worker answers, and this memory has no app to rebuild the record.
            HistoryDiffersError: If the app's code does not do what the history says was done.
        """
        identity = workflow_id(subject)
        try:
            description = await self._client.client.get_workflow_handle(identity).describe()
            if description.status is not WorkflowExecutionStatus.RUNNING:
                return await self._client.record(identity)
            return await self._ask(identity)
        except RPCError as error:
            if is_not_found(error):
                return None
            raise
        except OrchestrationNotFoundError:
            return None
        except OrchestrationSilentError:
            if self._app is None:
                raise
        steps = await self._client.history(identity)
        return steps[-1].record if steps else None

    async def write(self, subject: str, data: Mapping[str, Any], previous: Mapping[str, Any] | None = None, /) -> None:
        """Refuse: the orchestration's workflow writes its own record."""
        self._refuse(subject, "written")

    async def lock(self, subject: str, /) -> bool:
        """Refuse: the orchestration's workflow is its own lock."""
        self._refuse(subject, "locked")

    async def unlock(self, subject: str, /) -> bool:
        """Refuse: the orchestration's workflow is its own lock."""
        self._refuse(subject, "unlocked")

    async def _ask(self, identity: str) -> OrchestrationRecord | None:
        """Ask the orchestration's worker; not for long, where there is another way."""
        try:
            return await self._client.record(identity, timeout=_PATIENCE if self._app else None)
        except OrchestrationTimeoutError as error:
            raise OrchestrationSilentError(str(error), workflow_id=identity) from error

    def _refuse(self, subject: str, done: str) -> NoReturn:
        raise MemoryIsReadOnlyError(
            f"The memory of '{workflow_id(subject)}' cannot be {done} from outside: the workflow does it. "
            "Deliver an event with ArvoClient instead.",
            workflow_id=workflow_id(subject),
        )

"""Temporal as Arvo's machine memory."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, NoReturn

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from adapter.app import ArvoApp
from adapter.errors import (
    MemoryIsReadOnlyError,
    OrchestrationFailedError,
    OrchestrationNotFoundError,
    OrchestrationSilentError,
)
from adapter.identity import workflow_id
from adapter.memo import MEMO, remembered_definition
from adapter.temporal_errors import is_not_found
from arvo.orchestration import MachineMemoryRecord
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

    async def read(self, subject: str, /) -> MachineMemoryRecord | None:
        """Return the record of an orchestration; None if there is none.

        A running orchestration answers itself, which takes a worker; a completed or failed one is read from its
        history. Where no worker answers, and of one that was cancelled, terminated or timed out, the record is that
        after its last step, rebuilt by the app's machines.

        Raises:
            InvalidSubjectError: If `subject` is not an orchestration subject.
            OrchestrationSilentError: If no worker answers, and this memory has no app to rebuild the record.
            HistoryDiffersError: If the app's code does not do what the history says was done.
        """
        handle = self._client.client.get_workflow_handle(workflow_id(subject))
        try:
            description = await handle.describe()
        except RPCError as error:
            if is_not_found(error):
                return None
            raise
        if description.status in (WorkflowExecutionStatus.COMPLETED, WorkflowExecutionStatus.FAILED):
            memo = await description.memo_value(MEMO, None)
            return _complete(await self._read_closed(subject), remembered_definition(memo))
        try:
            if description.status is WorkflowExecutionStatus.RUNNING or self._app is None:
                return await self._ask(subject)
        except OrchestrationNotFoundError:
            return None
        except OrchestrationSilentError:
            if self._app is None:
                raise
        steps = await self._client.history(subject)
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

    async def _read_closed(self, subject: str) -> MachineMemoryRecord | None:
        try:
            return await self._client.result(subject)
        except OrchestrationFailedError as error:
            return error.record

    async def _ask(self, subject: str) -> MachineMemoryRecord | None:
        """Ask the orchestration's worker; not for long, where there is another way."""
        try:
            async with asyncio.timeout(_PATIENCE if self._app else None):
                return await self._client.record(subject)
        except TimeoutError as error:
            identity = workflow_id(subject)
            raise OrchestrationSilentError(
                f"No worker answers for the orchestration '{identity}' in {_PATIENCE:g} seconds.", workflow_id=identity
            ) from error

    def _refuse(self, subject: str, done: str) -> NoReturn:
        raise MemoryIsReadOnlyError(
            f"The memory of '{workflow_id(subject)}' cannot be {done} from outside: the workflow does it. "
            "Deliver an event with ArvoClient instead.",
            workflow_id=workflow_id(subject),
        )


def _complete(record: MachineMemoryRecord | None, definition: str | None) -> MachineMemoryRecord | None:
    """Return a record with the definition, which the result of a nested orchestration leaves to the memo."""
    if record is None or definition is None or record["executionStatus"] == "failure":
        return record
    return {**record, "machineDefinition": definition}

"""What an orchestration tells of itself: a running one by its worker, a closed one by what the server has of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowQueryFailedError,
)
from temporalio.common import RawValue
from temporalio.service import RPCError

from adapter.app import ArvoApp
from adapter.endings import Ending
from adapter.errors import (
    HistoryDiffersError,
    OrchestrationFailedError,
    OrchestrationNotFoundError,
    OrchestrationSilentError,
)
from adapter.memo import MEMO, remembered_definition
from adapter.queries import LedgerSnapshot, query_ledger, query_record, query_requests, query_troubles, query_view
from adapter.resolution import OpenRequest
from adapter.temporal_errors import is_not_found, is_unanswered
from adapter.troubles import Trouble
from adapter.view import OrchestrationView
from arvo.orchestration import OrchestrationRecord
from arvo_temporal.client.waiting import time_skipping
from arvo_temporal.replay import replayed_ledger, replayed_steps, replayed_view

T = TypeVar("T")

_OPEN = (WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.CONTINUED_AS_NEW)
_WITH_RECORD = (WorkflowExecutionStatus.COMPLETED, WorkflowExecutionStatus.FAILED)


class Reader:
    """Reads records and ledgers. Of closed orchestrations no worker is asked where there is another way.

    Args:
        client: A Temporal client.
        app: The app that rebuilds from a history what nobody has written down; without it a worker is asked.
    """

    def __init__(self, client: Client, app: ArvoApp | None) -> None:
        self._client = client
        self._app = app

    async def result(self, identity: str) -> OrchestrationRecord:
        """Wait for the end and return the last record.

        Raises:
            OrchestrationNotFoundError: If the server knows no such orchestration.
            OrchestrationFailedError: If it failed, was cancelled, terminated or timed out.
        """
        handle = self._client.get_workflow_handle(identity, result_type=dict[str, Any])
        try:
            with _known(identity):
                async with time_skipping(self._client):
                    record: OrchestrationRecord = await handle.result()
        except WorkflowFailureError as error:
            raise _failed(identity, error) from error
        return record

    async def record(self, identity: str) -> OrchestrationRecord | None:
        """Return the present record, or the last one; None where there is none.

        Raises:
            OrchestrationNotFoundError: If the server knows no such orchestration.
            OrchestrationSilentError: If a worker is needed, and none answers.
            HistoryDiffersError: If it was ended by force, and neither the app's code nor a worker's fits its history.
        """
        description = await self.describe(identity)
        if description.status in _WITH_RECORD:
            memo = await description.memo_value(MEMO, None)
            return _complete(await self._last_record(identity), remembered_definition(memo))
        return await self._ask(identity, description, query_record, _last_step)

    async def is_closed(self, identity: str) -> bool:
        """Tell whether an orchestration has ended, however that was.

        Raises:
            OrchestrationNotFoundError: If the server knows no such orchestration.
        """
        return (await self.describe(identity)).status not in _OPEN

    async def ledger(self, identity: str) -> LedgerSnapshot:
        """Return the fates of the newest events.

        Raises:
            OrchestrationNotFoundError: If the server knows no such orchestration.
            OrchestrationSilentError: If a worker is needed, and none answers.
            HistoryDiffersError: If it is closed, and neither the app's code nor a worker's fits its history.
        """
        return await self._ask(identity, await self.describe(identity), query_ledger, replayed_ledger)

    async def requests(self, identity: str) -> list[OpenRequest]:
        """Return the requests that are open or have failed; of a closed orchestration none.

        Raises:
            OrchestrationNotFoundError: If the server knows no such orchestration.
            OrchestrationSilentError: If no worker answers.
        """
        description = await self.describe(identity)
        return await self._query(identity, query_requests) if description.status in _OPEN else []

    async def troubles(self, identity: str) -> list[Trouble]:
        """Return the present troubles; of a closed orchestration none.

        Raises:
            OrchestrationNotFoundError: If the server knows no such orchestration.
            OrchestrationSilentError: If no worker answers.
        """
        description = await self.describe(identity)
        return await self._query(identity, query_troubles) if description.status in _OPEN else []

    async def view(self, identity: str, description: WorkflowExecutionDescription) -> OrchestrationView | None:
        """Return what an orchestration tells of itself; None where it has never begun.

        Args:
            identity: Its workflow id.
            description: What the server says of it.

        Raises:
            ArvoError: As `ledger` does.
        """
        return await self._ask(identity, description, query_view, replayed_view)

    async def require_readable(self, identity: str) -> None:
        """Refuse to act on an orchestration whose answer could not be read here: it would be done all the same.

        Raises:
            OrchestrationNotFoundError: If the server knows no such orchestration.
            EncodedPayloadError: What it has is encoded, and nothing here can decode it.
        """
        await (await self.describe(identity)).memo_value(MEMO, None, type_hint=RawValue)

    async def describe(self, identity: str) -> WorkflowExecutionDescription:
        """Return what the server says of an orchestration.

        Raises:
            OrchestrationNotFoundError: It knows no such orchestration.
        """
        with _known(identity):
            return await self._client.get_workflow_handle(identity).describe()

    async def _last_record(self, identity: str) -> OrchestrationRecord | None:
        try:
            return await self.result(identity)
        except OrchestrationFailedError as error:
            return error.record

    async def _ask(
        self,
        identity: str,
        description: WorkflowExecutionDescription,
        query: Callable[[Client, str], Awaitable[T]],
        rebuild: Callable[[Client, ArvoApp, str], Awaitable[T]],
    ) -> T:
        """Ask a worker; of what is closed, rebuild it here first."""
        if self._app is None or description.status in _OPEN:
            return await self._query(identity, query)
        try:
            return await rebuild(self._client, self._app, identity)
        except HistoryDiffersError as differs:
            try:
                return await self._query(identity, query)
            except OrchestrationSilentError:
                raise differs from None

    async def _query(self, identity: str, query: Callable[[Client, str], Awaitable[T]]) -> T:
        try:
            with _known(identity):
                return await query(self._client, identity)
        except WorkflowQueryFailedError as error:
            cause = " ".join(str(error).split())
            raise _silent(identity, f"The worker cannot answer for the orchestration '{identity}': {cause}") from error
        except RPCError as error:
            if not is_unanswered(error):
                raise
            message = (
                f"No worker answers for the orchestration '{identity}'. Start one that serves its task queue, with "
                "code that fits its history."
            )
            raise _silent(identity, message) from error


async def _last_step(client: Client, app: ArvoApp, identity: str) -> OrchestrationRecord | None:
    steps = await replayed_steps(client, app, identity)
    return steps[-1].record if steps else None


@contextmanager
def _known(identity: str) -> Iterator[None]:
    """Say in our words that the server does not know the orchestration that the block is about."""
    try:
        yield
    except RPCError as error:
        if not is_not_found(error):
            raise
        raise OrchestrationNotFoundError(
            f"The server knows no orchestration '{identity}'. Send its init event first, and look at the namespace.",
            workflow_id=identity,
        ) from error


def _silent(identity: str, message: str) -> OrchestrationSilentError:
    return OrchestrationSilentError(message, workflow_id=identity)


def _failed(identity: str, error: WorkflowFailureError) -> OrchestrationFailedError:
    return OrchestrationFailedError(
        f"The orchestration '{identity}' has ended without completing: {error.cause}.",
        workflow_id=identity,
        record=Ending.of_failure(error.cause, identity).record,
    )


def _complete(record: OrchestrationRecord | None, definition: str | None) -> OrchestrationRecord | None:
    """Return a record with the definition, which the result of a nested orchestration leaves to the memo."""
    if record is None or definition is None or record["executionStatus"] == "failure":
        return record
    return {**record, "machineDefinition": definition}

"""The part of the client that lists orchestrations."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Unpack

from temporalio.client import WorkflowExecution
from temporalio.service import RPCError

from adapter.errors import ListError
from adapter.registered import has_attributes, knows
from adapter.temporal_errors import is_not_taken
from arvo_temporal.client.connected import ConnectedClient
from arvo_temporal.client.filters import (
    NO_WORKER,
    PROBLEMS,
    Filters,
    ListQuery,
    ServerKnows,
    is_in_trouble,
    list_query,
)
from arvo_temporal.client.server_troubles import TaskQueues, batches, failing
from arvo_temporal.client.summaries import OrchestrationSummary, summary_of
from arvo_temporal.replay import PAGE_SIZE

_BATCH = 50


class ListingClient(ConnectedClient):
    """Lists orchestrations."""

    async def list(
        self, *, limit: int | None = None, **filters: Unpack[Filters]
    ) -> AsyncIterator[OrchestrationSummary]:
        """Yield the orchestrations that fit all filters, the newest first.

        The server's list is some moments behind what happens. Beside what orchestrations tell of themselves it says
        which of them do not come to a step: no worker serves their task queue, or their workflow task keeps failing.

        Args:
            limit: How many at most; all by default, of which only some are held at a time.
            **filters: Which ones (`Filters`); the open ones by default.

        Raises:
            ListError: The server lacks what is needed to answer, or does not take a query.
            InvalidSubjectError: The parent or the root is neither a subject nor a workflow id.
        """
        with _list_errors():
            server = await self._server_knows()
            queues = TaskQueues(self.client)
            query = await self._query(filters, server, queues)
            found = self._wanted(query, limit)
            async for batch in batches(found, _BATCH):
                unserved = await queues.unserved([execution.task_queue for execution in batch])
                stuck = set() if server.problems else await failing(self.client, batch)
                for execution in batch:
                    yield summary_of(execution, unserved, is_failing=execution.id in stuck)

    async def ids(self, *, limit: int | None = None, **filters: Unpack[Filters]) -> AsyncIterator[str]:
        """Yield the workflow ids of those that `list` would yield, the newest first, without a look at each.

        Args:
            limit: How many at most; all by default.
            **filters: As `list` takes them.

        Raises:
            ListError: As `list` does.
            InvalidSubjectError: Likewise.
        """
        with _list_errors():
            query = await self._query(filters, await self._server_knows(), TaskQueues(self.client))
            async for execution in self._wanted(query, limit):
                yield execution.id

    async def count(self, **filters: Unpack[Filters]) -> int:
        """Return how many orchestrations fit all filters, as `list` takes them.

        Raises:
            ListError: As `list` does.
        """
        with _list_errors():
            query = await self._query(filters, await self._server_knows(), TaskQueues(self.client))
            if query.is_exact:
                return (await self.client.count_workflows(query.text)).count
            return sum([1 async for _ in self._wanted(query, None)])

    async def _query(self, filters: Filters, server: ServerKnows, queues: TaskQueues) -> ListQuery:
        if (parent := filters.get("parent")) and parent.strip():
            filters = {**filters, "parent": await self.find(parent)}
        if (root := filters.get("root")) and root.strip():
            filters = {**filters, "root": await self.find(root)}
        if not is_in_trouble(filters.get("trouble"), NO_WORKER):
            return list_query(filters, server)
        open_ones: Filters = {"orchestrator": filters.get("orchestrator")}
        return list_query(filters, server, await queues.of(list_query(open_ones, server).text))

    async def _wanted(self, query: ListQuery, limit: int | None) -> AsyncIterator[WorkflowExecution]:
        left = limit
        most = limit if query.is_exact else None
        async for execution in self.client.list_workflows(query.text, limit=most, page_size=PAGE_SIZE):
            if left == 0:
                return
            if query.takes(execution.id):
                yield execution
                left = None if left is None else left - 1

    async def _server_knows(self) -> ServerKnows:
        return ServerKnows(bool(await has_attributes(self.client)), bool(await knows(self.client, [PROBLEMS])))


@contextmanager
def _list_errors() -> Iterator[None]:
    """Say in our words that the server does not take a query.

    Raises:
        ListError: It does not.
    """
    try:
        yield
    except RPCError as error:
        if not is_not_taken(error):
            raise
        raise ListError(
            f"The server does not take this list: {error.message}. Correct the query, which is in the language of "
            "Temporal's list filters."
        ) from error

"""How an orchestration is shown: its own word, that of the server, and its children."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.service import RPCError

from adapter.app import ArvoApp
from adapter.errors import (
    HistoryDiffersError,
    OrchestrationNotFoundError,
    OrchestrationSilentError,
    OrchestrationTimeoutError,
)
from adapter.names import OUTBOX
from adapter.view import OrchestrationView, TroubleView
from arvo.wire import ORCHESTRATORS
from arvo_temporal.client.filters import quoted
from arvo_temporal.client.reading import Reader
from arvo_temporal.client.server_facts import task_trouble, tries_of, worker_trouble
from arvo_temporal.client.shown import ShownOrchestration
from arvo_temporal.replay import replayed_view

_CHILDREN = 20
_DEEPEST = 5
_MOST = 50
_AT_ONCE = 5
_ORCHESTRATION = f"WorkflowId STARTS_WITH '{ORCHESTRATORS}'"


class Showing:
    """Shows one orchestration with all below it, and asks the server gently.

    Args:
        client: A Temporal client.
        reader: Reads what orchestrations tell of themselves.
        app: The app that rebuilds what no worker answers for; None for none.
    """

    def __init__(self, client: Client, reader: Reader, app: ArvoApp | None) -> None:
        self._client = client
        self._reader = reader
        self._app = app
        self._room = _MOST
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def show(self, identity: str, depth: int = 0) -> ShownOrchestration:
        """Return an orchestration as it is shown.

        Args:
            identity: Its workflow id.
            depth: In how many it is nested of those that are shown.

        Raises:
            OrchestrationNotFoundError: The server knows no such orchestration.
            EncodedPayloadError: What it tells cannot be decoded here.
        """
        async with self._turns:
            description = await self._reader.describe(identity)
            found = await self._server_troubles(description)
            view, unanswered = await self._view(identity, description, found)
            tries = await tries_of(self._client, description)
            children, total = await self._children(identity, description, view)
        wanted = children[: max(0, self._room)] if depth < _DEEPEST else []
        self._room -= len(wanted)
        shown = await asyncio.gather(*(self._child(child, depth + 1) for child in wanted))
        return ShownOrchestration(
            workflow_id=identity,
            type=description.workflow_type,
            status=(description.status or WorkflowExecutionStatus.RUNNING).name.lower(),
            started=description.start_time,
            closed=description.close_time,
            task_queue=description.task_queue,
            view=view,
            unanswered=unanswered,
            tries=tries,
            troubles=(*(view.troubles if view else ()), *found),
            children=tuple(child for child in shown if child is not None),
            more_children=len(wanted) < total,
        )

    async def _child(self, identity: str, depth: int) -> ShownOrchestration | None:
        try:
            return await self.show(identity, depth)
        except OrchestrationNotFoundError:  # it has gone meanwhile, or is only going to begin
            return None

    async def _view(
        self, identity: str, description: WorkflowExecutionDescription, troubles: Sequence[TroubleView]
    ) -> tuple[OrchestrationView | None, str | None]:
        """Return what an orchestration tells of itself, and why it has not; whom nobody can answer for is not asked."""
        if troubles:
            return await self._rebuilt(identity), "Nobody answers for it, see its trouble."
        try:
            return await self._reader.view(identity, description), None
        except (OrchestrationSilentError, HistoryDiffersError, OrchestrationTimeoutError) as error:
            return await self._rebuilt(identity), str(error)

    async def _rebuilt(self, identity: str) -> OrchestrationView | None:
        """Return what the app here makes of the history; None where it cannot."""
        if self._app is None:
            return None
        try:
            return await replayed_view(self._client, self._app, identity)
        except (HistoryDiffersError, OrchestrationNotFoundError):
            return None

    async def _server_troubles(self, description: WorkflowExecutionDescription) -> list[TroubleView]:
        if description.status is not WorkflowExecutionStatus.RUNNING:
            return []
        found = (await task_trouble(self._client, description), await worker_trouble(self._client, description))
        return [one for one in found if one is not None]

    async def _children(
        self, identity: str, description: WorkflowExecutionDescription, view: OrchestrationView | None
    ) -> tuple[list[str], int]:
        """Return the workflow ids of its children, and how many it has.

        They are those that it knows of, and the newest of the server's lists.
        """
        begun = [one.child for one in view.emissions if one.child] if view else []
        pending = [one.workflow_id for one in description.raw_description.pending_children]
        listed, total = await self._listed(identity)
        children = list(dict.fromkeys(_orchestrations([*begun, *pending, *listed])))
        return children, max(total, len(children))

    async def _listed(self, identity: str) -> tuple[list[str], int]:
        """Return the workflow ids of its newest children in the server's lists, and how many there are."""
        # A run that was continued is followed by one that is listed as well.
        query = f"ParentWorkflowId = {quoted(identity)} AND {_ORCHESTRATION} AND ExecutionStatus != 'ContinuedAsNew'"
        try:
            found = self._client.list_workflows(query, limit=_CHILDREN, page_size=_CHILDREN)
            listed = [one.id async for one in found]
            is_cut = len(listed) == _CHILDREN
            return listed, (await self._client.count_workflows(query)).count if is_cut else len(listed)
        except RPCError:  # a server that cannot search for parents
            return [], 0


def _orchestrations(identities: Iterable[str]) -> Iterable[str]:
    return (one for one in identities if not one.startswith(f"{OUTBOX}-"))

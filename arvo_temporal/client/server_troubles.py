"""The troubles that an orchestration cannot tell, because it does not come to a step: the server tells them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, DescribeWorkflowExecutionResponse
from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus
from temporalio.service import RPCError

from adapter.temporal_errors import is_not_found
from arvo_temporal.client.filters import quoted_name

_PATIENCE = timedelta(seconds=10)
_SILENT = timedelta(seconds=90)
"""So long after its last request a worker is gone: each request lasts a minute at most."""
_MOST_QUEUES = 200
_AT_ONCE = 16


class TaskQueues:
    """Which task queues no worker serves; each is asked for once.

    Args:
        client: A Temporal client.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._unserved: dict[str, bool] = {}

    async def unserved(self, names: Sequence[str]) -> set[str]:
        """Return those of some task queues that no worker serves."""
        for name in dict.fromkeys(names):
            if name not in self._unserved:
                self._unserved[name] = not await self._is_served(name)
        return {name for name in names if self._unserved[name]}

    async def of(self, query: str) -> set[str]:
        """Return the task queues that no worker serves, of those that the workflows of a query wait for.

        The server does not group by them: so each request asks for one workflow of a queue that is not known yet.
        """
        known: list[str] = []
        while len(known) < _MOST_QUEUES:
            others = "".join(f" AND TaskQueue != {quoted_name(name)}" for name in known)
            found = [one async for one in self._client.list_workflows(f"{query}{others}", limit=1)]
            if not found or found[0].task_queue in known:
                break
            known.append(found[0].task_queue)
        return await self.unserved(known)

    async def _is_served(self, name: str) -> bool:
        answer = await self._client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=self._client.namespace,
                task_queue=TaskQueue(name=name),
                task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
            ),
            timeout=_PATIENCE,
        )
        now = datetime.now(UTC)
        return any(now - poller.last_access_time.ToDatetime(tzinfo=UTC) < _SILENT for poller in answer.pollers)


async def failing(client: Client, executions: Sequence[WorkflowExecution]) -> set[str]:
    """Return the workflow ids of those whose workflow task keeps failing, by looking at each that is open."""
    turns = asyncio.Semaphore(_AT_ONCE)
    is_open = [one.id for one in executions if one.status is WorkflowExecutionStatus.RUNNING]
    found = await asyncio.gather(*map(partial(_is_failing, client, turns), is_open))
    return {identity for identity, fails in zip(is_open, found, strict=True) if fails}


async def _is_failing(client: Client, turns: asyncio.Semaphore, identity: str) -> bool:
    async with turns:
        try:
            description = await client.get_workflow_handle(identity).describe(rpc_timeout=_PATIENCE)
        except RPCError as error:
            if not is_not_found(error):
                raise
            return False
    return failed_tasks(description.raw_description) > 0


def failed_tasks(raw: DescribeWorkflowExecutionResponse) -> int:
    """Return how many times the present workflow task has failed."""
    return max(0, raw.pending_workflow_task.attempt - 1) if raw.HasField("pending_workflow_task") else 0


def times(number: int) -> str:
    """Return how many times something has happened, in words."""
    return "once" if number == 1 else f"{number} times"


async def batches(executions: AsyncIterator[WorkflowExecution], size: int) -> AsyncIterator[list[WorkflowExecution]]:
    """Yield what a list has in batches of at most so many."""
    batch: list[WorkflowExecution] = []
    async for execution in executions:
        batch.append(execution)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch

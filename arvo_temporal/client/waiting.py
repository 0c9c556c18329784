"""Waiting for an orchestration, for as long as the caller wants, and what holds it up where that was not enough."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import timedelta
from math import isnan
from typing import Any

from temporalio.api.enums.v1 import PendingWorkflowTaskState
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from adapter.errors import AppError, OrchestrationTimeoutError
from adapter.plain_text import plain_text
from arvo.errors import described
from arvo.statechart import duration_words

Timeout = float | timedelta | None
"""Seconds, or a timedelta; None for as long as it takes."""

_LOOK_WITHIN = timedelta(seconds=2)
_MOST_TEXT = 200
_A_MINUTE = 60


def seconds(timeout: Timeout) -> float | None:
    """Return a timeout in seconds.

    Raises:
        AppError: It is none.
    """
    if isinstance(timeout, timedelta):
        return timeout.total_seconds()
    is_number = isinstance(timeout, int | float) and not isinstance(timeout, bool) and not isnan(timeout)
    if timeout is not None and not is_number:
        raise AppError(f"timeout= takes seconds or a timedelta, not {described(timeout)}.")
    return timeout


@asynccontextmanager
async def within(timeout: Timeout, client: Client, workflow_id: str, what: str) -> AsyncIterator[None]:
    """Give the block so much time.

    Args:
        timeout: How much.
        client: A Temporal client, to look what holds the orchestration up.
        workflow_id: The orchestration.
        what: What the block waits for, such as `its end`.

    Raises:
        AppError: The timeout is none.
        OrchestrationTimeoutError: It has taken longer.
    """
    longest = seconds(timeout)
    scope = asyncio.timeout(longest)
    try:
        async with scope:
            yield
    except Exception as error:  # Temporal's SDK raises another one where it waits for an update
        if longest is None or not scope.expired():
            raise
        raise OrchestrationTimeoutError(
            f"The orchestration '{workflow_id}': {what} has not come within {wait_words(longest)}. "
            f"{await _holds_up(client, workflow_id)}",
            workflow_id=workflow_id,
        ) from error


def wait_words(longest: float) -> str:
    """Return a time to wait in words, such as `5 minutes`.

    Args:
        longest: Seconds.
    """
    if longest < _A_MINUTE:
        return f"{longest:g} second{'s' * (longest != 1)}"
    return duration_words(longest * 1000, most=2)


def time_skipping(client: Client) -> AbstractAsyncContextManager[Any]:
    """Let time pass in Temporal's time-skipping test environment while the block waits, as handles that start do.

    Args:
        client: The client of the environment, or one made of it; with any other nothing happens.
    """
    for interceptor in client.config(active_config=True)["interceptors"]:
        unlocked = getattr(getattr(interceptor, "env", None), "time_skipping_unlocked", None)
        if unlocked is not None:
            skipping: AbstractAsyncContextManager[Any] = unlocked()
            return skipping
    return nullcontext()


async def _holds_up(client: Client, workflow_id: str) -> str:
    try:
        description = await client.get_workflow_handle(workflow_id).describe(rpc_timeout=_LOOK_WITHIN)
    except RPCError as error:
        return f"What holds it up is not known: {error.message}"
    if description.status is not WorkflowExecutionStatus.RUNNING:
        status = description.status.name.lower() if description.status else "closed"
        return f"Meanwhile it has ended ({status})."
    return _of_task(description.raw_description, description.task_queue)


def _of_task(raw: DescribeWorkflowExecutionResponse, task_queue: str) -> str:
    task = raw.pending_workflow_task
    if raw.HasField("pending_workflow_task") and task.attempt > 1:
        return f"Its workflow task has failed {task.attempt - 1} times: the Temporal UI says why."
    if task.state == PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_SCHEDULED:
        return f"No worker has taken its workflow task: one that serves the task queue '{task_queue}' has to run."
    activities = [_of_activity(pending) for pending in raw.pending_activities]
    children = [f"'{child.workflow_id}'" for child in raw.pending_children]
    if activities or children:
        return f"It waits for {', '.join([*activities, *children][:10])}."
    return "It waits for an event or for a delay: its record says in which state."


def _of_activity(pending: PendingActivityInfo) -> str:
    if not pending.HasField("last_failure"):
        return f"{pending.activity_type.name} (try {pending.attempt})"
    failure = " ".join(pending.last_failure.message.split())[:_MOST_TEXT]
    return f"{pending.activity_type.name} (try {pending.attempt}; the last one failed: {plain_text(failure)})"

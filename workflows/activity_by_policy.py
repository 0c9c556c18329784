"""An activity as its policy says: how long, how often, and within the workflow task or not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue

from adapter.policies import EmissionPolicy
from adapter.spans import span
from arvo.events import ArvoEvent

_SUMMARY_BYTES = 200
_LONGEST_PAUSE_WITHIN_A_TASK = timedelta(seconds=2)
"""A local activity that waits longer for its next try does it by a timer: nothing that arrives is consumed before the
workflow task has ended."""


async def execute(
    name: str,
    args: list[RawValue],
    policy: EmissionPolicy,
    event: ArvoEvent,
    *,
    is_local: bool,
    task_queue: str | None = None,
) -> RawValue:
    """Execute an activity, and return its result.

    Args:
        name: Its name.
        args: Its arguments.
        policy: How long it may take and how often it is tried.
        event: The event that it is about, which the UI shows.
        is_local: Whether it runs within the workflow task.
        task_queue: The task queue whose workers have it; None for that of the workflow.

    Raises:
        FailureError: It has failed for good.
    """
    options: dict[str, Any] = {
        "args": args,
        "result_type": RawValue,
        "start_to_close_timeout": policy.timeout,
        "schedule_to_close_timeout": policy.deadline,
        "retry_policy": policy.retry,
        "summary": summarize(event),
    }
    result: RawValue
    if is_local:
        threshold = _LONGEST_PAUSE_WITHIN_A_TASK
        result = await workflow.execute_local_activity(name, local_retry_threshold=threshold, **options)
    else:
        heartbeat = span(policy.heartbeat)
        result = await workflow.execute_activity(name, task_queue=task_queue, heartbeat_timeout=heartbeat, **options)
    return result


def summarize(event: ArvoEvent) -> str:
    """Return what the UI shows of an emission: what it is and where to, in at most 200 bytes."""
    where = event.to if event.to != event.type else (event.domain or "")
    text = f"{event.type} to {where}" if where else event.type
    return text.encode()[:_SUMMARY_BYTES].decode(errors="ignore")

"""An activity as its policy says: how long, how often, and within the workflow task or not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue

from adapter.policies import EmissionPolicy
from adapter.spans import span
from workflows.foresight import Foresight

_LONGEST_PAUSE_WITHIN_A_TASK = timedelta(seconds=2)
"""A local activity that waits longer for its next try does it by a timer: nothing that arrives is consumed before the
workflow task has ended."""


async def execute(
    name: str,
    args: list[RawValue],
    policy: EmissionPolicy,
    summary: str,
    *,
    is_local: bool,
    foresight: Foresight,
    task_queue: str | None = None,
) -> RawValue:
    """Execute an activity, and return its result.

    Args:
        name: Its name.
        args: Its arguments.
        policy: How long it may take and how often it is tried.
        summary: What the UI shows of it; of one within a workflow task nothing, as that would be a tenth of its marker.
        is_local: Whether it runs within the workflow task.
        foresight: Told where the result of a local one has come in.
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
        "summary": None if is_local else summary,
    }
    result: RawValue
    if is_local:
        threshold = _LONGEST_PAUSE_WITHIN_A_TASK
        local = workflow.execute_local_activity(name, local_retry_threshold=threshold, **options)
        result = await foresight.result(local)
    else:
        heartbeat = span(policy.heartbeat)
        result = await workflow.execute_activity(name, task_queue=task_queue, heartbeat_timeout=heartbeat, **options)
    return result

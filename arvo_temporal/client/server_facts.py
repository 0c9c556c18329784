"""What only the server knows of an orchestration: tries, a workflow task that keeps failing, the lack of a worker."""

from __future__ import annotations

from datetime import UTC, timedelta

from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, PendingActivityState
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest
from temporalio.client import Client, WorkflowExecutionDescription
from temporalio.service import RPCError

from adapter.cures import cure_of
from adapter.plain_text import plain_text
from adapter.view import TroubleView
from arvo_temporal.client.server_troubles import TaskQueues, failed_tasks, times
from arvo_temporal.client.shown import PendingTry

_WITHIN = timedelta(seconds=5)
_EVENTS_READ = 20
_FAILURE_SHOWN = 300
_TRIES = 50


async def tries_of(client: Client, description: WorkflowExecutionDescription) -> tuple[PendingTry, ...]:
    """Return what is tried for an orchestration: its pending activities, with the reason of the last failure."""
    pending = description.raw_description.pending_activities[:_TRIES]
    return tuple([await _try(client, one) for one in pending])


async def task_trouble(client: Client, description: WorkflowExecutionDescription) -> TroubleView | None:
    """Return the trouble of an orchestration whose workflow task keeps failing; None where it does not."""
    raw = description.raw_description
    failed = failed_tasks(raw)
    if not failed:
        return None
    reason = await _last_failure(client, description)
    return TroubleView(
        kind="task-failing",
        reason=f"its workflow task has failed {times(failed)}{': ' + reason if reason else ''}",
        since=_iso(raw.pending_workflow_task.original_scheduled_time),
        cure=cure_of("task-failing", description.id),
    )


async def worker_trouble(client: Client, description: WorkflowExecutionDescription) -> TroubleView | None:
    """Return the trouble of an orchestration whose task queue no living worker serves; None where one does.

    The server forgets a worker that is gone only after 90 seconds.
    """
    if not await TaskQueues(client).unserved([description.task_queue]):
        return None
    return TroubleView(
        kind="no-worker",
        reason=f"no worker serves its task queue '{description.task_queue}'",
        cure=cure_of("no-worker", description.id),
    )


async def _try(client: Client, pending: PendingActivityInfo) -> PendingTry:
    running = pending.state == PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
    waits = not running and pending.HasField("next_attempt_schedule_time")
    return PendingTry(
        type=pending.activity_type.name,
        attempt=max(1, pending.attempt),
        most=pending.maximum_attempts or None,
        running=running,
        next=pending.next_attempt_schedule_time.ToDatetime(tzinfo=UTC) if waits else None,
        failure=await _failure_words(client, pending) if pending.HasField("last_failure") else None,
    )


async def _failure_words(client: Client, pending: PendingActivityInfo) -> str:
    error = await client.data_converter.decode_failure(pending.last_failure)
    return _in_one_line(str(error))


async def _last_failure(client: Client, description: WorkflowExecutionDescription) -> str | None:
    """Return why a workflow task has failed last, as the history has it; None where it has nothing."""
    request = GetWorkflowExecutionHistoryReverseRequest(
        namespace=client.namespace,
        execution=WorkflowExecution(workflow_id=description.id, run_id=description.run_id),
        maximum_page_size=_EVENTS_READ,
    )
    try:
        answer = await client.workflow_service.get_workflow_execution_history_reverse(request, timeout=_WITHIN)
    except RPCError:
        return None
    for event in answer.history.events:
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
            failure = event.workflow_task_failed_event_attributes.failure
            return _in_one_line(str(await client.data_converter.decode_failure(failure)))
    return None


def _in_one_line(text: str) -> str:
    line = plain_text(" ".join(text.split()))
    return line if len(line) <= _FAILURE_SHOWN else line[: _FAILURE_SHOWN - 1] + "…"


def _iso(time: Timestamp) -> str:
    return time.ToDatetime(tzinfo=UTC).isoformat()

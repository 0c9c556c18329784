"""What waits for its next try, tried now: activities by the server's own calls; what it cannot hurry is named."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, PendingActivityState, WorkflowExecutionStatus
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.api.workflowservice.v1 import (
    DescribeWorkflowExecutionResponse,
    ResetActivityRequest,
    ResetWorkflowExecutionRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from adapter.errors import OrchestrationNotFoundError
from adapter.identity import outbox_id
from adapter.temporal_errors import is_not_found
from arvo_temporal.client.server_troubles import failed_tasks, times

_AT_ONCE = 8
_TAKEN_WITHIN = timedelta(seconds=10)
_MOST_CHILDREN = 20
_MOST_OUTBOXES = 100
_REASON = "arvo-temporal nudge"
_TASK_ENDS = (
    EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT,
)


@dataclass(frozen=True, slots=True)
class NudgeResult:
    """One thing that an orchestration waited with, and whether it is tried now.

    Attributes:
        kind: What it is: an `activity`, the `task` of the workflow, or a `child`.
        name: The type of the activity, the workflow id of the child; of a workflow task that of its orchestration.
        nudged: Whether it is tried now.
        told: What was done, or why nothing was, in words.
    """

    kind: Literal["activity", "task", "child"]
    name: str
    nudged: bool
    told: str


class Nudger:
    """Lets what waits be tried now.

    Args:
        client: A Temporal client.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def nudge(self, identity: str, *, reset: bool) -> list[NudgeResult]:
        """Let everything be tried now that an orchestration, or what it has left to send, waits with.

        Raises:
            OrchestrationNotFoundError: The server knows no such orchestration.
            RPCError: The server does not answer.
        """
        raw = await self._describe(identity)
        if raw is None:
            raise OrchestrationNotFoundError(
                f"The server knows no orchestration '{identity}'. Look at the id and at the namespace.",
                workflow_id=identity,
            )
        if not _is_running(raw):
            return await self._nudge_outboxes(identity)
        children = [child.workflow_id for child in raw.pending_children]
        return [
            *await self._nudge_activities(identity, raw),
            *await self._nudge_task(identity, raw, reset=reset),
            *await self._stuck(children),
        ]

    async def waiting(self, identity: str) -> list[str]:
        """Return in words what an orchestration waits with, and touch nothing."""
        raw = await self._describe(identity)
        if raw is None or not _is_running(raw):
            return []
        return [*map(_told, _in_back_off(raw.pending_activities)), *_failing_task(raw)]

    async def _nudge_outboxes(self, identity: str) -> list[NudgeResult]:
        """Nudge what an orchestration that has ended had left to send."""
        results: list[NudgeResult] = []
        for number in range(1, _MOST_OUTBOXES + 1):
            outbox = outbox_id(identity, str(number))
            raw = await self._describe(outbox)
            if raw is None:
                break
            if _is_running(raw):
                results += await self._nudge_activities(outbox, raw)
        return results

    async def _nudge_activities(self, identity: str, raw: DescribeWorkflowExecutionResponse) -> list[NudgeResult]:
        waiting = _in_back_off(raw.pending_activities)
        tried = await asyncio.gather(*(self._nudge_activity(identity, activity) for activity in waiting))
        left = [
            NudgeResult("activity", activity.activity_type.name, False, "no worker of its task queue has taken it")
            for activity in raw.pending_activities
            if _waits_for_a_worker(activity)
        ]
        return [*tried, *left]

    async def _nudge_activity(self, identity: str, activity: PendingActivityInfo) -> NudgeResult:
        name = activity.activity_type.name
        try:
            async with self._turns:
                await self._try_now(identity, activity)
        except RPCError as error:
            if is_not_found(error):
                return NudgeResult("activity", name, True, "it has ended meanwhile")
            return NudgeResult("activity", name, False, _refused(error))
        return NudgeResult("activity", name, True, f"{_told(activity)}: it is tried now, and its tries begin anew")

    async def _try_now(self, identity: str, activity: PendingActivityInfo) -> None:
        await self._client.workflow_service.reset_activity(  # one that is paused goes on by it
            ResetActivityRequest(
                namespace=self._client.namespace,
                execution=WorkflowExecution(workflow_id=identity),
                identity=self._client.identity,
                id=activity.activity_id,
            )
        )

    async def _nudge_task(
        self, identity: str, raw: DescribeWorkflowExecutionResponse, *, reset: bool
    ) -> list[NudgeResult]:
        if not (failing := _failing_task(raw)):
            return []
        (words,) = failing
        if not reset:
            cure = (
                "a worker that can is given it within 10 minutes; to have it at once, reset the run to its last "
                "workflow task (--reset, reset=True)"
            )
            return [NudgeResult("task", identity, False, f"{words}: {cure}")]
        await self._reset(identity)
        return [NudgeResult("task", identity, True, f"{words}: the run begins anew at its last workflow task")]

    async def _reset(self, identity: str) -> None:
        """Begin a run anew at the last workflow task that has an end: the failing one is handed out with it."""
        handle = self._client.get_workflow_handle(identity)
        last = 0
        async for event in handle.fetch_history_events():
            if event.event_type in _TASK_ENDS:
                last = event.event_id
        description = await handle.describe()
        await self._client.workflow_service.reset_workflow_execution(
            ResetWorkflowExecutionRequest(
                namespace=self._client.namespace,
                workflow_execution=WorkflowExecution(workflow_id=identity, run_id=description.run_id),
                reason=_REASON,
                workflow_task_finish_event_id=last,
                request_id=f"{_REASON} {description.run_id} {last}",
                identity=self._client.identity,
            )
        )

    async def _stuck(self, children: list[str]) -> list[NudgeResult]:
        """Name the children that wait for a next try themselves."""
        found = await asyncio.gather(*(self._waiting_child(child) for child in children[:_MOST_CHILDREN]))
        return [
            NudgeResult("child", child, False, f"{'; '.join(waiting)}: nudge it under its own id")
            for child, waiting in zip(children, found, strict=False)
            if waiting
        ]

    async def _waiting_child(self, child: str) -> list[str]:
        async with self._turns:
            return await self.waiting(child)

    async def _describe(self, identity: str) -> DescribeWorkflowExecutionResponse | None:
        try:
            return (await self._client.get_workflow_handle(identity).describe()).raw_description
        except RPCError as error:
            if not is_not_found(error):
                raise
            return None


def _is_running(raw: DescribeWorkflowExecutionResponse) -> bool:
    return raw.workflow_execution_info.status == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING


def _in_back_off(activities: Iterable[PendingActivityInfo]) -> list[PendingActivityInfo]:
    """Return the activities that wait for their next try, or are paused."""
    return [activity for activity in activities if activity.paused or _is_due(activity) is False]


def _is_due(activity: PendingActivityInfo) -> bool | None:
    """Tell whether the time of a try has come that nobody has begun; None where it has begun, or is only coming."""
    if activity.state != PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED:
        return None
    now = datetime.now(UTC)
    following = activity.next_attempt_schedule_time
    if activity.HasField("next_attempt_schedule_time") and following.ToDatetime(UTC) > now:
        return False
    return now - activity.scheduled_time.ToDatetime(UTC) > _TAKEN_WITHIN or None


def _waits_for_a_worker(activity: PendingActivityInfo) -> bool:
    return not activity.paused and _is_due(activity) is True


def _told(activity: PendingActivityInfo) -> str:
    if activity.paused:
        return f"{activity.activity_type.name} is paused"
    return f"{activity.activity_type.name} has failed {times(activity.attempt - 1)}"


def _failing_task(raw: DescribeWorkflowExecutionResponse) -> list[str]:
    failed = failed_tasks(raw)
    return [f"its workflow task has failed {times(failed)}"] if failed else []


def _refused(error: RPCError) -> str:
    if error.status is RPCStatusCode.UNIMPLEMENTED:
        return "this server cannot: it takes one that resets activities, such as Temporal 1.28; it is tried in its time"
    return f"the server does not: {error.message}"

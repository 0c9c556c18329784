"""Schedules of counts, and what they have started."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from temporalio.api.common.v1 import WorkflowExecution as Execution
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import (
    Client,
    ScheduleBackfill,
    ScheduleHandle,
    ScheduleOverlapPolicy,
    ScheduleSpec,
    WorkflowExecutionStatus,
    WorkflowHandle,
)
from temporalio.service import RPCError, RPCStatusCode

from arvo import (
    ArvoEvent,
    create_arvo_orchestrator_event_factory,
)
from arvo_temporal import (
    ArvoClient,
    OrchestrationNotFoundError,
    workflow_id,
)
from tests.apps import counter_contract
from tests.polling import eventually

HOURLY = timedelta(hours=1)
COUNTER = "arvo.orc.counter"
RUNNING, COMPLETED = WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.COMPLETED
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
THREE_TIMES = ScheduleBackfill(NEW_YEAR, NEW_YEAR + 2 * HOURLY, ScheduleOverlapPolicy.ALLOW_ALL)


@asynccontextmanager
async def scheduled(
    client: ArvoClient, goal: int, spec: ScheduleSpec | timedelta = HOURLY, **options: Any
) -> AsyncIterator[ScheduleHandle]:
    """A schedule of counts, which is deleted afterwards."""
    handle = await client.schedules.create(COUNTER, {"goal": goal}, spec, id=f"s-{uuid4()}", **options)
    try:
        yield handle
    finally:
        await handle.delete()


async def started(client: Client, handle: ScheduleHandle, count: int = 1) -> list[WorkflowHandle[Any, Any]]:
    """Wait until a schedule has started so many workflows, and return their handles, oldest first."""

    async def look() -> list[str]:
        info = (await handle.describe()).info
        return [str(getattr(result.action, "workflow_id", None)) for result in info.recent_actions]

    ids = await eventually(look, lambda seen: len(seen) >= count)
    return [client.get_workflow_handle(identity) for identity in ids]


def subject_of(run: WorkflowHandle[Any, Any]) -> str:
    """Return the subject of the count that the workflow of a schedule starts: it follows from schedule and time."""
    init = create_arvo_orchestrator_event_factory(counter_contract.version("1.0.0")).init(
        source="com.arvo.schedule",
        data={"parentSubject$$": None, "goal": 0},
        execution_id=run.id.removeprefix("arvo.schedule/"),
    )
    return init.subject


async def status(client: ArvoClient, identity: str) -> WorkflowExecutionStatus | None:
    try:
        return (await client.client.get_workflow_handle(identity).describe()).status
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return None


async def reaches(client: ArvoClient, identity: str, wanted: WorkflowExecutionStatus) -> None:
    await eventually(lambda: status(client, identity), lambda seen: seen is wanted)


async def begun(client: ArvoClient, run: WorkflowHandle[Any, Any]) -> str:
    """Wait until the count of a time is there, and return its subject."""
    await reaches(client, workflow_id(subject_of(run)), RUNNING)
    return subject_of(run)


async def counts_on(client: ArvoClient, task_queue: str, least: int) -> list[str]:
    """Return the workflow ids of the counts that a task queue has seen, each as often as it was started."""

    async def look() -> list[str]:
        query = f"TaskQueue = '{task_queue}' AND WorkflowType = '{COUNTER}'"
        return [found.id async for found in client.client.list_workflows(query)]

    return await eventually(look, lambda seen: len(seen) >= least)


async def record_of(client: ArvoClient, run: WorkflowHandle[Any, Any]) -> Any:
    try:
        return await client.record(subject_of(run))
    except OrchestrationNotFoundError:
        return None


async def init_event(client: ArvoClient, identity: str) -> ArvoEvent:
    history = await client.client.get_workflow_handle(identity).fetch_history()
    return ArvoEvent.from_json(history.events[0].workflow_execution_started_event_attributes.input.payloads[0].data)


async def reset(client: ArvoClient, identity: str) -> None:
    """Reset a workflow to its first workflow task."""
    await client.client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=client.client.namespace,
            workflow_execution=Execution(workflow_id=identity),
            reason="a test",
            workflow_task_finish_event_id=4,
            request_id=str(uuid4()),
        )
    )

"""What the server keeps of an orchestration."""

from __future__ import annotations

from temporalio.api.enums.v1 import EventType

from arvo import ArvoEvent
from arvo_temporal import ArvoApp, ArvoClient, workflow_id
from arvo_temporal.replay.runs import runs_of
from tests.polling import eventually


async def count_events(client: ArvoClient, init: ArvoEvent, kind: EventType.ValueType) -> int:
    """Count the events of a kind in the history of an orchestration's last run."""
    handle = client.client.get_workflow_handle(workflow_id(init.subject))
    return len([event async for event in handle.fetch_history_events() if event.event_type == kind])


async def count_runs(client: ArvoClient, init: ArvoEvent) -> int:
    """Count the runs of an orchestration."""
    return len(await runs_of(client.client, workflow_id(init.subject)))


async def open_types(client: ArvoClient, app: ArvoApp) -> list[str]:
    """Return the workflow types of what is open on the task queue of an app."""
    query = f"TaskQueue = '{app.task_queue}' AND ExecutionStatus = 'Running'"
    return [execution.workflow_type async for execution in client.client.list_workflows(query)]


async def all_have_ended(client: ArvoClient, app: ArvoApp) -> None:
    """Wait until nothing is open on the task queue of an app, outboxes included."""
    await eventually(lambda: open_types(client, app), lambda seen: not seen)

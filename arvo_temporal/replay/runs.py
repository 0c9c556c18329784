"""The histories of an orchestration on the server: one for each run of its workflow."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowHistory
from temporalio.service import RPCError

from adapter.errors import OrchestrationNotFoundError
from adapter.temporal_errors import is_not_found

PAGE_SIZE = 200
"""How many are listed at a time: a busy server does not list a thousand, the default, within its time."""

_TASK_SCHEDULED = EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED
_TASK_COMPLETED = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
_CAUSED_BY_A_TASK = {
    f"{name}_event_attributes"
    for name in (
        "activity_task_scheduled",
        "activity_task_cancel_requested",
        "timer_started",
        "timer_canceled",
        "marker_recorded",
        "start_child_workflow_execution_initiated",
        "signal_external_workflow_execution_initiated",
        "request_cancel_external_workflow_execution_initiated",
        "upsert_workflow_search_attributes",
        "workflow_properties_modified",
        "workflow_execution_update_accepted",
        "workflow_execution_update_completed",
        "workflow_execution_completed",
        "workflow_execution_failed",
        "workflow_execution_canceled",
        "workflow_execution_continued_as_new",
    )
}
"""The events that a workflow task leaves; they follow its completion without a gap."""


async def newest_run(client: Client, workflow_id: str) -> WorkflowHistory:
    """Return the history of the newest run of an orchestration.

    Raises:
        OrchestrationNotFoundError: If the server knows no such orchestration.
    """
    try:
        return await client.get_workflow_handle(workflow_id).fetch_history()
    except RPCError as error:
        if not is_not_found(error):
            raise
        raise _unknown(workflow_id) from error


async def runs_of(client: Client, workflow_id: str) -> list[WorkflowHistory]:
    """Return the histories of all runs of an orchestration that the server still has, oldest first.

    Raises:
        OrchestrationNotFoundError: If the server knows no such orchestration.
    """
    return [run async for run in runs_backwards(client, workflow_id)][::-1]


async def runs_backwards(client: Client, workflow_id: str) -> AsyncIterator[WorkflowHistory]:
    """Yield the history of each run of an orchestration that the server still has, newest first.

    Raises:
        OrchestrationNotFoundError: If the server knows no such orchestration.
    """
    run_id: str | None = None
    while run_id != "":
        try:
            history = await client.get_workflow_handle(workflow_id, run_id=run_id).fetch_history()
        except RPCError as error:
            if not is_not_found(error):
                raise
            if run_id is None:
                raise _unknown(workflow_id) from error
            return  # older runs go when the namespace's retention is over
        yield history
        run_id = history.events[0].workflow_execution_started_event_attributes.continued_execution_run_id


def _unknown(workflow_id: str) -> OrchestrationNotFoundError:
    return OrchestrationNotFoundError(
        f"The server knows no orchestration '{workflow_id}'. Look at the id and at the namespace.",
        workflow_id=workflow_id,
    )


def has_begun(run: WorkflowHistory) -> bool:
    """Tell whether a run has ever had a workflow task; Temporal's replayer would wait for ever for the first one.

    It comes late to a run whose start is delayed, and to one that follows another within a second.
    """
    return any(event.event_type == _TASK_SCHEDULED for event in run.events)


def worked_off(run: WorkflowHistory) -> WorkflowHistory:
    """Return a run up to the end of its last workflow task: without what has arrived and waits for a worker."""
    events = list(run.events)
    done = [place for place, event in enumerate(events) if event.event_type == _TASK_COMPLETED]
    end = done[-1] + 1 if done else 1
    while end < len(events) and events[end].WhichOneof("attributes") in _CAUSED_BY_A_TASK:
        end += 1
    return WorkflowHistory(run.workflow_id, events[:end])


async def payloads_of_run(client: Client, run: WorkflowHistory) -> AsyncIterator[bytes]:
    """Yield what has come into a run by signals, by updates and as results of activities, decoded."""
    codec = client.data_converter.payload_codec
    for event in run.events:
        payloads = list(incoming(event))
        for payload in await codec.decode(payloads) if codec else payloads:
            yield payload.data


def incoming(event: HistoryEvent) -> Iterable[Payload]:
    """Return what an event of a history has brought into the run, encoded as it is: a signal, an update, a result."""
    if event.HasField("workflow_execution_signaled_event_attributes"):
        return event.workflow_execution_signaled_event_attributes.input.payloads
    if event.HasField("workflow_execution_update_accepted_event_attributes"):
        return event.workflow_execution_update_accepted_event_attributes.accepted_request.input.args.payloads
    if event.HasField("activity_task_completed_event_attributes"):
        return event.activity_task_completed_event_attributes.result.payloads
    return ()

"""The histories of an orchestration on the server: one for each run of its workflow."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode

from adapter.errors import OrchestrationNotFoundError


async def runs_of(client: Client, workflow_id: str) -> list[WorkflowHistory]:
    """Return the histories of all runs of an orchestration that the server still has, oldest first.

    Raises:
        OrchestrationNotFoundError: If the server knows no such orchestration.
    """
    runs: list[WorkflowHistory] = []
    run_id: str | None = None
    while run_id != "":
        try:
            history = await client.get_workflow_handle(workflow_id, run_id=run_id).fetch_history()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            break  # older runs go when the namespace's retention is over
        runs.append(history)
        run_id = history.events[0].workflow_execution_started_event_attributes.continued_execution_run_id
    if not runs:
        raise OrchestrationNotFoundError(
            f"The server knows no orchestration '{workflow_id}'. Look at the id and at the namespace.",
            workflow_id=workflow_id,
        )
    return runs[::-1]


async def payloads_of_run(client: Client, run: WorkflowHistory) -> AsyncIterator[bytes]:
    """Yield what has come into a run by signals and as results of activities, decoded."""
    codec = client.data_converter.payload_codec
    for event in run.events:
        payloads = list(_incoming(event))
        for payload in await codec.decode(payloads) if codec else payloads:
            yield payload.data


def _incoming(event: HistoryEvent) -> Iterable[Payload]:
    if event.HasField("workflow_execution_signaled_event_attributes"):
        return event.workflow_execution_signaled_event_attributes.input.payloads
    if event.HasField("activity_task_completed_event_attributes"):
        return event.activity_task_completed_event_attributes.result.payloads
    return ()

"""The activities about nested orchestrations: wait for the end of one, and end some."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio import activity
from temporalio.client import WorkflowFailureError, WorkflowHandle
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from activities.waiting import heartbeating, leaving_with_the_worker
from adapter.endings import Ending, result_of
from adapter.names import END, WATCH
from adapter.payload import events_to_json
from adapter.temporal_errors import is_not_found

_UNKNOWN_AFTER = 10
"""Tries after which an orchestration that the server does not know is taken for gone, not for about to start."""
_REASON = "The orchestration that started it was cancelled."


@activity.defn(name=WATCH)
async def watch(workflow_id: str, parent_subject: str) -> list[dict[str, Any]]:
    """Wait for the end of an orchestration and return its events for the parent.

    Raises:
        ApplicationError: If it ended without an event for the parent: terminated, timed out, cancelled, unknown.
    """
    ending = await _ending(workflow_id)
    answers = ending.for_parent(parent_subject)
    if ending.cause is not None and not answers:
        raise ApplicationError(ending.cause.message, type=ending.cause.name, non_retryable=True)
    return events_to_json(answers)


@activity.defn(name=END)
async def end(workflow_ids: list[str], how: str) -> None:
    """Cancel or terminate orchestrations; those that have ended already are left alone.

    Raises:
        RPCError: If one has not been started yet: it is to be tried again.
    """
    for workflow_id in workflow_ids:
        handle = activity.client().get_workflow_handle(workflow_id)
        try:
            await _end(handle, how)
        except RPCError as error:
            if not is_not_found(error):
                raise
            await handle.describe(rpc_timeout=timedelta(seconds=10))


async def _end(handle: WorkflowHandle[Any, Any], how: str) -> None:
    if how == "terminate":
        await handle.terminate(reason=_REASON)
    else:
        await handle.cancel(reason=_REASON)


async def _ending(workflow_id: str) -> Ending:
    handle = activity.client().get_workflow_handle(workflow_id, result_type=RawValue)
    async with heartbeating(), leaving_with_the_worker():
        try:
            return Ending.of_result(result_of(await handle.result()))
        except WorkflowFailureError as error:
            return Ending.of_failure(error.cause, workflow_id)
        except RPCError as error:
            raise _unknown(error, workflow_id) from error


def _unknown(error: RPCError, workflow_id: str) -> Exception:
    if not is_not_found(error):
        return error
    return ApplicationError(
        f"The server knows no orchestration '{workflow_id}': it was not started, or its retention is over.",
        type="OrchestrationNotFound",
        non_retryable=activity.info().attempt >= _UNKNOWN_AFTER,
    )

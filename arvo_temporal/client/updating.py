"""Updates of orchestrations: sent again where a run has lost one, and in our words where that does not help."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar
from uuid import uuid4

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowUpdateFailedError
from temporalio.service import RPCError

from adapter.errors import OrchestrationNotFoundError, OrchestrationSilentError
from adapter.failures import as_violation
from adapter.temporal_errors import has_lost_update, is_not_found

T = TypeVar("T")

_WAITS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between two tries, beside what the SDK tries by itself; a run continues as new in less."""


async def update(client: Client, workflow_id: str, send: Callable[[str], Awaitable[T]]) -> T:
    """Send an update to an orchestration, again where the run that it came to has not taken it.

    Args:
        client: A Temporal client.
        workflow_id: The orchestration.
        send: Sends the update under the id that it is given, by which a run knows the repetition, and returns the
            answer. To repeat it in the next run must be safe.

    Raises:
        ViolationError: The violation that the orchestration has rejected it with.
        OrchestrationNotFoundError: The server has no such orchestration, or it is closed.
        OrchestrationSilentError: Every try was lost; the orchestration may have taken the update all the same.
    """
    update_id = str(uuid4())
    sent = partial(_sent, client, workflow_id, partial(send, update_id))
    for wait in _WAITS:
        try:
            return await sent()
        except _UpdateLostError:
            await asyncio.sleep(wait)
    try:
        return await sent()
    except _UpdateLostError as error:
        why = str(error).rstrip(".")
        raise OrchestrationSilentError(
            f"The orchestration '{workflow_id}' has not answered in {len(_WAITS) + 1} tries: {why}. It may have taken "
            "what was sent, and is unharmed. Its history in the Temporal UI says why a workflow task fails, and "
            "arvo-temporal check-deploy what of the present code does not fit. Then send it again: a repetition is "
            "recognised.",
            workflow_id=workflow_id,
        ) from error


class _UpdateLostError(Exception):
    """A try was lost."""


async def _sent(client: Client, workflow_id: str, send: Callable[[], Awaitable[T]]) -> T:
    try:
        return await send()
    except WorkflowUpdateFailedError as error:
        raise as_violation(error.cause) from error
    except RPCError as error:
        # A closed run remembers the updates that it has lost, and answers the same to each repetition.
        if is_not_found(error) and not await _runs(client, workflow_id):
            raise not_running(workflow_id) from error
        if is_not_found(error) or has_lost_update(error):
            raise _UpdateLostError(error.message) from error
        raise


def not_running(workflow_id: str) -> OrchestrationNotFoundError:
    """Return the error that an orchestration takes nothing."""
    return OrchestrationNotFoundError(
        f"The orchestration '{workflow_id}' is not running: it has not been started, or is closed. "
        "Send its init event first, or read its record.",
        workflow_id=workflow_id,
    )


async def _runs(client: Client, workflow_id: str) -> bool:
    """Tell whether an orchestration is running, although an update has just found it closed: it has a new run."""
    try:
        description = await client.get_workflow_handle(workflow_id).describe()
    except RPCError as error:
        if not is_not_found(error):
            raise
        return False
    return description.status in (WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.CONTINUED_AS_NEW)

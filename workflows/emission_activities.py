"""The emissions that an activity performs: to handlers, to publishers, and to orchestrations that are no children."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import FailureError

from adapter.app import ArvoApp
from adapter.codec import wait_for_codec
from adapter.names import DELIVER, PUBLISH
from adapter.payload import to_raw
from adapter.policies import EmissionPolicy
from adapter.retried_errors import last_word
from adapter.routing import Route
from adapter.spans import span
from arvo.events import ArvoEvent
from workflows.answers import read_answer
from workflows.lacking import until_a_worker_has_it

_SUMMARY_BYTES = 200
LONGEST_PAUSE_WITHIN_A_TASK = timedelta(seconds=2)
"""A local activity that waits longer for its next try does it by a timer: nothing that arrives is consumed before the
workflow task has ended."""


async def perform(app: ArvoApp, event: ArvoEvent, way: Route) -> list[ArvoEvent]:
    """Perform an emission and return the events that come back: those of a handler that raised to the last, too.

    Where the last try came to a worker that lacks the handler or the publisher, as those of an older release do while
    a new one is rolled out, it is tried anew, until there is one that has it.

    Args:
        app: The app of the worker.
        event: The event that leaves.
        way: To a handler, a publisher, or an orchestration.

    Raises:
        FailureError: It has failed for good, or the answer cannot be read.
        MissingCodecError: The answer of a worker of this app has gone through a codec that this worker lacks.
    """
    return await until_a_worker_has_it(str(event.to), lambda: _perform(app, event, way))


async def _perform(app: ArvoApp, event: ArvoEvent, way: Route) -> list[ArvoEvent]:
    name, chosen = _activity(app, event, way)
    options: dict[str, Any] = {
        "args": [to_raw(event)],
        "result_type": RawValue,
        "start_to_close_timeout": chosen.timeout,
        "schedule_to_close_timeout": chosen.deadline,
        "retry_policy": chosen.retry,
        "summary": summarize(event),
    }
    if chosen.mode == "local":
        work = workflow.execute_local_activity(name, local_retry_threshold=LONGEST_PAUSE_WITHIN_A_TASK, **options)
    else:
        work = workflow.execute_activity(
            name, task_queue=app.task_queues.get(name), heartbeat_timeout=span(chosen.heartbeat), **options
        )
    try:
        answer = await work
    except FailureError as error:
        if words := last_word(error, event):
            return words
        raise
    if name not in app.task_queues:
        wait_for_codec(app, answer)
    return read_answer(answer, event, event.subject)


def summarize(event: ArvoEvent) -> str:
    """Return what the UI shows of an emission: what it is and where to, in at most 200 bytes."""
    where = event.to if event.to != event.type else (event.domain or "")
    text = f"{event.type} to {where}" if where else event.type
    return text.encode()[:_SUMMARY_BYTES].decode(errors="ignore")


def _activity(app: ArvoApp, event: ArvoEvent, way: Route) -> tuple[str, EmissionPolicy]:
    """Return the name of the activity that an event leaves by, and its policy."""
    match way:
        case Route.PUBLISHER:
            return PUBLISH, app.policy(event.domain)
        case Route.ORCHESTRATION:
            return DELIVER, app.delivery_policy(event.to)
    return str(event.to), app.policy(event.to)

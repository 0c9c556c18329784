"""The emissions that an activity performs: to handlers, to publishers, and to orchestrations that are no children."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio import workflow

from adapter.app import ArvoApp
from adapter.names import DELIVER, PUBLISH
from adapter.payload import events_from_json, to_raw
from adapter.routing import Route
from arvo.events import ArvoEvent

_SUMMARY_BYTES = 200
_LONGEST_PAUSE_WITHIN_A_TASK = timedelta(seconds=2)
"""A local activity that waits longer for its next try does it by a timer: nothing that arrives is consumed before the
workflow task has ended."""


async def perform(app: ArvoApp, event: ArvoEvent, way: Route) -> list[ArvoEvent]:
    """Perform an emission and return the events that come back.

    Args:
        app: The app of the worker.
        event: The event that leaves.
        way: To a handler, a publisher, or an orchestration.

    Raises:
        FailureError: It has failed for good.
    """
    name, policy = _activity(event, way)
    chosen = app.policy(policy)
    options: dict[str, Any] = {
        "args": [to_raw(event)],
        "result_type": list[dict[str, Any]],
        "start_to_close_timeout": chosen.timeout,
        "schedule_to_close_timeout": chosen.deadline,
        "retry_policy": chosen.retry,
        "summary": summarize(event),
    }
    if chosen.mode == "local":
        work = workflow.execute_local_activity(name, local_retry_threshold=_LONGEST_PAUSE_WITHIN_A_TASK, **options)
    else:
        work = workflow.execute_activity(
            name, task_queue=app.task_queues.get(name), heartbeat_timeout=chosen.heartbeat, **options
        )
    return events_from_json(await work)


def summarize(event: ArvoEvent) -> str:
    """Return what the UI shows of an emission: what it is and where to, in at most 200 bytes."""
    where = event.to if event.to != event.type else (event.domain or "")
    text = f"{event.type} to {where}" if where else event.type
    return text.encode()[:_SUMMARY_BYTES].decode(errors="ignore")


def _activity(event: ArvoEvent, way: Route) -> tuple[str, str | None]:
    """Return the name of the activity that an event leaves by, and the key of its policy."""
    match way:
        case Route.PUBLISHER:
            return PUBLISH, event.domain
        case Route.ORCHESTRATION:
            return DELIVER, event.to
    return str(event.to), event.to

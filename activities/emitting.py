"""The activities through which events leave an orchestration."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import lru_cache
from typing import Any

from temporalio import activity
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from activities.nesting import end, watch
from activities.waiting import heartbeating
from adapter.app import ArvoApp
from adapter.dead_letters import DeadLetter
from adapter.delivery import Deliverer, DeliveryStatus
from adapter.errors import EventTooLargeViolation
from adapter.failures import as_failure
from adapter.limits import check_events
from adapter.memo import machine_memo
from adapter.names import DEAD_LETTER, DELIVER, PAUSE, PUBLISH
from adapter.payload import events_to_json, from_raw
from arvo.events import ArvoEvent
from arvo.handling import ArvoEventHandler

Activity = Callable[..., Any]

_ANSWER_WITHIN = timedelta(seconds=10)
_UNDELIVERED = {DeliveryStatus.LATE: "OrchestrationClosed", DeliveryStatus.EARLY: "OrchestrationNotFound"}


def emission_activities(app: ArvoApp) -> list[Activity]:
    """Return the activities of an app: one per handler, under the handler's type, and the ways out."""
    return [*_handlers(app), _publish(app), _bury(app), _hand_over(app), pause, watch, end]


def _handlers(app: ArvoApp) -> Iterator[Activity]:
    for source, handler in app.handlers.items():
        yield _handle(source, handler, app)


def _handle(source: str, handler: ArvoEventHandler, app: ArvoApp) -> Activity:
    @activity.defn(name=source)
    async def handle(raw: RawValue) -> list[dict[str, Any]]:
        """Run the handler; its events are the result. A violation is raised, and tried again by Temporal.

        Raises:
            ApplicationError: If its events are too large, which is not tried again.
        """
        async with heartbeating():
            result = await handler.execute(from_raw(raw))
        try:
            check_events(result.events, app.limits)
        except EventTooLargeViolation as error:
            raise as_failure(error) from error
        return events_to_json(result.events)

    return handle


def _publish(app: ArvoApp) -> Activity:
    @activity.defn(name=PUBLISH)
    async def publish(raw: RawValue) -> list[dict[str, Any]]:
        """Hand the event to the publisher of its domain."""
        event = from_raw(raw)
        async with heartbeating():
            await app.publishers[event.domain](event)
        return []

    return publish


def _bury(app: ArvoApp) -> Activity:
    @activity.defn(name=DEAD_LETTER)
    async def bury(letter: dict[str, Any]) -> list[dict[str, Any]]:
        """Hand a refused delivery to the app's dead-letter publisher."""
        if app.dead_letters is not None:
            await app.dead_letters(DeadLetter.model_validate(letter))
        return []

    return bury


def _hand_over(app: ArvoApp) -> Activity:
    # One for all events of a worker, which has one client: so they share signals.
    deliverer_with = lru_cache(maxsize=1)(Deliverer)

    @activity.defn(name=DELIVER)
    async def hand_over(raw: RawValue) -> list[dict[str, Any]]:
        """Start or signal the orchestration that the event is for.

        Raises:
            ApplicationError: If there is none, which may change, or if it is closed.
        """
        event = from_raw(raw)
        memo = machine_memo(app, event)
        task_queue = app.task_queues.get(event.type, activity.info().task_queue)
        result = await deliverer_with(activity.client()).deliver(event, task_queue=task_queue, memo=memo)
        if not result.accepted and not await _has_had(event, result.workflow_id):
            is_late = result.status is DeliveryStatus.LATE
            raise ApplicationError(result.reason, type=_UNDELIVERED[result.status], non_retryable=is_late)
        return []

    return hand_over


async def _has_had(event: ArvoEvent, workflow_id: str) -> bool:
    """Tell whether an earlier try, whose end nobody saw, has delivered the event to an orchestration closed since."""
    if activity.info().attempt == 1:
        return False
    try:
        ledger = await activity.client().get_workflow_handle(workflow_id).query("ledger", rpc_timeout=_ANSWER_WITHIN)
    except RPCError:
        return False
    return any(entry["id"] == event.id and entry["fate"] != DeliveryStatus.LATE for entry in ledger["entries"])


@activity.defn(name=PAUSE)
async def pause() -> None:
    """Do nothing: an orchestration with a long inbox lets Temporal see between two batches that it is alive."""

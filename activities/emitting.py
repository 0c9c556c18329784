"""The activities through which events leave an orchestration."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from temporalio import activity
from temporalio.client import Client, WorkflowQueryFailedError
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from activities.calling import calling_activity
from activities.nesting import end, watch
from activities.waiting import heartbeating
from adapter.app import ArvoApp
from adapter.dead_letters import DeadLetter
from adapter.delivery import Deliverer, DeliveryStatus
from adapter.errors import EventTooLargeViolation
from adapter.failures import as_failure, lacking
from adapter.ledger import Fate
from adapter.limits import check_events
from adapter.log_fields import log_about
from adapter.members import AnyHandler
from adapter.names import DEAD_LETTER, DELIVER, PAUSE, PUBLISH
from adapter.payload import events_to_json, from_raw
from adapter.queries import query_ledger
from adapter.retried_errors import tried_again
from adapter.room import Room
from arvo.events import ArvoEvent
from arvo.handling import call, publishing

Activity = Callable[..., Any]

_ANSWERS_SHARE = 2
"""How much longer than by what is sent to it a history may become by the answers of handlers."""

_UNDELIVERED = {DeliveryStatus.LATE: "OrchestrationClosed", DeliveryStatus.EARLY: "OrchestrationNotFound"}


def emission_activities(app: ArvoApp) -> list[Activity]:
    """Return the activities of an app: one per handler and resumable, under its type, and the ways out."""

    @lru_cache(maxsize=1)
    def room(client: Client) -> Room:
        """Return one for all answers of a worker, which has one client."""
        return Room(client, _ANSWERS_SHARE * app.limits.history_bytes)

    handlers = [_handling(source, handler, app, room) for source, handler in app.handlers.items()]
    functions = [calling_activity(app, resumable) for resumable in app.resumables.values()]
    return [*handlers, *functions, _publishing(app), _dead_lettering(app), _delivering(app), pause, watch, end]


def _handling(source: str, handler: AnyHandler, app: ArvoApp, room: Callable[[Client], Room]) -> Activity:
    @activity.defn(name=source)
    async def handle(raw: RawValue) -> list[dict[str, Any]]:
        """Run the handler; its events are the result. A violation is raised, and tried again by Temporal.

        Raises:
            HandlerRaisedError: If it raises what its policy tries again.
            ApplicationError: If its events are too large, which is not tried again.
            OrchestrationBusyError: If the history of the orchestration has no room for its events.
        """
        event = from_raw(raw)
        log_about(event)
        async with heartbeating():
            result = await handler.execute(event)
            if result.error is not None and app.policy(source).tries_again(result.error):
                raise tried_again(result.error, result.events, activity.info()) from None
            try:
                size = check_events(result.events, app.limits)
            except EventTooLargeViolation as error:
                raise as_failure(error) from error
            info = activity.info()
            if not info.is_local and info.workflow_id is not None:
                await room(activity.client()).wait(info.workflow_id, size)
        return events_to_json(result.events)

    return handle


def _publishing(app: ArvoApp) -> Activity:
    @activity.defn(name=PUBLISH)
    async def publish(raw: RawValue) -> list[dict[str, Any]]:
        """Hand the event to the publisher of its domain.

        Raises:
            ApplicationError: If this worker, which may be one of an older release, has none.
        """
        event = from_raw(raw)
        log_about(event)
        if event.domain not in app.publishers:
            raise lacking(f"publisher for the domain {event.domain!r}")
        with publishing(event, activity.info().attempt):
            async with heartbeating():
                await call(app.publishers[event.domain], event)
        return []

    return publish


def _dead_lettering(app: ArvoApp) -> Activity:
    @activity.defn(name=DEAD_LETTER)
    async def publish_dead_letter(letter: dict[str, Any]) -> list[dict[str, Any]]:
        """Hand a refused delivery to the app's dead-letter publisher."""
        if app.dead_letters is not None:
            await call(app.dead_letters, DeadLetter.model_validate(letter))
        return []

    return publish_dead_letter


def _delivering(app: ArvoApp) -> Activity:
    @lru_cache(maxsize=1)
    def deliverer(client: Client) -> Deliverer:
        """Return one for all events of a worker, which has one client: so they share signals."""
        return Deliverer(client, app)

    @activity.defn(name=DELIVER)
    async def deliver(raw: RawValue) -> list[dict[str, Any]]:
        """Start or signal the orchestration that the event is for.

        Raises:
            ApplicationError: If there is none, which may change, or if it is closed.
        """
        event = from_raw(raw)
        log_about(event)
        result = await deliverer(activity.client()).deliver(event, task_queue=activity.info().task_queue)
        if not result.accepted and not await _was_delivered_before(event, result.workflow_id):
            is_late = result.status is DeliveryStatus.LATE
            raise ApplicationError(result.reason, type=_UNDELIVERED[result.status], non_retryable=is_late)
        return []

    return deliver


async def _was_delivered_before(event: ArvoEvent, workflow_id: str) -> bool:
    """Tell whether an earlier try, whose end nobody saw, has delivered the event to an orchestration closed since."""
    if activity.info().attempt == 1:
        return False
    try:
        ledger = await query_ledger(activity.client(), workflow_id)
    except (RPCError, WorkflowQueryFailedError):
        return False
    return any((entry.source, entry.id) == event.key and entry.fate is not Fate.LATE for entry in ledger.entries)


@activity.defn(name=PAUSE)
async def pause() -> None:
    """Do nothing: an orchestration with a long inbox lets Temporal see between two batches that it is alive."""

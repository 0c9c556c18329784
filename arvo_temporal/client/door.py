"""What a client refuses before it is sent: what the server would not take, or the orchestration could only fail on."""

from __future__ import annotations

from adapter.app import ArvoApp
from adapter.limits import Limits, check_events, check_fields, check_step
from adapter.routing import starts_orchestration
from arvo import surroundings
from arvo.events import ArvoEvent


def check_at_door(event: ArvoEvent, app: ArvoApp | None) -> None:
    """Refuse what the server would not take, or the orchestration could only fail on.

    Args:
        event: The event that is to be sent.
        app: The app whose orchestrations are meant; without it only sizes are checked.

    Raises:
        EventTooLargeViolation: It is larger than the app's limits allow.
        ViolationError: Its contract, or its machine, refuses an init event.
    """
    limits = app.limits if app else Limits()
    check_fields(event)
    check_events([event], limits)
    orchestrator = app.orchestrators.get(event.type) if app else None
    if app is None or orchestrator is None or not starts_orchestration(event):
        return
    with surroundings.untraced():
        if app.step_mode(event.type) == "inline":
            check_step(orchestrator.step(event, None), limits)
        else:
            orchestrator.check(event, None)

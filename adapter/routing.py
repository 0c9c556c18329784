"""Where a produced event goes: the decision alone, without doing it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, auto

from adapter.app import ArvoApp
from adapter.identity import is_same
from arvo.contracts import PARENT_SUBJECT
from arvo.errors import ArvoError
from arvo.events import ArvoEvent, ArvoOrchestrationSubject
from arvo.wire import is_orchestrator_type


class Route(Enum):
    """The ways an event can leave an orchestration."""

    INBOX = auto()
    """To the orchestration itself."""
    HANDLER = auto()
    """To an event handler, as an activity."""
    CHILD = auto()
    """To a new orchestration that this one is the parent of, as a child workflow."""
    ORCHESTRATION = auto()
    """To another orchestration, by an activity that starts or signals its workflow."""
    PUBLISHER = auto()
    """Out of this app, through the publisher of the event's domain."""
    NOWHERE = auto()
    """Nobody takes it."""


def route(app: ArvoApp, event: ArvoEvent, *, subject: str) -> Route:
    """Decide where `event`, produced by the orchestration `subject`, goes.

    A domain says that the event leaves this app (Arvo's brokers hand domained events over); without one, `to` decides.

    Args:
        app: The app of the worker.
        event: The produced event.
        subject: The subject of the orchestration that produced it.
    """
    to = event.to or event.type
    if event.domain is not None:
        return Route.PUBLISHER if event.domain in app.publishers else Route.NOWHERE
    if event.to == ArvoOrchestrationSubject.parse(subject).orchestrator.name and is_same(event.subject, subject):
        return Route.INBOX
    if _is_handled(app, to):
        return Route.HANDLER
    if is_child(event, subject) and _is_orchestrated(app, event.type):
        return Route.CHILD
    if _is_orchestrated(app, to):
        return Route.ORCHESTRATION
    return Route.PUBLISHER if None in app.publishers else Route.NOWHERE


def possible_routes(app: ArvoApp, receivers: Iterable[str]) -> set[tuple[Route, str]]:
    """Return the ways that events can take out of an orchestration, each with who takes them there.

    Args:
        app: The app of the worker.
        receivers: The types of those that they are for.
    """
    found = {(Route.NOWHERE, ""), *((Route.PUBLISHER, domain or "") for domain in app.publishers)}
    for type_ in receivers:
        if _is_handled(app, type_):
            found.add((Route.HANDLER, type_))
        elif _is_orchestrated(app, type_):
            found |= {(Route.CHILD, type_), (Route.ORCHESTRATION, type_)}
    return found


def is_child(event: ArvoEvent, subject: str) -> bool:
    """Tell whether `event` starts an orchestration that is nested in `subject`."""
    parent = event.data.get(PARENT_SUBJECT)
    return starts_orchestration(event) and isinstance(parent, str) and is_same(parent, subject)


def starts_orchestration(event: ArvoEvent) -> bool:
    """Tell whether `event` is the init event of the orchestration that its subject names."""
    try:
        return event.type == ArvoOrchestrationSubject.parse(event.subject).orchestrator.name
    except ArvoError:
        return False


def _is_handled(app: ArvoApp, type_: str) -> bool:
    return type_ in app.handlers or (type_ in app.task_queues and not is_orchestrator_type(type_))


def _is_orchestrated(app: ArvoApp, type_: str) -> bool:
    return type_ in app.orchestrators or (type_ in app.task_queues and is_orchestrator_type(type_))

"""What a handler has raised, on its way through Temporal: a failure, so that it is tried again, with its last word.

The failure carries the system error events that the handler would have answered with. Whichever try turns out to be the
last one, the orchestration finds them there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic_core import to_json
from temporalio.exceptions import ActivityError, ApplicationError

from adapter.payload import events_from_json, events_to_json
from arvo.contracts import describe_error
from arvo.errors import ArvoError
from arvo.events import ArvoEvent
from arvo.wire import system_error_type

_EVENTS = "systemErrors"
_MOST_DETAILS = 1024 * 1024
"""Bytes of the events: a failure of Temporal has at most 2 MiB."""


class HandlerRaisedError(ApplicationError):
    """A handler has raised something that its policy tries again; in the UI it bears the name of what was raised."""


def tried_again(error: Exception, events: Sequence[ArvoEvent]) -> HandlerRaisedError:
    """Return the failure of a try whose handler has raised.

    Args:
        error: What it has raised.
        events: The system error events that report it.
    """
    told = describe_error(error)
    details = {_EVENTS: events_to_json(events)}
    fits = len(to_json(details)) <= _MOST_DETAILS
    failure = HandlerRaisedError(told["errorMessage"], *([details] if fits else ()), type=type(error).__name__)
    return failure.with_traceback(error.__traceback__)


def last_word(failure: BaseException | None, request: ArvoEvent) -> list[ArvoEvent]:
    """Return the system error events that the failure of the last try carries; none where it carries none.

    Args:
        failure: How an activity has failed.
        request: What it was to handle.
    """
    if isinstance(failure, ActivityError):
        failure = failure.cause
    if not isinstance(failure, ApplicationError) or len(failure.details) != 1:
        return []
    carried = failure.details[0]
    items = carried.get(_EVENTS) if isinstance(carried, Mapping) else None
    if not isinstance(items, list):
        return []
    try:
        events = events_from_json(items)
    except ArvoError:
        return []
    return events if all(event.type == system_error_type(request.type) for event in events) else []

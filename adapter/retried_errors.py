"""What a handler has raised, on its way through Temporal: a failure, so that it is tried again, with its last word.

The failure of a try that may be the last one carries the system error events that the handler would have answered with,
and the orchestration finds them there. The others go without: while tries are left, the server keeps 4 KB of a failure,
and of a longer one nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType

from pydantic_core import to_json
from temporalio import activity
from temporalio.exceptions import ActivityError, ApplicationError

from adapter.failures import reports_failure
from adapter.payload import events_from_json, events_to_json
from arvo.contracts import describe_error
from arvo.errors import ArvoError
from arvo.events import ArvoEvent

_EVENTS = "systemErrors"
_KEPT_TEXT = 1024
_KEPT_FRAMES = 5
_MOST_DETAILS = 1024 * 1024
"""Bytes of the events: a failure of Temporal has at most 2 MiB."""


class HandlerRaisedError(ApplicationError):
    """A handler has raised something that its policy tries again; in the UI it bears the name of what was raised."""


def tried_again(error: Exception, events: Sequence[ArvoEvent], attempt: activity.Info) -> HandlerRaisedError:
    """Return the failure of a try whose handler has raised.

    Args:
        error: What it has raised.
        events: The system error events that report it.
        attempt: The try.
    """
    name, message = type(error).__name__, describe_error(error)["errorMessage"]
    if not may_be_last(attempt, name):
        return HandlerRaisedError(message[:_KEPT_TEXT], type=name).with_traceback(shortened_trace(error.__traceback__))
    details = {_EVENTS: events_to_json(events)}
    carried = [details] if len(to_json(details)) <= _MOST_DETAILS else []
    return HandlerRaisedError(message, *carried, type=name).with_traceback(error.__traceback__)


def may_be_last(attempt: activity.Info, name: str) -> bool:
    """Tell whether a try that has failed by an exception of a name may be the last one."""
    policy = attempt.retry_policy
    if policy is None or name in (policy.non_retryable_error_types or ()):
        return True
    return attempt.is_local or 0 < policy.maximum_attempts <= attempt.attempt or bool(attempt.schedule_to_close_timeout)


def shortened_trace(trace: TracebackType | None) -> TracebackType | None:
    """Return the end of a trace, where the own code is."""
    frames = []
    while trace is not None:
        frames.append(trace)
        trace = trace.tb_next
    return frames[-_KEPT_FRAMES:][0] if frames else None


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
    return events if all(reports_failure(event, request) for event in events) else []

"""The fields that a line of the log has beside its message: which orchestration it is about, and which event.

They go into a record's `extra`, so that a log of any form finds them under their names. Nothing of an event's data is
among them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from adapter.identity import workflow_id
from arvo.errors import ArvoError
from arvo.events import ArvoEvent, ArvoOrchestrationSubject

ORCHESTRATIONS = "arvo_temporal.orchestration"
"""The logger of what becomes of orchestrations and their events."""

_TEXT_KEPT = 2000
"""Characters of each field: as many as a field of an event may have that comes from outside."""

_about: ContextVar[Mapping[str, Any]] = ContextVar("arvo_log_fields")


def orchestration_fields(subject: str) -> dict[str, Any]:
    """Return the fields of an orchestration; of a subject that is none's, that alone.

    Args:
        subject: Its subject.
    """
    fields = {"subject": subject[:_TEXT_KEPT]}
    try:
        content = ArvoOrchestrationSubject.parse(subject)
    except ArvoError:
        return fields
    return {
        **fields,
        "workflow_id": workflow_id(subject),
        "key": content.execution.id[:_TEXT_KEPT],
        "orchestrator": content.orchestrator.name,
        "version": content.orchestrator.version,
    }


def event_fields(event: ArvoEvent) -> dict[str, Any]:
    """Return the fields of an event."""
    return {
        "event_id": event.id[:_TEXT_KEPT],
        "event_type": event.type[:_TEXT_KEPT],
        "event_source": event.source[:_TEXT_KEPT],
    }


def current_fields() -> Mapping[str, Any]:
    """Return the fields of what the code that asks is just about; none where nobody has said it."""
    return _about.get({})


@contextmanager
def about(fields: Mapping[str, Any]) -> Iterator[None]:
    """Let every line that is logged inside the block have these fields, whoever logs it."""
    token = _about.set(fields)
    try:
        yield
    finally:
        _about.reset(token)


def log_about(event: ArvoEvent) -> None:
    """Let every line that is logged from now on in this activity have the fields of its event.

    Temporal logs how a try has failed when the activity is over: so this holds to the end of its task, which has a
    context of its own.
    """
    _about.set(orchestration_fields(event.subject) | event_fields(event))

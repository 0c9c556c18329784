"""The system error that answers an event where no answer can come."""

from __future__ import annotations

from adapter.endings import Cause
from arvo.events import ArvoEvent, create_arvo_event
from arvo.handling import request_name
from arvo.surroundings import deterministic_ids
from arvo.wire import build_dataschema, parse_dataschema, system_error_type
from workflows.determinism import deterministic

_MOST_TEXT = 16 * 1024


def system_error(event: ArvoEvent, subject: str, cause: Cause) -> ArvoEvent:
    """Return the system error event that answers `event` in place of whoever should have.

    Args:
        event: The event that could not be emitted, or was not answered.
        subject: The subject of the orchestration that has produced it.
        cause: Why.
    """
    dataschema = parse_dataschema(event.dataschema)
    with deterministic():
        return create_arvo_event(
            id=deterministic_ids(*request_name(event), "failed")(),
            type=system_error_type(event.type),
            source=event.to or event.type,
            subject=subject,
            to=event.source,
            accesscontrol=event.accesscontrol,
            parentid=event.id,
            dataschema=build_dataschema(dataschema.uri) if dataschema else None,
            data={
                "errorName": cause.name[:_MOST_TEXT],
                "errorMessage": cause.message[:_MOST_TEXT],
                "errorStack": None,
            },
        )

"""The system error that answers an event where no answer can come."""

from __future__ import annotations

from adapter.endings import Cause
from arvo.events import ArvoEvent
from arvo.handling import stand_in_error
from workflows.determinism import deterministic

_MOST_TEXT = 16 * 1024


def system_error(event: ArvoEvent, subject: str, cause: Cause) -> ArvoEvent:
    """Return the system error event that answers `event` in place of whoever should have.

    Args:
        event: The event that could not be emitted, or was not answered.
        subject: The subject of the orchestration that has produced it.
        cause: Why.
    """
    with deterministic():
        return stand_in_error(event, subject, cause.name[:_MOST_TEXT], cause.message[:_MOST_TEXT])

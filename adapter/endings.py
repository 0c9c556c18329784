"""How the end of a nested orchestration reads to its parent: as events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from temporalio.exceptions import ApplicationError, CancelledError, FailureError, TerminatedError, TimeoutError

from adapter.payload import events_from_json
from arvo.events import ArvoEvent

FAILED = "ArvoOrchestrationFailed"
"""Type of the failure of an orchestration whose machine threw; its details carry the record and the events."""


def answers_in_record(record: dict[str, Any], parent_subject: str) -> list[ArvoEvent]:
    """Return the events for the parent in the last record of a completed orchestration."""
    return _addressed(record.get("events", {}).get("produced", ()), parent_subject)


def answers_in_failure(error: BaseException | None, parent_subject: str) -> list[ArvoEvent]:
    """Return the system error events for the parent that the failure of an orchestration carries.

    It carries none where the orchestration did not fail by itself (terminated, timed out, cancelled).
    """
    while isinstance(error, FailureError):
        if isinstance(error, ApplicationError) and error.type == FAILED and error.details:
            return _addressed(error.details[0].get("events", ()), parent_subject)
        error = error.__cause__
    return []


def root_cause(error: FailureError) -> tuple[str, str]:
    """Return the name and the message of what a failure of Temporal comes from."""
    cause = error
    while isinstance(cause.__cause__, FailureError) and not isinstance(cause, ApplicationError):
        cause = cause.__cause__
    name = cause.type if isinstance(cause, ApplicationError) else None
    return name or type(cause).__name__, cause.message


def end_by_force(cause: BaseException, workflow_id: str) -> tuple[str, str]:
    """Return the name and the message of how an orchestration ended that did not end by itself."""
    what = f"The orchestration '{workflow_id}'"
    match cause:
        case TerminatedError():
            return "TerminatedError", f"{what} was terminated: {cause.message}"
        case CancelledError():
            return "CancelledError", f"{what} was cancelled."
        case TimeoutError():
            return "TimeoutError", f"{what} has taken longer than it may."
        case FailureError():
            return root_cause(cause)
    return type(cause).__name__, str(cause)


def _addressed(items: Sequence[dict[str, Any]], subject: str) -> list[ArvoEvent]:
    return [event for event in events_from_json(items) if event.subject == subject and event.domain is None]

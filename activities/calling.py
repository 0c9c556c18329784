"""The activities that call the functions of resumables, one per resumable, under its type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from temporalio import activity
from temporalio.common import RawValue

from activities.progress import KeptProgress
from activities.waiting import heartbeating
from adapter.app import ArvoApp
from adapter.calls import GivenRecord, call_result, failed_call
from adapter.errors import EventTooLargeViolation
from adapter.failures import lacking
from adapter.log_fields import log_about
from adapter.payload import from_raw
from arvo.errors import ViolationError
from arvo.events import ArvoEvent, ArvoOrchestrationSubject
from arvo.orchestration import ArvoResumable
from arvo.telemetry import continued


def calling_activity(app: ArvoApp, resumable: ArvoResumable) -> Callable[..., Any]:
    """Return the activity that calls the functions of a resumable."""
    source = resumable.source

    @activity.defn(name=source)
    async def call_function(raw_event: RawValue, raw_given: RawValue) -> dict[str, Any]:
        """Call the function with an event; what it returns is the result, as JSON.

        Raises:
            ApplicationError: What it raises: tried again are violations, and what its policy says.
        """
        event, given = from_raw(raw_event), GivenRecord.read(raw_given)
        log_about(event)
        _require(resumable, event, given)
        kept = KeptProgress()
        async with heartbeating(kept.details):
            try:
                with continued(given.trace):
                    made = await resumable.call(event, given.record, kept.progress)
                return call_result(made, app.limits)
            except Exception as error:
                is_final = isinstance(error, EventTooLargeViolation) or not (
                    isinstance(error, ViolationError) or app.policy(source).tries_again(error)
                )
                raise failed_call(error, activity.info(), is_final=is_final) from None

    return call_function


def _require(resumable: ArvoResumable, event: ArvoEvent, given: GivenRecord) -> None:
    """Let a call wait for a worker that has its function.

    Raises:
        ApplicationError: This one, of another release, has not, or has one that takes more than it was given.
    """
    version = ArvoOrchestrationSubject.parse(event.subject).orchestrator.version
    if version not in resumable.versions:
        raise lacking(f"function for {version} of '{resumable.source}'")
    missing = [name for name in resumable.arguments(version) if name not in given.arguments]
    if missing:
        raise lacking(f"function for {version} of '{resumable.source}' that does without {', '.join(missing)}")

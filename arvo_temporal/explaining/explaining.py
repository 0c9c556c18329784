"""`explain`: what would become of an event if it came now. Pure: nothing is sent, and no worker is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from adapter.app import ArvoApp
from adapter.errors import AppError
from arvo import surroundings
from arvo.errors import nearest
from arvo.events import ArvoOrchestrationSubject
from arvo.orchestration import ArvoOrchestrator, ArvoResumable, OrchestrationRecord, ResumableRecord
from arvo_temporal.explaining.explanation import Explanation, Verdict
from arvo_temporal.explaining.functions import explain_function
from arvo_temporal.explaining.machines import explain_machine


def explain(
    app: ArvoApp, record: OrchestrationRecord, event_type: str, data: Mapping[str, Any] | None = None
) -> Explanation:
    """Tell what would become of an event if it came now.

    Guards are asked with the present context. Without data, those that read the event's data are undecided. With data,
    the step of a machine is made as a worker would make it, and thrown away; a resumable's function is never called.

    Args:
        app: The app that has the orchestrator.
        record: The orchestration's present record.
        event_type: The event's type.
        data: The event's data.

    Raises:
        AppError: The app has no such orchestrator, or not in this version.
    """
    if (ended := _ended(record, event_type)) is not None:
        return ended
    orchestrator, version = _orchestrator(app, record["subject"])
    with surroundings.untraced():
        if isinstance(orchestrator, ArvoOrchestrator):
            machine = orchestrator.machine(version)
            assert machine is not None, "it is one of its versions"
            return explain_machine(orchestrator, machine, record, event_type, data, app.limits)
        return explain_function(orchestrator, version, cast("ResumableRecord", record), event_type, data)


def _orchestrator(app: ArvoApp, subject: str) -> tuple[ArvoOrchestrator | ArvoResumable, str]:
    named = ArvoOrchestrationSubject.parse(subject).orchestrator
    found = app.orchestrators.get(named.name)
    if isinstance(found, ArvoOrchestrator | ArvoResumable) and named.version in found.versions:
        return found, named.version
    known = [f"{one.source}/{version}" for one in app.orchestrators.values() for version in one.versions]
    near = nearest(f"{named.name}/{named.version}", known)
    raise AppError(
        f"This app has no '{named.name}' at {named.version}; it has {', '.join(known) or 'none'}. "
        f"Name the app that the orchestration is of{f', or a version of it that has {near}' if near else ''}."
    )


def _ended(record: OrchestrationRecord, event_type: str) -> Explanation | None:
    """Explain an event that comes too late; None where none does."""
    if record["executionStatus"] == "failure":
        error = record.get("error")
        why = f" with {error['name']}: {error['message']}" if error else ""
        return Explanation(
            event_type, Verdict.LATE, f"The orchestration has failed{why}. It consumes nothing any more."
        )
    if record.get("status") != "active":
        reason = "The orchestration is done. It consumes nothing any more."
        return Explanation(event_type, Verdict.LATE, reason, record.get("value"))
    return None

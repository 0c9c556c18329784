"""How a Temporal schedule starts orchestrations: what the client that makes it and the workflow it starts agree on.

Temporal adds the time to the workflow id of what a schedule starts, and an orchestration has the id of its subject. So
a schedule starts a workflow of its own type, whose input is an init event, and that starts the orchestration: by the
same event, with a subject of its own for each time.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from temporalio.common import SearchAttributeKey, TypedSearchAttributes

from adapter.names import SCHEDULE
from arvo.events import ArvoEvent, ArvoOrchestrationSubject
from arvo.surroundings import deterministic_ids

SCHEDULER = "com.arvo.schedule"
"""Source of the init events of schedules that do not say who starts their orchestrations."""

LONGEST_ID = 255
"""Bytes of a schedule's id: with the time it is in workflow ids, which have at most 1,000."""

ORCHESTRATION = "orchestration"
"""Key of a schedule's memo under which it says what it starts, as type and version."""

WITH_ATTRIBUTES = "arvo.attributes"
"""Key of the memo of what a schedule starts: whether its namespace has the search attributes of orchestrations."""

_ID = SearchAttributeKey.for_keyword("TemporalScheduledById")
_TIME = SearchAttributeKey.for_datetime("TemporalScheduledStartTime")


def schedule_workflow_id(schedule_id: str) -> str:
    """Return the workflow id of what a schedule starts, to which Temporal adds the time."""
    return f"{SCHEDULE}/{schedule_id}"


def scheduled_by(attributes: TypedSearchAttributes) -> tuple[str, datetime] | None:
    """Return by which schedule a workflow was started, and for which time; None if by none.

    Args:
        attributes: The search attributes of the workflow, where Temporal says so.
    """
    schedule_id, time = attributes.get(_ID), attributes.get(_TIME)
    return (schedule_id, time) if schedule_id is not None and time is not None else None


def occurrence(init: ArvoEvent, schedule_id: str, time: datetime) -> ArvoEvent:
    """Return the init event of the orchestration that a schedule starts for one time.

    It follows from its arguments: whoever asks for the same time again gets the same event, and so the same
    orchestration. Its `time` is that time, by which the machine knows what it is for; its trace begins anew.

    Args:
        init: The init event of the schedule, whose subject says all but the execution id.
        schedule_id: The schedule.
        time: The time by the schedule, without jitter.

    Raises:
        InvalidSubjectError: If the subject of `init` is no orchestration subject.
        InvalidEventError: If a field would be too long.
    """
    content = ArvoOrchestrationSubject.parse(init.subject)
    at = time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    execution = content.execution.model_copy(update={"id": f"{schedule_id}-{at}"})
    subject = ArvoOrchestrationSubject.create(content.model_copy(update={"execution": execution}))
    canonical = ArvoOrchestrationSubject.parse(subject).canonical()
    return replace(
        init,
        id=deterministic_ids("init", canonical)(),
        subject=subject,
        time=at,
        traceparent=None,
        tracestate=None,
    )

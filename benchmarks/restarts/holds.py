"""What a history tells of tasks that the server has handed to a worker that was just stopping."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio.api.enums.v1 import EventType, TimeoutType
from temporalio.client import WorkflowHistory


@dataclass(frozen=True, slots=True)
class Holds:
    """What has held one run.

    Attributes:
        lost: Seconds of each workflow task that a worker was given and did not do.
        waited: Seconds of each workflow task that waited in vain for the worker that has the run in its cache.
        activities: How many tries of its activities were not the first.
    """

    lost: tuple[float, ...]
    waited: tuple[float, ...]
    activities: int


def holds(history: WorkflowHistory) -> Holds:
    """Return what has held the run of a history."""
    times = {event.event_id: event.event_time.ToNanoseconds() / 1e9 for event in history.events}
    lost, waited, repeated = [], [], 0
    for event in history.events:
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT:
            task = event.workflow_task_timed_out_event_attributes
            if task.timeout_type == TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE:
                lost.append(times[event.event_id] - times[task.started_event_id])
            else:
                waited.append(times[event.event_id] - times[task.scheduled_event_id])
        elif event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED:
            repeated += event.activity_task_started_event_attributes.attempt > 1
    return Holds(tuple(lost), tuple(waited), repeated)

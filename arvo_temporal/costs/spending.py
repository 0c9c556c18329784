"""What one orchestration has cost, counted in its history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory

_EACH = {
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: ("activity", 1),
    EventType.EVENT_TYPE_TIMER_STARTED: ("timer", 1),
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED: ("signal", 1),
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED: ("update", 1),
    EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED: ("child workflow", 2),
    EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: ("search attributes", 1),
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED: ("options", 1),
}
"""The billable actions of an event, by its type; https://docs.temporal.io/cloud/actions."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What one orchestration has cost.

    Attributes:
        runs: How many runs of it the server has; older ones go with the namespace's retention.
        events: How many history events they have.
        by_type: How many of each type, the most frequent first.
        actions: Billable actions of Temporal Cloud that history shows; queries, heartbeats and rejected updates it
            does not.
        by_kind: How many actions of each kind.
    """

    runs: int
    events: int
    by_type: Mapping[str, int]
    actions: int
    by_kind: Mapping[str, int]


def spent(runs: Iterable[WorkflowHistory]) -> Spent:
    """Count what the runs of an orchestration have cost."""
    histories = list(runs)
    events = [event for run in histories for event in run.events]
    types = Counter(EventType.Name(event.event_type).removeprefix("EVENT_TYPE_").lower() for event in events)
    kinds: Counter[str] = Counter()
    for run in histories:
        for kind, count in _actions(run):
            kinds[kind] += count
    return Spent(len(histories), len(events), dict(types.most_common()), kinds.total(), dict(kinds.most_common()))


def _actions(run: WorkflowHistory) -> Iterator[tuple[str, int]]:
    marked: set[int] = set()
    for event in run.events:
        if event.event_type in _EACH:
            yield _EACH[event.event_type]
        elif event.event_type == EventType.EVENT_TYPE_MARKER_RECORDED:
            marked.add(event.marker_recorded_event_attributes.workflow_task_completed_event_id)
        else:
            yield from _conditional(event)
    if marked:  # all markers of one workflow task are one action
        yield "local activities", len(marked)


def _conditional(event: HistoryEvent) -> Iterator[tuple[str, int]]:
    match event.event_type:
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
            attributes = event.workflow_execution_started_event_attributes
            if attributes.continued_execution_run_id or not attributes.HasField("parent_workflow_execution"):
                yield "start", 1  # that of a child is counted where it is initiated
        case EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED:
            if (attempt := event.activity_task_started_event_attributes.attempt) > 1:
                yield "activity retry", attempt - 1
        case EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
            metadata = event.workflow_task_completed_event_attributes.metering_metadata
            if metadata.nonfirst_local_activity_execution_attempts:
                yield "local activity retry", metadata.nonfirst_local_activity_execution_attempts
        case EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
            reset = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW
            if event.workflow_task_failed_event_attributes.cause == reset:
                yield "reset", 1

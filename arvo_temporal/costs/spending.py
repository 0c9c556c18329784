"""What an orchestration has cost, counted in its history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
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
    """What an orchestration, or one run of it, has cost; what several runs have cost is their sum.

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

    def __add__(self, other: Spent) -> Spent:
        return _spent(
            self.runs + other.runs,
            Counter(self.by_type) + Counter(other.by_type),
            Counter(self.by_kind) + Counter(other.by_kind),
        )


def spent(run: WorkflowHistory) -> Spent:
    """Count what a run has cost."""
    types = Counter(EventType.Name(event.event_type).removeprefix("EVENT_TYPE_").lower() for event in run.events)
    kinds: Counter[str] = Counter()
    for kind, count in _actions(run):
        kinds[kind] += count
    return _spent(1, types, kinds)


def _spent(runs: int, types: Counter[str], kinds: Counter[str]) -> Spent:
    return Spent(runs, types.total(), dict(types.most_common()), kinds.total(), dict(kinds.most_common()))


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

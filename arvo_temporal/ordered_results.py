"""Lets what comes at once with the result of a local activity be consumed in the order in which a replay has it.

The SDK gives a workflow the result of a local activity last, behind the signals of the same workflow task. A replay has
the result first where it was recorded with the task before: that is so where a query was answered in the task that has
begun the activity (`workflows.foresight`). Which of the two it was stands in the history alone. So the workflow task is
given back, and comes anew with the history: what was recorded is replayed, and what was not is done again, as a local
activity may be. It takes a query, a local activity and an arrival within milliseconds.
"""

from __future__ import annotations

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion

_REASON = (
    "The result of a local activity has come together with other events: their order is read from the history, in the "
    "next try of this workflow task. Nothing is lost."
)


def order_is_open(act: WorkflowActivation) -> bool:
    """Tell whether the result of a local activity comes with something else, for the first time."""
    local = sum(job.HasField("resolve_activity") and job.resolve_activity.is_local for job in act.jobs)
    return not act.is_replaying and 0 < local < len(act.jobs)


def given_back(act: WorkflowActivation) -> WorkflowActivationCompletion:
    """Return the answer that lets a workflow task come anew, with its history."""
    completion = WorkflowActivationCompletion(run_id=act.run_id)
    completion.failed.failure.message = _REASON
    completion.failed.failure.application_failure_info.type = "LocalResultOutOfOrder"
    return completion

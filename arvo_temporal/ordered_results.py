"""Lets what comes at once with the result of a local activity be consumed in the order in which a replay has it.

The SDK gives a workflow the result of a local activity last, behind the signals of the same workflow task. A replay has
the result first where it was recorded with the task before: that is so where a query was answered in the task that has
begun the activity (`workflows.foresight`). Which of the two it was stands in the history alone. So the workflow task is
given back, and comes anew with the history: what was recorded is replayed, and what was not is done again, as a local
activity may be. It takes a query, a local activity and an arrival within milliseconds.
"""

from __future__ import annotations

from typing import Any

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner
from temporalio.workflow import Info

from workflows import OrchestrationWorkflow

_REASON = (
    "The result of a local activity has come together with other events: their order is read from the history, in the "
    "next try of this workflow task. Nothing is lost."
)


class OrderedResults(WorkflowRunner):
    """Runs workflows outside the sandbox, and orchestrations in the order that a replay has.

    Args:
        runner: Runs them; None for Temporal's own.
    """

    def __init__(self, runner: WorkflowRunner | None = None) -> None:
        self._runner = runner or UnsandboxedWorkflowRunner()

    def prepare_workflow(self, defn: Any) -> None:
        """See the base class."""
        self._runner.prepare_workflow(defn)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """See the base class."""
        instance = self._runner.create_instance(det)
        return _Orchestration(instance) if issubclass(det.defn.cls, OrchestrationWorkflow) else instance


class _Orchestration(WorkflowInstance):
    def __init__(self, instance: WorkflowInstance) -> None:
        self._instance = instance

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        """See the base class."""
        if act.is_replaying or not _is_mixed(act):
            return self._instance.activate(act)
        completion = WorkflowActivationCompletion(run_id=act.run_id)
        completion.failed.failure.message = _REASON
        completion.failed.failure.application_failure_info.type = "LocalResultOutOfOrder"
        return completion

    def get_serialization_context(self, command_info: Any) -> Any:
        """See the base class."""
        return self._instance.get_serialization_context(command_info)

    def get_external_store_context(self, command_info: Any) -> Any:
        """See the base class."""
        return self._instance.get_external_store_context(command_info)

    def get_info(self) -> Info:
        """See the base class."""
        return self._instance.get_info()

    def get_thread_id(self) -> int | None:
        """See the base class."""
        return self._instance.get_thread_id()


def _is_mixed(act: WorkflowActivation) -> bool:
    local = sum(job.HasField("resolve_activity") and job.resolve_activity.is_local for job in act.jobs)
    return 0 < local < len(act.jobs)

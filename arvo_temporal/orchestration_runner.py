"""How a worker runs orchestrations: what Temporal brings for one passes here first."""

from __future__ import annotations

from typing import Any

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner
from temporalio.workflow import Info

from arvo_temporal.joined_signals import join_signals
from arvo_temporal.ordered_results import given_back, order_is_open
from workflows import OrchestrationWorkflow


class OrchestrationRunner(WorkflowRunner):
    """Runs workflows outside the sandbox, and gives orchestrations what comes in the shape that they can take.

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
        if order_is_open(act):
            return given_back(act)
        join_signals(act)
        return self._instance.activate(act)

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

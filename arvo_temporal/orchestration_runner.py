"""How a worker runs orchestrations, and what goes with them: what Temporal brings for one passes here first."""

from __future__ import annotations

from threading import Lock
from typing import Any

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner
from temporalio.workflow import Info

from arvo_temporal.joined_signals import join_signals
from arvo_temporal.ordered_results import given_back, order_is_open
from workflows import OrchestrationWorkflow, OutboxWorkflow, ScheduleWorkflow

_WAIT = 1.0
"""Seconds for which an eviction waits: less than the two after which the SDK would begin it in one more thread."""


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
        if issubclass(det.defn.cls, OrchestrationWorkflow):
            return _Orchestration(instance)
        return _Uninterrupted(instance) if issubclass(det.defn.cls, OutboxWorkflow | ScheduleWorkflow) else instance


class _Uninterrupted(WorkflowInstance):
    """A workflow whose task may take too long: it comes to its end nevertheless, and is then made again.

    After two seconds the SDK fails the workflow task, and evicts the workflow while the task still runs, in another
    thread: it waits for a future that `asyncio.wait_for` has cancelled. Both then run the coroutines of the workflow.
    Some are lost, the eviction never succeeds, and the worker is stuck with the workflow until it is started again.
    """

    def __init__(self, instance: WorkflowInstance) -> None:
        self._instance = instance
        self._running = Lock()
        self._has_told_thread = False

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        """See the base class.

        Raises:
            RuntimeError: The task before still runs: this is an eviction, which the SDK tries again every few seconds.
        """
        if not self._running.acquire(timeout=_WAIT):
            raise RuntimeError("The workflow task before still runs: an eviction has to wait for its end.")
        try:
            self._has_told_thread = False
            return self._instance.activate(act)
        finally:
            self._running.release()

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
        """Tell the thread once in a workflow task: the SDK asks after two seconds, for the stack in its error.

        Asked again, it would raise an exception in that thread, whatever runs there. What it hits is lost, be it a task
        of the workflow that was about to go on, which then cannot be evicted either.
        """
        if self._has_told_thread:
            return None
        self._has_told_thread = True
        return self._instance.get_thread_id()


class _Orchestration(_Uninterrupted):
    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        """See the base class."""
        if order_is_open(act):
            return given_back(act)
        join_signals(act)
        return super().activate(act)

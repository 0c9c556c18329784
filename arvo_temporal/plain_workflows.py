"""What plain Temporal workflows find where they run beside orchestrations: `arvo`, as replay-safe as they are.

Temporal imports the modules of a sandboxed workflow anew for each run. `arvo` is passed through, so that an event or a
contract is of the same class in workflow and worker, and no run waits for the import. That is safe: it has no state of
its own, does no I/O, and takes ids and time from its surroundings, which are Temporal's here.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

from temporalio import workflow
from temporalio.worker import (
    ExecuteWorkflowInput,
    HandleSignalInput,
    HandleUpdateInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowRunner,
)
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from workflows import OrchestrationWorkflow
from workflows.determinism import deterministic

# `arvo_temporal` is what a module that defines an app imports, and workflows may share a contract with that.
_PASSED_THROUGH = ("arvo", "arvo_temporal")


def with_arvo(runner: WorkflowRunner | None) -> WorkflowRunner:
    """Return a runner whose sandbox, if it has one, passes `arvo` through; Temporal's own for None."""
    runner = runner or SandboxedWorkflowRunner()
    if not isinstance(runner, SandboxedWorkflowRunner):
        return runner
    return replace(runner, restrictions=runner.restrictions.with_passthrough_modules(*_PASSED_THROUGH))


class PlainWorkflowInterceptor(Interceptor):
    """Gives `arvo` in plain workflows ids and time that a replay gets again; orchestrations see to it themselves."""

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor] | None:
        """See the base class."""
        return _Inbound


class _Inbound(WorkflowInboundInterceptor):
    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
        """See the base class."""
        with _surroundings():
            return await super().execute_workflow(input)

    async def handle_signal(self, input: HandleSignalInput) -> None:
        """See the base class."""
        with _surroundings():
            await super().handle_signal(input)

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:
        """See the base class."""
        with _surroundings():
            return await super().handle_update_handler(input)


def _surroundings() -> AbstractContextManager[object]:
    return nullcontext() if isinstance(workflow.instance(), OrchestrationWorkflow) else deterministic()

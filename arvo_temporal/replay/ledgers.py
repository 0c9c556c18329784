"""What an orchestration answers to queries, rebuilt from its history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from temporalio import workflow
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.worker import (
    ExecuteWorkflowInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from adapter.app import ArvoApp
from adapter.queries import LedgerSnapshot
from adapter.view import OrchestrationView
from arvo_temporal.replay.history import checked
from arvo_temporal.replay.replaying import replay
from arvo_temporal.replay.runs import newest_run, worked_off
from workflows import OrchestrationWorkflow

_WITNESS = "arvo_witness"


async def replayed_ledger(client: Client, app: ArvoApp, workflow_id: str) -> LedgerSnapshot:
    """Return the fates of the newest events of an orchestration, as it would answer itself.

    The history of its newest run, which has what the earlier ones have left, is replayed here, in this process.

    Raises:
        OrchestrationNotFoundError: If the server knows no such orchestration.
        HistoryDiffersError: If the app's code does not do what the history says was done.
    """
    seen = await _replayed(client, app, workflow_id)
    return LedgerSnapshot.model_validate(seen.ledger()) if seen else LedgerSnapshot(counts={}, entries=())


async def replayed_view(client: Client, app: ArvoApp, workflow_id: str) -> OrchestrationView | None:
    """Return what an orchestration tells of itself, as it would answer; None if it has not begun, or never opened.

    Raises:
        OrchestrationNotFoundError: If the server knows no such orchestration.
        HistoryDiffersError: If the app's code does not do what the history says was done.
    """
    seen = await _replayed(client, app, workflow_id)
    try:
        return OrchestrationView.model_validate(seen.view()) if seen else None
    except ApplicationError:  # its input was refused
        return None


async def _replayed(client: Client, app: ArvoApp, workflow_id: str) -> OrchestrationWorkflow | None:
    seen: list[OrchestrationWorkflow] = []
    run = worked_off(await newest_run(client, workflow_id))
    checked(await replay(app, run, client, _Witness(seen.append)), workflow_id)
    return seen[-1] if seen else None


class _Witness(Interceptor):
    """Shows the orchestration that a replayer runs."""

    def __init__(self, show: Callable[[OrchestrationWorkflow], None]) -> None:
        self._show = show

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor] | None:
        """See the base class."""
        input.unsafe_extern_functions[_WITNESS] = self._show
        return _Inbound


class _Inbound(WorkflowInboundInterceptor):
    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
        """See the base class."""
        show = cast("Callable[[object], None]", workflow.extern_functions()[_WITNESS])
        show(workflow.instance())
        return await super().execute_workflow(input)

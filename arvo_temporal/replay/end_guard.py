"""Keeps a replay from ending an orchestration that has not ended.

Where code that is being replayed comes to an end at a place in the history after which no command follows, Temporal
finds no difference: it holds the command, and gives it once the replay is over. So a worker whose code ends in a replay
first makes sure that the server has the run closed. That is one look at the server, where closed orchestrations are
queried, and where other code would do harm; nothing goes into the history.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, cast

from temporalio import workflow
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.exceptions import FailureError, is_cancelled_exception
from temporalio.worker import (
    ExecuteWorkflowInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)
from temporalio.workflow import ContinueAsNewError

from workflows import OrchestrationWorkflow

_EXTERN = "arvo_end_guard"
_WITHIN = 1.0
"""Seconds for the look at the server: Temporal takes a workflow that keeps on for two for dead."""


class EndGuard(Interceptor):
    """Makes sure that an orchestration that ends in a replay has ended.

    Args:
        client: The client of the worker.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="arvo-end-guard")

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor] | None:
        """See the base class."""
        input.unsafe_extern_functions[_EXTERN] = lambda: self._is_closed
        return _Guarded

    def _is_closed(self, workflow_id: str, run_id: str) -> bool | None:
        """Ask the server, from the thread of a workflow; None if it does not answer."""

        async def ask() -> bool:
            handle = self._client.get_workflow_handle(workflow_id, run_id=run_id)
            description = await handle.describe(rpc_timeout=timedelta(seconds=_WITHIN))
            return description.status is not WorkflowExecutionStatus.RUNNING

        try:
            return self._threads.submit(lambda: asyncio.run(ask())).result(_WITHIN)
        except Exception:
            return None


class _Guarded(WorkflowInboundInterceptor):
    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
        """See the base class."""
        try:
            result = await super().execute_workflow(input)
        except ContinueAsNewError:
            _check("continues as new")
            raise
        except FailureError as error:
            _check("is cancelled" if is_cancelled_exception(error) else f"fails ({error.message[:1024]})")
            raise
        _check("completes")
        return result


def _check(what: str) -> None:
    """Let an end pass that is no replayed one, or that the server has.

    Raises:
        NondeterminismError: The orchestration has not ended.
    """
    instance = workflow.instance()
    if not isinstance(instance, OrchestrationWorkflow) or not workflow.unsafe.is_replaying():
        return
    info = workflow.info()
    ask = cast("Callable[[], Callable[[str, str], bool | None]]", workflow.extern_functions()[_EXTERN])()
    is_closed = ask(info.workflow_id, info.run_id)
    if is_closed:
        return
    history = "has gone on" if is_closed is False else "may have gone on: the server has not said in time"
    raise workflow.NondeterminismError(
        f"'{info.workflow_id}': This orchestration {what} with the present code{instance.last_step()}, where the "
        f"history {history}. Deploy code that does what was done; arvo-temporal check-deploy names the step. Until "
        "then this orchestration waits, and loses nothing."
    )

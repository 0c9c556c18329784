"""Explains a changed machine to whoever looks at an orchestration that it does not fit.

A worker that replays an orchestration whose machine has changed under the same version checks the history first. If
the present code does not do what was done, the workflow task fails with an explanation that people read in the
Temporal UI: which step differs, what has changed, and what to do. A change that replays well is let through.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, cast

from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import (
    ExecuteWorkflowInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from adapter.app import ArvoApp
from adapter.memo import MEMO, definition_digest, find_machine, remembered_machine
from adapter.runtime import current_app
from arvo_temporal.replay.check import check_run

logger = logging.getLogger(__name__)

_EXTERN = "arvo_explain"
_PATIENCE = 1.5
"""Seconds; Temporal takes a workflow task for deadlocked after two."""
_CHECKS_KEPT = 1024


class DeploymentGuard(Interceptor):
    """Lets a worker explain why an orchestration does not fit its code.

    Args:
        app: The app that the worker serves.
        client: The worker's client, which reads the histories.
    """

    def __init__(self, app: ArvoApp, client: Client) -> None:
        self._app = app
        self._client = client
        self._loop = _running_loop()
        self._checks: OrderedDict[str, Future[str | None]] = OrderedDict()

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor] | None:
        """See the base class."""
        input.unsafe_extern_functions[_EXTERN] = self._explain
        return _Guarded

    def _explain(self, workflow_id: str, run_id: str) -> str | None:
        """Return why a run does not fit; None if it does, or if that is not found out in time.

        It is called from the thread of a workflow, and waits there: without this answer the task would go on, and
        end as Temporal ends it.
        """
        if self._loop is None:
            return None
        check = self._checks.get(run_id)
        if check is None:
            check = asyncio.run_coroutine_threadsafe(self._check(workflow_id, run_id), self._loop)
            self._checks[run_id] = check
            while len(self._checks) > _CHECKS_KEPT:
                self._checks.popitem(last=False)
        try:
            return check.result(_PATIENCE)
        except TimeoutError:
            return None

    async def _check(self, workflow_id: str, run_id: str) -> str | None:
        try:
            run = await self._client.get_workflow_handle(workflow_id, run_id=run_id).fetch_history()
            found = await check_run(self._app, run, self._client)
        except Exception:
            logger.warning("The history of '%s' could not be checked", workflow_id, exc_info=True)
            return None
        return f"'{workflow_id}': {found.explanation()}" if found.difference else None


class _Guarded(WorkflowInboundInterceptor):
    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
        """See the base class.

        Raises:
            NondeterminismError: The history does not fit the present code; it fails the workflow task.
        """
        if workflow.unsafe.is_replaying() and _has_changed_machine():
            explain = cast("Callable[[str, str], str | None]", workflow.extern_functions()[_EXTERN])
            info = workflow.info()
            explanation = explain(info.workflow_id, info.run_id)
            if explanation is not None:
                raise workflow.NondeterminismError(explanation)
        return await super().execute_workflow(input)


def _has_changed_machine() -> bool:
    then = remembered_machine(workflow.memo().get(MEMO))
    if then is None:
        return False
    machine = find_machine(current_app().orchestrators.get(workflow.info().workflow_type), then.version)
    return machine is not None and definition_digest(machine) != then.digest


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None

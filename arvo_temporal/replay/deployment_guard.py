"""Explains a changed machine to whoever looks at an orchestration that it may not fit.

Temporal finds by itself that code does not do what a history says was done, but only in terms of its own commands, and
of all failures of a workflow task people read the first. So a worker that replays an orchestration whose machine has
changed under the same version speaks up before: where a step goes through what has changed, the task fails with an
explanation. It may replay well all the same; therefore the next try really replays, and goes on by itself if it can.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from typing import Any, cast

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.worker import (
    ExecuteWorkflowInput,
    HandleQueryInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from adapter.app import ArvoApp
from adapter.definition import definition_digest, find_machine
from adapter.definition_changes import ChangedMachine, changed_machine
from adapter.ledger import Fate
from adapter.memo import MEMO, RememberedMachine, memo_of, remembered_machine
from adapter.observation import HistoryEntry, Observer, observe
from arvo.orchestration import ArvoMachine
from arvo_temporal.replay.changed_parts import ChangedParts
from arvo_temporal.replay.guarded_run import GuardedRun
from workflows import OrchestrationWorkflow

_EXTERN = "arvo_guarded_run"
_RUNS_KEPT = 4096


class DeploymentGuard(Interceptor):
    """Lets a worker explain why an orchestration may not fit its code.

    Args:
        app: The app that the worker serves.
    """

    def __init__(self, app: ArvoApp) -> None:
        self._app = app
        self._runs: OrderedDict[str, GuardedRun] = OrderedDict()

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor] | None:
        """See the base class."""
        observe(input, self._begin)
        input.unsafe_extern_functions[_EXTERN] = lambda: self._runs.get(workflow.info().run_id)
        return _Guarded

    def _begin(self) -> Observer | None:
        """Return who observes a workflow that begins, or begins again; None if its machine has not changed."""
        run = self._guarded_run()
        if run is None or run.fits or not workflow.unsafe.is_replaying():
            return None
        run.begin()

        def observe_step(step: HistoryEntry) -> None:
            # What became of other events stands, or says itself why it cannot.
            if step.fate is not Fate.APPLIED or not workflow.unsafe.is_replaying():
                return
            explanation = run.look_at(step)
            if explanation is not None:
                raise workflow.NondeterminismError(explanation)

        return observe_step

    def _guarded_run(self) -> GuardedRun | None:
        info, then = workflow.info(), remembered_machine(memo_of(workflow.memo_value(MEMO, None, type_hint=RawValue)))
        machine = find_machine(self._app.orchestrators.get(info.workflow_type), then.version) if then else None
        if then is None or machine is None or then.digest == definition_digest(machine):
            return None
        run = self._runs.get(info.run_id)
        if run is None:
            run = self._runs[info.run_id] = GuardedRun(info.workflow_id, *_compared(then, machine))
            while len(self._runs) > _RUNS_KEPT:
                self._runs.popitem(last=False)
        return run


class _Guarded(WorkflowInboundInterceptor):
    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
        """See the base class."""
        run = _guarded_run()
        if run is not None and not run.fits:
            run.go_on_from(cast(OrchestrationWorkflow, workflow.instance()).record())
            self._waiting = asyncio.create_task(_settle_when_live(run))
        return await super().execute_workflow(input)

    async def handle_query(self, input: HandleQueryInput) -> Any:
        """See the base class; who is asked has been replayed."""
        run = _guarded_run()
        if run is not None:
            run.settle()
        return await super().handle_query(input)


async def _settle_when_live(run: GuardedRun) -> None:
    await workflow.wait_condition(lambda: not workflow.unsafe.is_replaying())
    run.settle()


def _guarded_run() -> GuardedRun | None:
    return cast("Callable[[], GuardedRun | None]", workflow.extern_functions()[_EXTERN])()


@lru_cache(maxsize=256)
def _compared(then: RememberedMachine, machine: ArvoMachine) -> tuple[ChangedMachine, ChangedParts | None]:
    try:
        definition = then.definition()
        parts = ChangedParts(definition, machine) if definition is not None else None
        changed = changed_machine(then, machine)
    except Exception:  # who started the workflow by hand has written a definition that is none
        return ChangedMachine(then.version, None), None
    assert changed is not None, "asked only where the digests differ"
    return changed, parts

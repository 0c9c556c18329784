"""The workflow that is one orchestration: events in, one at a time, through the Arvo machine."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import FailureError, is_cancelled_exception

from adapter.failures import as_failure, refusal
from adapter.memo import MEMO, machine_memo, remembers_pauses_by_time
from adapter.names import PAUSE
from adapter.payload import from_raw, to_raw
from adapter.runtime import current_app
from arvo.errors import ArvoError
from arvo.orchestration import MachineMemoryRecord
from workflows.carried import Carried
from workflows.instance import OrchestrationInstance
from workflows.opening import open_orchestration
from workflows.pace import Pace
from workflows.signal import only_argument

_PAUSE_WITHIN = timedelta(seconds=10)
"""For a local activity that does nothing, which takes milliseconds; a timer would take a second."""


@workflow.defn(dynamic=True, sandboxed=False)
class OrchestrationWorkflow:
    """One orchestration subject, durable.

    Its type is the orchestrator's type, its id the subject's (`adapter.identity`), its input the init event. It is
    one dynamic workflow, so that the types that a worker serves are data. It runs outside the sandbox because the
    sandbox guards modules that workflow code imports, and the app's machines reach it as objects: the sandbox would
    cost a re-import for each orchestration and guard nothing. What guards their code is in `docs/performance.md`.
    """

    @workflow.init
    def __init__(self, args: Sequence[RawValue]) -> None:
        self._opening: ArvoError | None = None
        self._orchestration: OrchestrationInstance | None = None
        try:
            init = from_raw(only_argument(args[:1], "workflow input"))
            carried = Carried.model_validate_json(args[1].payload.data) if len(args) > 1 else None
            self._orchestration = open_orchestration(current_app(), init, carried)
        except ArvoError as error:
            self._opening = error

    @workflow.run
    async def run(self, args: Sequence[RawValue]) -> MachineMemoryRecord:
        """Consume events until the machine is done; the result is the last record.

        Raises:
            CancelledError: If it was cancelled: it has ended as it is, and taken its children along as the app says.
        """
        orchestration = self._opened()
        try:
            await self._consume(orchestration)
            await orchestration.close()
        except (asyncio.CancelledError, FailureError) as error:
            if is_cancelled_exception(error):
                await orchestration.abandon()
            raise
        return orchestration.result()

    async def _consume(self, orchestration: OrchestrationInstance) -> None:
        pace = Pace(by_count=not remembers_pauses_by_time(workflow.memo().get(MEMO)))
        while not orchestration.closed:
            await workflow.wait_condition(lambda: bool(orchestration.inbox) or orchestration.run_is_full())
            pace.begin()
            orchestration.consume(pace.wants_pause)
            if not orchestration.closed and orchestration.run_is_full():
                workflow.continue_as_new(
                    args=[to_raw(orchestration.next_init()), orchestration.carry().model_dump(mode="json")],
                    memo=machine_memo(current_app(), orchestration.init),
                )
            if orchestration.inbox and not orchestration.closed:
                await workflow.execute_local_activity(PAUSE, start_to_close_timeout=_PAUSE_WITHIN)

    @workflow.signal(dynamic=True)
    def deliver(self, name: str, args: Sequence[RawValue]) -> None:
        """Take an event. It is read when its turn comes: thousands can arrive within one workflow task."""
        if self._orchestration is not None:
            self._orchestration.arrive(name, args)

    @workflow.update
    async def execute(self, event: RawValue) -> dict[str, Any]:
        """Take an event and answer with what became of it and the events that it produced."""
        orchestration = self._opened()
        outcome = await orchestration.answer(from_raw(event))
        if outcome.error is not None:
            raise as_failure(outcome.error)
        return outcome.to_json()

    @execute.validator
    def _check_execute(self, event: RawValue) -> None:
        try:
            self._opened().check(from_raw(event))
        except ArvoError as error:
            raise as_failure(error) from error

    @workflow.query
    def record(self) -> MachineMemoryRecord | None:
        """Answer the machine memory record as Arvo's JSON; None before the first step."""
        return self._opened().record

    @workflow.query
    def ledger(self) -> dict[str, Any]:
        """Answer the fates of the newest events, oldest first, and how often each fate came up."""
        ledger = self._opened().ledger
        return {"counts": ledger.counts, "entries": ledger.to_json()}

    @workflow.query
    def violations(self) -> list[dict[str, Any]]:
        """Answer the refused deliveries that are still kept, oldest first."""
        entries = self._opened().ledger.violations()
        return [entry.model_dump(mode="json", exclude_none=True) for entry in entries]

    def _opened(self) -> OrchestrationInstance:
        if self._orchestration is None:
            raise as_failure(self._opening or refusal("This orchestration has not been opened."))
        return self._orchestration

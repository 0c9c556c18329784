"""The workflow that is one orchestration: events in, one at a time, through the Arvo machine or function."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError, FailureError, is_cancelled_exception

from adapter.codec import wait_for_codec
from adapter.failures import AwaitsDeploymentError, as_failure, refusal
from adapter.markdown import escaped
from adapter.payload import events_to_json, from_raw
from adapter.runtime import current_app
from arvo.errors import ArvoError, error_name
from arvo.orchestration import MachineMemoryRecord
from arvo.surroundings import untraced
from workflows.arguments import arguments_of_run
from workflows.closing import abandon, close, give_up
from workflows.continuation import continue_as_new, run_is_full
from workflows.details import details
from workflows.instance import OrchestrationInstance, put_together, resume
from workflows.opening import find_orchestrator
from workflows.pace import Pace
from workflows.reports import report_refused_input
from workflows.view import view_of


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
        self._refused: ArvoError | None = None
        self._hindrance: AwaitsDeploymentError | None = None
        self._orchestration: OrchestrationInstance | None = None
        try:
            # A span takes its id from the workflow's object, which is only being made.
            with untraced():
                self._orchestration = _opened(args)
        except ArvoError as error:
            self._refused = error
        except AwaitsDeploymentError as error:
            # Raised by `run`: raised here, it would leave coroutines behind that nobody awaits.
            self._hindrance = error

    @workflow.run
    async def run(self, args: Sequence[RawValue]) -> MachineMemoryRecord:
        """Consume events until the machine, or the function, is done; the result is the last record.

        Raises:
            ApplicationError: If the machine threw, or its init event was refused: the workflow shows as failed.
            AwaitsDeploymentError: If this worker cannot go on with it: the workflow task fails.
            CancelledError: If it was cancelled: it has ended as it is, and taken its children along as the app says.
        """
        if self._refused is not None:
            report_refused_input(error_name(self._refused), current_app().orchestrators)
        orchestration = self._opened()
        resume(orchestration)
        try:
            await self._give_turns(orchestration)
            return await close(orchestration)
        except (asyncio.CancelledError, FailureError) as error:
            await (abandon if is_cancelled_exception(error) else give_up)(orchestration)
            raise

    async def _give_turns(self, orchestration: OrchestrationInstance) -> None:
        pace, turns = Pace(orchestration.foresight), orchestration.turns
        while not orchestration.steps.closed:
            await workflow.wait_condition(lambda: turns.are_due() or run_is_full(orchestration))
            pause_is_due = await turns.give(pace)
            if not orchestration.steps.closed and run_is_full(orchestration):
                continue_as_new(orchestration)
            if pause_is_due:
                await pace.pause()

    @workflow.signal(dynamic=True)
    def arrive(self, name: str, args: Sequence[RawValue]) -> None:
        """Receive a signal of any name. Events are read when their turns come: thousands can arrive at once."""
        if self._orchestration is not None:
            self._orchestration.reception.arrive(name, args)

    @workflow.update(description="Consumes an ArvoEvent (JSON), and answers with its fate and what it has produced.")
    async def execute(self, event: RawValue) -> dict[str, Any]:
        """Receive an event and answer with what became of it and the events that it produced."""
        outcome = await self._opened().reception.answer(from_raw(event))
        if outcome.error is not None:
            raise as_failure(outcome.error)
        return outcome.to_json()

    @execute.validator
    def _check_execute(self, event: RawValue) -> None:
        try:
            self._opened().reception.check(from_raw(event))
        except ArvoError as error:
            raise as_failure(error) from error

    @workflow.update(description="Consumes a refused or unhandled ArvoEvent (JSON) again, and answers likewise.")
    async def redrive(self, event: RawValue) -> dict[str, Any]:
        """Receive an event again that was refused or unhandled, and answer as `execute` does."""
        outcome = await self._opened().reception.answer(from_raw(event), again=True)
        if outcome.error is not None:
            raise as_failure(outcome.error)
        return outcome.to_json()

    @redrive.validator
    def _check_redrive(self, event: RawValue) -> None:
        self._check_execute(event)

    @workflow.update(description="Sends a failed request again: its id as JSON text, or null for all that have failed.")
    def retry(self, wanted: RawValue) -> list[dict[str, Any]]:
        """Send the failed requests of an id again, or all that have failed (null), and answer with them."""
        try:
            return events_to_json(self._opened().reception.retry(wanted))
        except ArvoError as error:
            raise as_failure(error) from error

    @retry.validator
    def _check_retry(self, wanted: RawValue) -> None:
        try:
            self._opened().reception.check_retry(wanted)
        except ArvoError as error:
            raise as_failure(error) from error

    @workflow.update(description="Answers as soon as it is in a state or has a tag, or that it is not, after a while.")
    async def wait(self, wanted: RawValue) -> dict[str, Any]:
        """Answer as soon as the machine is in a state, or has a tag; or that it is not, after a while."""
        try:
            return await self._opened().waits.wait(wanted)
        except ArvoError as error:
            raise as_failure(error) from error

    @wait.validator
    def _check_wait(self, wanted: RawValue) -> None:
        try:
            self._opened().waits.check(wanted)
        except ArvoError as error:
            raise as_failure(error) from error

    @workflow.update(description="Answers a request in the place of its service: a resolution as JSON.")
    async def resolve(self, answer: RawValue) -> dict[str, Any]:
        """Answer an open or failed request in the place of its service, and answer as `execute` does."""
        try:
            outcome = await self._opened().resolving.resolve(answer)
        except ArvoError as error:
            raise as_failure(error) from error
        if outcome.error is not None:
            raise as_failure(outcome.error)
        return outcome.to_json()

    @resolve.validator
    def _check_resolve(self, answer: RawValue) -> None:
        try:
            self._opened().resolving.check(answer)
        except ArvoError as error:
            raise as_failure(error) from error

    @workflow.update(description="Ends troubles that need no cure: which, or null for all.")
    def dismiss(self, which: RawValue) -> list[dict[str, Any]]:
        """End troubles that need no cure, and answer with them."""
        try:
            dismissed = self._opened().dismissing.dismiss(which)
        except ArvoError as error:
            raise as_failure(error) from error
        return [trouble.model_dump(mode="json", exclude_none=True) for trouble in dismissed]

    @dismiss.validator
    def _check_dismiss(self, which: RawValue) -> None:
        try:
            self._opened().dismissing.check(which)
        except ArvoError as error:
            raise as_failure(error) from error

    @workflow.query(description="The present troubles, oldest first.")
    def troubles(self) -> list[dict[str, Any]]:
        """Answer the present troubles that are kept one by one, oldest first."""
        troubles = self._opened().troubles.kept()
        return [trouble.model_dump(mode="json", exclude_none=True) for trouble in troubles]

    @workflow.query(description="The requests that are open or have failed, and what can answer them.")
    def requests(self) -> list[dict[str, Any]]:
        """Answer the requests that are open or have failed, with the types of the events that can answer them."""
        return [request.model_dump(mode="json") for request in self._opened().resolving.requests()]

    @workflow.query(description="The machine memory record, as Arvo's JSON.")
    def record(self) -> MachineMemoryRecord | None:
        """Answer the machine memory record as Arvo's JSON; None before the first step."""
        return self._opened().steps.record

    @workflow.query(description="What became of the newest events, and how often each fate came up.")
    def ledger(self) -> dict[str, Any]:
        """Answer the fates of the newest events, oldest first, and how often each fate came up."""
        ledger = self._opened().ledger
        return {"counts": ledger.counts, "entries": ledger.to_json()}

    @workflow.query(description="The refused deliveries that are still kept, with their reasons.")
    def violations(self) -> list[dict[str, Any]]:
        """Answer the refused deliveries that are still kept, oldest first."""
        entries = self._opened().ledger.violations()
        return [entry.model_dump(mode="json", exclude_none=True) for entry in entries]

    @workflow.query(description="Where it stands, what it takes, waits for and has sent, its last steps and troubles.")
    def view(self) -> dict[str, Any]:
        """Answer what the orchestration tells of itself to people (`adapter.view`), as JSON."""
        return view_of(self._opened()).to_json()

    def details(self) -> str:
        """Return what the Temporal UI shows of it, as Markdown; why there is nothing, where it cannot go on."""
        try:
            return details(view_of(self._opened()), workflow.now())
        except (ApplicationError, AwaitsDeploymentError) as error:
            return escaped(str(error), 2000)

    def last_step(self) -> str:
        """Return in words where an orchestration stands that is just ending: behind which step."""
        steps = self._orchestration.steps if self._orchestration is not None else None
        return f" at step {steps.count} ({steps.last_type})" if steps is not None and steps.count else ""

    def _opened(self) -> OrchestrationInstance:
        if self._hindrance is not None:
            raise self._hindrance
        if self._orchestration is None:
            raise as_failure(self._refused or refusal("This orchestration has not been opened."))
        return self._orchestration


def _opened(args: Sequence[RawValue]) -> OrchestrationInstance:
    """Return the orchestration of a run that begins.

    Raises:
        ArvoError: What the run begins with is none.
        AwaitsDeploymentError: This worker cannot go on with it.
    """
    app = current_app()
    argument, carried = arguments_of_run(args)
    wait_for_codec(app, argument)
    init = from_raw(argument)
    return put_together(app, find_orchestrator(app, init, carried), init, carried)

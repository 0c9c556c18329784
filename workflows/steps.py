"""The steps of an orchestration: an event or a delayed transition goes through its machine, and has effects."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, cast

from temporalio import workflow

from adapter.app import AnyOrchestrator
from adapter.endings import Ending
from adapter.failures import as_failure
from adapter.ledger import Fate
from adapter.limits import Limits, check_step
from adapter.log_fields import about, event_fields
from adapter.observation import HistoryEntry, current_observer, sleep
from adapter.state_words import state_words
from adapter.troubles import TroubleKind
from arvo.errors import ArvoError, error_name
from arvo.events import ArvoEvent
from arvo.orchestration import (
    ArvoOrchestrator,
    ArvoResumable,
    OrchestrationRecord,
    ResumableCall,
    ResumableRecord,
    Step,
)
from workflows.calls import Calls
from workflows.chronicle import Chronicle
from workflows.determinism import deterministic
from workflows.emission import Emission
from workflows.fates import Fates
from workflows.inbox import DueTimer, Inbox, Outcome
from workflows.marks import Marks
from workflows.reports import Reports
from workflows.standing import Attempt, Cause, attempt, difference_from_history, last_consumed, uphold
from workflows.timers import Timers
from workflows.trace import OrchestrationTrace
from workflows.trouble import Troubles

_REASON_KEPT = 1024
_MOMENT = 0.001


class Steps:
    """Takes an orchestration from record to record.

    Args:
        orchestrator: The orchestrator whose machine, or function, makes the steps.
        calls: Calls the function outside the workflow; None if the steps are made in the workflow.
        limits: How large a step may be.
        trace: The trace of the orchestration.
        parent: The subject of the parent whose workflow reads how this orchestration ends; None if there is none.
        marks: The fates that stand, in the history of this run.
        inbox: Remembers what was consumed.
        fates: Where it is entered what became of an event.
        timers: What delayed transitions are effected by.
        emission: What produced events are effected by.
        troubles: Told that the machine goes on.
        chronicle: Where each step is noted.
        reports: What logs and metrics are told.

    Attributes:
        record: The machine memory record after the last step; None before the first one.
        count: How many steps were made, over all runs.
        earlier: How many of them were made in earlier runs.
        last_type: The type of the event, or of the delayed transition's event, of the last step of this run.
        ending: How the orchestration has ended; None if its machine goes on.
        closed: Whether nothing is consumed any more.
        marks: See the argument.
        trace: The trace of the orchestration.
        calls_made: How many calls outside the workflow have come back in this run.
        waits: How often a step has taken its time in this run.
        watchers: Called with the record after each step.
    """

    def __init__(
        self,
        orchestrator: AnyOrchestrator,
        calls: Calls | None,
        limits: Limits,
        trace: OrchestrationTrace,
        parent: str | None,
        marks: Marks,
        *,
        inbox: Inbox,
        fates: Fates,
        timers: Timers,
        emission: Emission,
        troubles: Troubles,
        chronicle: Chronicle,
        reports: Reports,
    ) -> None:
        self.record: OrchestrationRecord | None = None
        self.count = self.earlier = 0
        self.last_type = ""
        self.ending: Ending | None = None
        self.closed = False
        self.marks = marks
        self.trace = trace
        self.calls_made = self.waits = 0
        self.watchers: list[Callable[[OrchestrationRecord], None]] = []
        self._orchestrator = orchestrator
        self._calls = calls
        self._limits = limits
        self._parent = parent
        self._inbox = inbox
        self._fates = fates
        self._timers = timers
        self._emission = emission
        self._troubles = troubles
        self._chronicle = chronicle
        self._reports = reports
        self._took = 0.0
        self._observer = current_observer()

    async def consume(self, event: ArvoEvent) -> Outcome:
        """Let the machine, or the function, consume an event.

        Raises:
            ApplicationError: If it is the first one, and refused: the workflow fails.
            NondeterminismError: The history has consumed it, and the present code does not.
            FailureError: The orchestration was cancelled meanwhile.
        """
        cause = Cause(event, event.id, event.type, event.key, event)
        try:
            work = await self._call(self._calls, event, cause) if self._calls else self._in_place(event)
            fate, step = await self._make(cause, work)
        except ArvoError as error:
            if self.record is None:
                self.marks.settle()
                self._reports.refused_start(event, error_name(error))
                raise as_failure(error) from error
            self._fates.refuse(event, error, event.to_json_text())
            return Outcome(Fate.REFUSED, error=error)
        self._inbox.remember(event, handled=fate is not Fate.UNHANDLED)
        self._apply(fate, step, cause, event)
        facts = self._facts(fate, step, event.type)
        self._fates.enter(event, fate, **facts)
        return Outcome(fate, step.events, reason=facts.get("reason"))

    async def fire(self, timer: DueTimer) -> None:
        """Let a delayed transition that is due happen.

        Raises:
            NondeterminismError: It has happened in the history, and the present code refuses it or throws.
            CancelledError: The orchestration was cancelled meanwhile.
        """
        record = self.record
        orchestrator = self._orchestrator
        assert record is not None, "the first step has been made: it consumes the init event"
        assert isinstance(orchestrator, ArvoOrchestrator), "only machines have delayed transitions"
        event_type = str(timer.schedule.event["type"])
        cause = Cause(last_consumed(record), timer.firing_id, event_type, (timer.firing_id,), timer.schedule.event)
        try:
            fate, step = await self._make(cause, lambda: orchestrator.fire(timer.schedule, timer.firing_id, record))
        except ArvoError as error:
            self._fates.refuse(None, error, cause.type)
            return
        self._apply(fate, step, cause, None)
        if fate is Fate.FAILED:
            self._fates.enter(None, fate, **self._facts(fate, step, cause.type))

    def restore(self, record: OrchestrationRecord | None, count: int) -> None:
        """Take up what the steps of earlier runs have come to, and how many these were."""
        self.record = record
        self.count = self.earlier = count
        self._reports.resume(record)

    def rehearse(self, event: ArvoEvent) -> bool:
        """Raise the violation that consuming an event now would raise, and leave no trace.

        Returns:
            Whether the machine would handle it; True where only a call of the function could tell.

        Raises:
            ArvoError: As `ArvoOrchestrator.step` does, and where the step is too large.
        """
        with deterministic(recording=False):
            if self._calls is not None:
                self._orchestrator.check(event, self.record)
                return True
            step = self._orchestrator.step(event, self.record)
            check_step(step, self._limits)
            return step.handled

    def _in_place(self, event: ArvoEvent) -> Callable[[], Step]:
        """Return what consumes an event within the workflow."""
        return lambda: self._orchestrator.consume(event, self.record)

    async def _call(self, calls: Calls, event: ArvoEvent, cause: Cause) -> Callable[[], Step]:
        """Call the function outside the workflow, and return what makes the step of it.

        What the function is not called with is refused before, which is a fate of its own in the history: a replay has
        to know whether there was a call.
        """
        await self._make(cause, lambda: self._at_the_door(event))
        self.marks.settle()
        call = await calls.call(event, self.record, self.trace.headers)
        self.calls_made += 1
        self.waits += 1
        self.marks.begin()
        return lambda: self._conclude(event, call)

    def _at_the_door(self, event: ArvoEvent) -> Step:
        self._orchestrator.check(event, self.record)
        return Step(None, handled=True)

    def _conclude(self, event: ArvoEvent, call: ResumableCall | Exception) -> Step:
        resumable = self._orchestrator
        assert isinstance(resumable, ArvoResumable), "only its function is called"
        return cast("Step", resumable.conclude(event, cast("ResumableRecord | None", self.record), call))

    async def _make(self, cause: Cause, work: Callable[[], Step]) -> tuple[Fate, Step]:
        """Make a step, and return its fate with it: in a replay the one that it has had.

        Raises:
            ArvoError: The step is refused, now or by the history.
            NondeterminismError: The history has consumed it, and the present code does not.
            CancelledError: The orchestration was cancelled meanwhile.
        """
        stands = self.marks.next()
        fields = self._reports.fields | event_fields(cause.event)
        with deterministic(patched=self.marks.patched), self.trace.entered(), about(fields):
            began = time.perf_counter()
            made = attempt(lambda: self._within_limits(work()))
            self._took = time.perf_counter() - began
        if self.marks.is_in_doubt(made.fate, stands):
            stands = await self._look_again()
        if self.marks.is_replay:
            made = self._as_it_was(made, stands, cause)
        self.marks.note(made.fate)
        if made.refusal is not None:
            raise made.refusal
        return made.fate, made.step

    async def _look_again(self) -> Fate | None:
        """Let a step that has come to trouble wait for a workflow task in which a replay finds its mark.

        Returns:
            The fate that a mark in the history says it has had.
        """
        self.marks.settle()
        await sleep(_MOMENT, "what has come of an event is noted")
        self.waits += 1
        self.marks.begin()
        return self.marks.next()

    def _as_it_was(self, made: Attempt, stands: Fate | None, cause: Cause) -> Attempt:
        difference = difference_from_history(made, stands)
        if difference is None:
            return uphold(made, stands, self._orchestrator, self.record, cause)
        number = self.count + 1
        self._observe(number, cause, made.fate, None)
        raise workflow.NondeterminismError(f"Step {number} ({cause.type}) differs: {difference}")

    def _within_limits(self, step: Step) -> Step:
        check_step(step, self._limits)
        return step

    def _facts(self, fate: Fate, step: Step, event_type: str) -> dict[str, Any]:
        """Return what the ledger says of a step beside its fate."""
        if fate is Fate.UNHANDLED:
            value = self.record.get("value") if self.record else None
            return {"reason": f"No transition for '{event_type}' is enabled in the state {value}."}
        if step.error is None:
            return {"step": self.count}
        name = type(step.error).__name__
        return {"step": self.count, "code": name, "reason": f"{name}: {step.error}"[:_REASON_KEPT]}

    def _apply(self, fate: Fate, step: Step, cause: Cause, event: ArvoEvent | None) -> None:
        """Take a step into the record, and effect it; `event` is what it consumes, None for a delayed transition."""
        self.count += 1
        self.last_type = cause.type
        if step.record is not None:
            self.record = cast("OrchestrationRecord", step.record)
            for look in self.watchers:
                look(self.record)
        self._observe(self.count, cause, fate, self.record, step.events)
        if fate is Fate.APPLIED:
            self._troubles.end_all(TroubleKind.UNHANDLED)
        value = self.record.get("value") if self.record else None
        left = self._chronicle.note(self.count, cause.type, value, step.events, fate=fate, time=workflow.time())
        self._reports.step(self.count, cause.type, event, fate, value, left=left, took=self._took)
        self._timers.apply(step.timers, *cause.key)
        if self.record is not None and self.record.get("status") != "active":
            self.closed = True
            self.ending = Ending.of_step(step, self.record)
        place = f"at step {self.count}" if value is None else f"in {state_words(value)}"
        for event in self.ending.for_others(self._parent) if self.ending else step.events:
            self._emission.emit(event, place)

    def _observe(
        self,
        number: int,
        cause: Cause,
        fate: Fate,
        record: OrchestrationRecord | None,
        events: tuple[ArvoEvent, ...] = (),
    ) -> None:
        if self._observer is not None:
            now = workflow.now().isoformat()
            self._observer(HistoryEntry(number, cause.id, cause.type, now, record, events, fate, cause.given))

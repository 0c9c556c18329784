"""The steps of an orchestration: an event or a delayed transition goes through its machine, and has effects."""

from __future__ import annotations

from collections.abc import Callable

from temporalio import workflow

from adapter.endings import Ending
from adapter.failures import as_failure
from adapter.ledger import Fate
from adapter.limits import Limits, check_step
from adapter.observation import HistoryEntry, current_observer
from arvo.errors import ArvoError
from arvo.events import ArvoEvent
from arvo.orchestration import ArvoOrchestrator, MachineMemoryRecord, Step
from workflows.determinism import deterministic
from workflows.emission import Emission
from workflows.fates import Fates
from workflows.inbox import DueTimer, Inbox, Outcome
from workflows.refusals import Refusals
from workflows.timers import Timers


class Steps:
    """Takes an orchestration from record to record.

    Args:
        orchestrator: The orchestrator whose machine it runs.
        limits: How large a step may be.
        parent: The subject of the parent whose workflow reads how this orchestration ends; None if there is none.
        inbox: Remembers what was consumed.
        fates: Where it is entered what became of an event.
        timers: What delayed transitions are effected by.
        emission: What produced events are effected by.

    Attributes:
        record: The machine memory record after the last step; None before the first one.
        count: How many steps were made, over all runs.
        ending: How the orchestration has ended; None if its machine goes on.
        closed: Whether nothing is consumed any more.
    """

    def __init__(
        self,
        orchestrator: ArvoOrchestrator,
        limits: Limits,
        parent: str | None,
        *,
        inbox: Inbox,
        fates: Fates,
        timers: Timers,
        emission: Emission,
    ) -> None:
        self.record: MachineMemoryRecord | None = None
        self.count = 0
        self.ending: Ending | None = None
        self.closed = False
        self._orchestrator = orchestrator
        self._limits = limits
        self._parent = parent
        self._inbox = inbox
        self._fates = fates
        self._timers = timers
        self._emission = emission
        self._refusals = Refusals()
        self._observer = current_observer()

    def consume(self, event: ArvoEvent) -> Outcome:
        """Let the machine consume an event.

        Raises:
            ApplicationError: If it is the first one, and refused: the workflow fails.
        """
        try:
            step = self._make(lambda: self._orchestrator.consume(event, self.record))
        except ArvoError as error:
            if self.record is None:
                raise as_failure(error) from error
            self._fates.refuse(event, error, event.to_json_text())
            return Outcome(Fate.REFUSED, error=error)
        self._inbox.remember(event)
        self._apply(step, event.id, event.type)
        if step.handled:
            self._fates.enter(event, Fate.APPLIED, step=self.count)
            return Outcome(Fate.APPLIED, step.events)
        value = self.record.get("value") if self.record else None
        reason = f"No transition for '{event.type}' is enabled in the state {value}."
        self._fates.enter(event, Fate.UNHANDLED, reason=reason)
        return Outcome(Fate.UNHANDLED, step.events, reason=reason)

    def fire(self, timer: DueTimer) -> None:
        """Let a delayed transition that is due happen."""
        record, event_type = self.record, str(timer.schedule.event["type"])
        assert record is not None, "the first step has been made: it consumes the init event"
        try:
            step = self._make(lambda: self._orchestrator.fire(timer.schedule, timer.firing_id, record))
        except ArvoError as error:
            self._fates.refuse(None, error, event_type)
        else:
            self._apply(step, timer.firing_id, event_type)

    def restore(self, record: MachineMemoryRecord | None, count: int) -> None:
        """Take up what the steps of earlier runs have come to, and how many these were."""
        self.record = record
        self.count = count

    def rehearse(self, event: ArvoEvent) -> None:
        """Raise the violation that consuming an event now would raise, and leave no trace.

        Raises:
            ArvoError: As `ArvoOrchestrator.step` does, and where the step is too large.
        """
        with deterministic(recording=False):
            check_step(self._orchestrator.step(event, self.record), self._limits)

    def _make(self, step: Callable[[], Step]) -> Step:
        with deterministic():
            return self._refusals.uphold(lambda: self._within_limits(step()))

    def _within_limits(self, step: Step) -> Step:
        check_step(step, self._limits)
        return step

    def _apply(self, step: Step, cause_id: str, cause_type: str) -> None:
        self.count += 1
        if step.record is not None:
            self.record = step.record
        self._observe(step, cause_id, cause_type)
        self._timers.apply(step.timers, cause_id)
        if self.record is not None and self.record.get("status") != "active":
            self.closed = True
            self.ending = Ending.of_step(step, self.record)
        for event in self.ending.for_others(self._parent) if self.ending else step.events:
            self._emission.emit(event)

    def _observe(self, step: Step, cause_id: str, cause_type: str) -> None:
        if self._observer is not None:
            now = workflow.now().isoformat()
            self._observer(HistoryEntry(self.count, cause_id, cause_type, now, self.record, step.events))

"""What an orchestration comes to where nothing interrupts it: its orchestrator, with events and time handed to it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from adapter.app import AnyOrchestrator
from adapter.ledger import Fate
from arvo import ArvoEvent, ArvoOrchestrator
from arvo.errors import ArvoError
from arvo.orchestration import MachineMemoryRecord, Step
from arvo.statechart import Schedule
from arvo.wire import is_system_error_type


class Uninterrupted:
    """One orchestration, step by step.

    Args:
        orchestrator: Its orchestrator.
        init: The event that starts it.

    Attributes:
        counts: How often each fate came up.
        produced: The events that it has produced, by id.
        record: The record after the last step.
        has_failures: Whether a request was answered by a failure in a service's place.
        is_stuck: Whether a system error was not handled, and no step was made since.
    """

    def __init__(self, orchestrator: AnyOrchestrator, init: ArvoEvent) -> None:
        self.counts: Counter[str] = Counter()
        self.produced: dict[str, ArvoEvent] = {}
        self.record: MachineMemoryRecord | None = None
        self.has_failures = False
        self.is_stuck = False
        self._orchestrator = orchestrator
        self._now = 0.0
        self._timers: dict[str | None, tuple[float, Schedule]] = {}
        self._firings = 0
        self._consumed: dict[str, Fate] = {}
        self.deliver(init)

    @property
    def is_done(self) -> bool:
        """Whether the machine has ended."""
        return self.record is not None and self.record["status"] != "active"

    @property
    def trouble(self) -> set[str]:
        """The kinds of trouble that it has, where nothing that was refused is ever taken."""
        kinds = {
            "refused": self.counts[Fate.REFUSED] > 0,
            "unhandled": self.is_stuck,
            "failed": self.has_failures,
        }
        return {kind for kind, present in kinds.items() if present}

    def deliver(self, event: ArvoEvent, *, again: bool = False, leaves_trace: bool = True) -> Fate:
        """Deliver an event, and return its fate.

        Args:
            event: The event.
            again: Whether it is sent again on purpose.
            leaves_trace: Whether its fate is counted: that of one that is rejected at the door is not.
        """
        fate = self._fate(event, again)
        assert leaves_trace or fate is Fate.REFUSED
        if leaves_trace:
            self.counts[fate] += 1
        return fate

    def refuse(self, number: int = 1) -> None:
        """Note that so much is no event of it."""
        self.counts[Fate.REFUSED] += number

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        end = self._now + seconds
        while self._timers and min(self._timers.values(), key=_due)[0] <= end:
            name, (self._now, schedule) = min(self._timers.items(), key=lambda item: item[1][0])
            del self._timers[name]
            self._firings += 1
            assert self.record is not None
            assert isinstance(self._orchestrator, ArvoOrchestrator)
            self._apply(self._orchestrator.fire(schedule, f"firing {self._firings}", self.record))
        self._now = end

    def _fate(self, event: ArvoEvent, again: bool) -> Fate:
        seen = self._consumed.get(event.id)
        if self.is_done:
            return Fate.LATE
        if seen is not None and not (again and seen is Fate.UNHANDLED):
            return Fate.DUPLICATE
        try:
            step = self._orchestrator.step(event, self.record)
        except ArvoError:
            return Fate.REFUSED
        self._apply(step)
        if not step.handled and is_system_error_type(event.type):
            self.is_stuck = True
        fate = Fate.FAILED if step.error else Fate.APPLIED if step.handled else Fate.UNHANDLED
        self._consumed[event.id] = fate
        return fate

    def _apply(self, step: Step) -> None:
        if step.handled:
            self.is_stuck = False
        if step.record is not None:
            self.record = step.record
        self.produced.update((event.id, event) for event in step.events)
        for timer in step.timers:
            self._timers.pop(timer.id, None)
            if isinstance(timer, Schedule):
                self._timers[timer.id] = self._now + timer.delay_ms / 1000, timer


def _due(timer: tuple[float, Any]) -> float:
    return timer[0]

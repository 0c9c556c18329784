"""Delayed events that have not come due, in the order in which they will."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

from arvo.events import ArvoEvent
from arvo.handling import ExecutionResult
from arvo.orchestration import ArvoOrchestrator
from arvo.statechart import Cancel, Schedule


@dataclass(frozen=True, slots=True, order=True)
class Timer:
    """A delayed event of an orchestration.

    Attributes:
        due_ms: When it comes due, in milliseconds.
        position: How many were set before it, of all.
        delayed: The effect that has scheduled it.
        event: The event in whose step it was scheduled.
        orchestrator: Whose event it is.
    """

    due_ms: float
    position: int
    delayed: Schedule = field(compare=False)
    event: ArvoEvent = field(compare=False)
    orchestrator: ArvoOrchestrator = field(compare=False)

    async def fire(self) -> ExecutionResult:
        """Let the delayed event happen."""
        return await self.orchestrator.execute_delayed(self.delayed, f"timer:{self.position}", self.event)


class Timers:
    """The delayed events of all orchestrations."""

    def __init__(self) -> None:
        self._timers: list[Timer] = []
        self._set = 0

    def set(self, timer: Schedule | Cancel, orchestrator: ArvoOrchestrator, event: ArvoEvent, now_ms: float) -> None:
        """Schedule a delayed event, or cancel it; of one orchestration, a new one replaces the one of the same id."""
        if timer.id is not None:
            self._timers = [
                other for other in self._timers if other.delayed.id != timer.id or other.event.subject != event.subject
            ]
            heapq.heapify(self._timers)
        if isinstance(timer, Schedule):
            self._set += 1
            heapq.heappush(self._timers, Timer(now_ms + timer.delay_ms, self._set, timer, event, orchestrator))

    def pop_due(self, now_ms: float) -> Timer | None:
        """Take the next delayed event that has come due by a time; None if there is none."""
        return heapq.heappop(self._timers) if self._timers and self._timers[0].due_ms <= now_ms else None

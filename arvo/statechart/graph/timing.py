"""When pending timers may fire: which of several comes first, and which moments a path leaves open.

What is known of the times is a difference bound matrix, as tools for timed automata keep it: for each two moments, how
much later the one can be than the other. So nothing is tried that no clock could bring about: of two timers set at
once the longer one never fires first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import inf, isfinite
from typing import Any, Final, TypeAlias

from arvo.statechart.running import Cancel, Effect, Schedule

Bounds: TypeAlias = tuple[tuple[float, ...], ...]
"""At `[i][j]`, how many milliseconds moment i can be later than moment j at most. 0 is now, 1 the first timer, ..."""

TICK: Final = 1.0
"""Milliseconds by which one moment is before another one."""


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer that has not fired.

    Attributes:
        effect: What has scheduled it.
        step: The number of the step that did.
    """

    effect: Schedule
    step: int


@dataclass(frozen=True, slots=True)
class Timers:
    """All timers that have not fired, in the order in which they were set, and what is known of their times."""

    pending: tuple[Timer, ...] = ()
    bounds: Bounds = ((0.0,),)

    @property
    def can_wait(self) -> bool:
        """Whether time can pass before the next one fires."""
        return all(self.bounds[0][index] <= -TICK for index in range(1, len(self.bounds)))

    def waited(self) -> Timers:
        """After any time in which none fires."""
        if not self.pending or not self.can_wait:
            return self
        rows = [list(row) for row in self.bounds]
        rows[0][1:] = [-TICK] * len(self.pending)
        closed = _closed(rows)
        assert closed is not None, "no time at all is a way to wait"
        return replace(self, bounds=closed)

    def fired(self, index: int) -> Timers | None:
        """After the timer at an index of `pending` has fired; `None` if another one always fires before."""
        rows = [list(row) for row in self.bounds]
        for other in range(len(self.pending)):
            if other != index:
                row = rows[index + 1]
                row[other + 1] = min(row[other + 1], _margin(index, other))
        closed = _closed(rows)
        if closed is None:
            return None
        kept = [index + 1, *(one + 1 for one in range(len(self.pending)) if one != index)]
        pending = tuple(one for place, one in enumerate(self.pending) if place != index)
        return Timers(pending, tuple(tuple(closed[one][other] for other in kept) for one in kept))

    def changed(self, effects: Iterable[Effect], step: int) -> Timers:
        """After a step has set and cancelled some at once.

        Args:
            effects: What the step asks for.
            step: Its number.
        """
        changed = self
        for effect in effects:
            if isinstance(effect, Schedule | Cancel) and effect.id is not None:
                changed = changed._without(effect.id)
            if isinstance(effect, Schedule) and isfinite(effect.delay_ms):
                changed = changed._with(Timer(effect, step))
        return changed

    def includes(self, other: Timers) -> bool:
        """Whether all times that the other one leaves open are open here too; of the same timers."""
        pairs = zip(self.bounds, other.bounds, strict=True)
        return all(mine >= theirs for row, other_row in pairs for mine, theirs in zip(row, other_row, strict=True))

    def _without(self, timer_id: str) -> Timers:
        gone = [place for place, one in enumerate(self.pending) if one.effect.id == timer_id]
        if not gone:
            return self
        kept = [0, *(place + 1 for place in range(len(self.pending)) if place not in gone)]
        pending = tuple(one for place, one in enumerate(self.pending) if place not in gone)
        return Timers(pending, tuple(tuple(self.bounds[one][other] for other in kept) for one in kept))

    def _with(self, timer: Timer) -> Timers:
        delay = max(float(timer.effect.delay_ms), 0.0)
        column = [row[0] - delay for row in self.bounds]
        rows = [(*row, later) for row, later in zip(self.bounds, column, strict=True)]
        last = (*(delay + bound for bound in self.bounds[0]), 0.0)
        return Timers((*self.pending, timer), (*rows, last))


@dataclass(frozen=True, slots=True)
class Moment:
    """What is known of the time of one step of a path.

    Attributes:
        before: Timers that were pending before it.
        fired: Which one of them fired, by its place; `None` if the step came from outside.
    """

    before: Timers
    fired: int | None


def times(moments: Iterable[Moment]) -> list[float]:
    """The earliest times at which the steps of a path can happen, in milliseconds from the first one.

    Args:
        moments: Of the steps after the first one.
    """
    steps = list(moments)
    least = [0.0] * (len(steps) + 1)
    limits = [limit for number, one in enumerate(steps, 1) for limit in _limits(number, one)]
    for _ in range(len(least) + 1):
        for later, earlier, most in limits:
            least[earlier] = max(least[earlier], least[later] - most)
    return least


def _limits(number: int, moment: Moment) -> Iterable[tuple[int, int, float]]:
    """Limits of the time of a step: how much later a step can be than another one."""
    yield number - 1, number, 0.0
    if moment.fired is None and not moment.before.can_wait:
        yield number, number - 1, 0.0
        return
    for place, timer in enumerate(moment.before.pending):
        delay = max(float(timer.effect.delay_ms), 0.0)
        if place == moment.fired:
            yield number, timer.step, delay
            yield timer.step, number, -delay
        else:
            yield number, timer.step, delay + (-TICK if moment.fired is None else _margin(moment.fired, place))


def _margin(first: int, other: int) -> float:
    """How much later a timer that fires before another one can be due: of two due at once, the first one set fires."""
    return 0.0 if first < other else -TICK


def _closed(rows: list[list[Any]]) -> Bounds | None:
    """The tightest bounds that follow from some; `None` if they contradict each other."""
    size = range(len(rows))
    for through in size:
        for one in size:
            if rows[one][through] == inf:
                continue
            for other in size:
                rows[one][other] = min(rows[one][other], rows[one][through] + rows[through][other])
    if any(rows[one][one] < 0 for one in size):
        return None
    return tuple(map(tuple, rows))

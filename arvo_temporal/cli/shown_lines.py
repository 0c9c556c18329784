"""What commands show of an orchestration: named parts of lines for people, and one line for a change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from rich.text import Text

from adapter.cures import cure_of
from adapter.ledger import Fate
from adapter.moments import moment, span_words
from adapter.state_tree import state_tree
from adapter.state_words import moved_words
from adapter.view import EmissionView, OrchestrationView, StepView, TimerView, TroubleView
from arvo.statechart import duration_words
from arvo_temporal.cli.tables import Command, as_line
from arvo_temporal.cli.times import Times, told
from arvo_temporal.client import PendingTry, ShownOrchestration

Part = tuple[str, Sequence[Text]]

_MOST_NAMES = 20


class ShownLines:
    """Words for an orchestration that is shown.

    Args:
        shown: The orchestration.
        times: How times are written.
        now: The present.
        name: What commands call it; its workflow id by default.
    """

    def __init__(self, shown: ShownOrchestration, times: Times, now: datetime, name: str | None = None) -> None:
        self._shown = shown
        self._times = times
        self._now = now
        self._name = name or shown.workflow_id

    def parts(self) -> Iterator[Part]:
        """Yield the named parts; those without lines say nothing."""
        shown, view = self._shown, self._shown.view
        yield "ID", [as_line(shown.workflow_id)]
        yield "", self._head()
        yield "Trouble", [line for one in shown.troubles for line in self._trouble(one)]
        yield from self._told(view) if view else ()
        yield "Tries", [as_line(self._try(one)) for one in shown.tries]
        yield from self._newest(view) if view else ()
        yield "Children", [as_line(line) for line in self._children(shown, "")]
        if shown.unanswered:
            yield "No answer", [as_line(shown.unanswered)]

    def _head(self) -> list[Text]:
        shown, view = self._shown, self._shown.view
        ended = f", ended {self._past(shown.closed)}" if shown.closed else ""
        status = f"{shown.status.replace('_', ' ')}, started {self._past(shown.started)}{ended}"
        if view is None:
            return [as_line(f"{shown.type}, {status}")]
        place = f"child of {view.parent}" if view.parent else "root"
        title = [as_line(view.title)] if view.title else []
        return [*title, as_line(f"{view.orchestrator} {view.version}, key {view.key}, {place}"), as_line(status)]

    def _told(self, view: OrchestrationView) -> Iterator[Part]:
        status = f"{view.status}{self._and_since(view.since)}"
        tree = state_tree(view.states, self._since)
        yield "State", [as_line(status), *map(as_line, tree)]
        yield "Takes now", _names(view.accepts)
        awaited = [one.type or one.id for one in view.awaits if not one.answers]
        come = len(view.awaits) - len(awaited)
        counted = f"{come} of {len(view.awaits)} answers have come"
        yield "Waits for", [as_line(counted), *_names(awaited)] if view.awaits else []
        yield "Timers", [as_line(self._timer(one)) for one in view.timers]
        more = [as_line(f"and {view.more_emissions} more")] if view.more_emissions else []
        yield "On its way", [*(as_line(self._emission(one)) for one in view.emissions), *more]

    def _newest(self, view: OrchestrationView) -> Iterator[Part]:
        yield "Last steps", [as_line(self._step(one)) for one in reversed(view.steps)]
        counts = ", ".join(f"{count} {fate}" for fate, count in view.fates.items())
        yield "Events", [as_line(f"{counts or 'none yet'}, {view.waiting} waiting")]

    def _trouble(self, trouble: TroubleView) -> list[Text]:
        what = f" {trouble.event}" if trouble.event else ""
        named = f" ({trouble.event_id})" if trouble.event_id else ""
        reason = f": {trouble.reason}" if trouble.reason else ""
        line = as_line(f"{trouble.kind}{what}{named}{self._and_since(trouble.since)}{reason}")
        line.stylize("red")
        return [line, Command(f"  {cure_of(trouble.kind, self._name, trouble.event_id)}")]

    def _timer(self, timer: TimerView) -> str:
        due = datetime.fromisoformat(timer.due)
        when = f"{self._when(due)}, on {moment(due, self._now)}" if self._times is Times.RELATIVE else self._when(due)
        return f"{timer.state or timer.event}: after {span_words(timer.delay_ms)}, {when}"

    def _emission(self, emission: EmissionView) -> str:
        where = f" to {emission.to}" if emission.to and emission.to != emission.type else ""
        domain = f" by the domain {emission.domain}" if emission.domain else ""
        return f"{emission.type}{where}{domain}, {emission.way} ({emission.id}){self._and_since(emission.since)}"

    def _try(self, one: PendingTry) -> str:
        most = f" of {one.most}" if one.most else ""
        next_ = " now" if one.running else f", next {self._when(one.next)}" if one.next else ""
        failure = f"; the last one failed: {one.failure}" if one.failure else ""
        return f"{one.type}: try {one.attempt}{most}{next_}{failure}"

    def _step(self, step: StepView) -> str:
        fate = "" if step.fate == Fate.APPLIED else f", {step.fate}"
        words = moved_words(step.before, step.after)
        moved = f", {words}" if words else ""
        more = [f"and {step.more_produced} more"] if step.more_produced else []
        produced = f", produced {', '.join([*step.produced, *more])}" if step.produced else ""
        return f"{step.number}: {step.event}{fate}{moved}, {self._past(datetime.fromisoformat(step.time))}{produced}"

    def _children(self, shown: ShownOrchestration, rest: str) -> Iterator[str]:
        for number, child in enumerate(shown.children, 1):
            last = number == len(shown.children) and not shown.more_children
            # Without its digest it fits, and names it still where commands take the beginning of an id.
            yield f"{rest}{'└─ ' if last else '├─ '}{child.workflow_id.rpartition('/')[0]}"
            below = f"{rest}{'   ' if last else '│  '}"
            yield f"{below}{'│  ' if child.children else '   '}{_in_short(child)}"
            yield from self._children(child, below)
        if shown.more_children:
            yield f"{rest}└─ and more"

    def _and_since(self, time: str | None) -> str:
        return f", {self._since(time)}" if time else ""

    def _since(self, time: str) -> str:
        since = datetime.fromisoformat(time)
        if self._times is Times.ISO:
            return f"since {self._past(since)}"
        passed = max(0.0, (self._now - since).total_seconds() * 1000)
        return f"for {duration_words(passed, most=1) if passed >= 1000 else 'a moment'}"

    def _past(self, time: datetime) -> str:
        """Say when something was that has happened: never in the future, where the clock here is behind."""
        return told(time, self._times, max(time, self._now))

    def _when(self, time: datetime) -> str:
        return told(time, self._times, self._now)


def change_line(shown: ShownOrchestration) -> str:
    """Return what a change came to in one line: status, state, last step, tries and troubles."""
    view = shown.view
    step = view.steps[-1] if view and view.steps else None
    stepped = f"step {step.number}: {step.event}" if step else ""
    tries = [f"{one.type} try {one.attempt}" for one in shown.tries if one.attempt > 1]
    parts = [
        _in_short(shown),
        stepped,
        *tries,
        *(f"{child.workflow_id}: {_in_short(child)}" for child in shown.children),
    ]
    return "  ".join(part for part in parts if part)


def _in_short(shown: ShownOrchestration) -> str:
    states = _leaves(shown.view) if shown.view else ""
    place = f" in {states}" if states else ""
    troubles = ", ".join(dict.fromkeys(one.kind for one in shown.troubles))
    return f"{shown.status.replace('_', ' ')}{place}{'; trouble: ' + troubles if troubles else ''}"


def _leaves(view: OrchestrationView) -> str:
    found: list[str] = []
    waiting = list(view.states)
    while waiting:
        state = waiting.pop(0)
        waiting = [*state.states, *waiting]
        if not state.states:
            found.append(state.path)
    return ", ".join(found)


def _names(names: Iterable[str]) -> list[Text]:
    known = list(names)
    shown = known[:_MOST_NAMES]
    more = [f"and {len(known) - len(shown)} more"] if len(known) > len(shown) else []
    return [as_line(", ".join([*shown, *more]))] if known else []

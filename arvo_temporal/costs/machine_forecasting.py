"""A forecast for a machine: what each path through it costs, from its start to an end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from itertools import pairwise
from operator import add

from adapter.app import ArvoApp
from arvo.checking import Emission
from arvo.contracts import VersionedArvoContract
from arvo.orchestration import ArvoMachine
from arvo.statechart.inspecting import Way, beginnings, delayed_words, value_words, ways_out
from arvo.statechart.running import covers
from arvo.wire import system_error_type
from arvo_temporal.costs.endings import Sent, by_kind, completion, least_at_the_end, leaving, most_at_the_end
from arvo_temporal.costs.forecasts import Forecast, PathForecast, TurnForecast
from arvo_temporal.costs.routes import Leaving, answered, arriving, leavings
from arvo_temporal.costs.shown import changes_of_path, changes_of_turn, shows_state
from arvo_temporal.costs.tally import Range, Tally

_MOST_PATHS = 5_000
_LONGEST = 60


def forecast_machine(app: ArvoApp, machine: ArvoMachine) -> Forecast:
    """Tell what each path through a machine costs.

    No state is visited twice on a path: what goes round is told for each turn. An emission in an action counts once,
    however often its code sends it.

    Args:
        app: The app that has the machine: who takes the events, in which mode.
        machine: The machine.
    """
    walk = _Walk(app, machine)
    walk.follow()
    merged: dict[tuple[str, ...], PathForecast] = {}
    for states, least, most in walk.paths:
        found = _path(states, least, most)
        merged[states] = _joined(merged[states], found) if states in merged else found
    return Forecast(
        machine=f"{machine.source}/{machine.version}",
        paths=tuple(sorted(merged.values(), key=lambda path: (path.events.least, path.states))),
        turns=tuple(walk.turns.values()),
        complete=walk.complete,
        unknown=machine.checked.behaviour.emits_unknown,
    )


class _Walk:
    """Follows the paths of a machine, depth first."""

    def __init__(self, app: ArvoApp, machine: ArvoMachine) -> None:
        self.paths: list[tuple[tuple[str, ...], Tally, Tally]] = []
        self.turns: dict[tuple[str, str], TurnForecast] = {}
        self.complete = True
        self._app = app
        self._machine = machine
        self._compiled = machine.logic.compiled

    def follow(self) -> None:
        """Follow all paths, as far as there are not too many."""
        for way in beginnings(self._compiled):
            if way.ends:
                self._end([way])
            else:
                self._go_on([way])

    def _go_on(self, path: list[Way]) -> None:
        visited = {way.place for way in path}
        for way in ways_out(self._compiled, path[-1].place):
            if len(self.paths) >= _MOST_PATHS or len(path) >= _LONGEST:
                self.complete = False
                return
            if way.ends:
                self._end([*path, way])
            elif way.place in visited:
                self._turn(path, way)
            else:
                self._go_on([*path, way])

    def _end(self, path: Sequence[Way]) -> None:
        counted = self._counted([None, *path[:-1]], path) + Tally(starts=1, ends=1)
        open_before, last = self._open(path), self._sent(path[-1])
        least = counted + replace(least_at_the_end(open_before, last), brief=self._brief(path))
        most = counted + most_at_the_end(open_before, last, completion(self._app, self._machine.source))
        if shows_state(self._app):
            least, most = _with(changes_of_path(path, self._waits(path)), least, most)
        self.paths.append((tuple(_states(path)), least, most))

    def _turn(self, path: Sequence[Way], way: Way) -> None:
        """Note what a turn adds, back to a place on a path; what it asks may have been asked before."""
        begun = next(number for number, one in enumerate(path) if one.place == way.place)
        turn = [*path[begun + 1 :], way]
        base = replace(self._counted(path[begun:], turn), ordered=0)
        answers = Counter(how for one in turn if (how := arriving(self._app, self._machine, one.event)) is not None)
        sent = by_kind(sum((self._sent(one) for one in turn), Counter()))
        again = answers - sent
        most = base + Tally(
            activities=again[Leaving.ACTIVITY], locals=again[Leaving.LOCAL], children=again[Leaving.CHILD]
        )
        least = replace(base, brief=self._brief([*turn, turn[0]]))
        if shows_state(self._app):
            least, most = _with(changes_of_turn(turn, self._waits([path[begun], *turn])), least, most)
        name, event = value_words(way.place.configuration.value), turn[0].event
        found = TurnForecast(
            state=name,
            event=delayed_words(self._compiled, event) or "always",
            events=least.events.joined(most.events),
            actions=least.actions.joined(most.actions),
        )
        known = self.turns.get((name, event), found)
        self.turns[name, event] = replace(
            found, events=found.events.joined(known.events), actions=found.actions.joined(known.actions)
        )

    def _waits(self, path: Sequence[Way]) -> list[bool]:
        """Tell of each way but the first whether its event can only come in a later workflow task."""
        return [bool(self._arrival(before, way).ordered) for before, way in pairwise(path)]

    def _counted(self, befores: Sequence[Way | None], ways: Sequence[Way]) -> Tally:
        """What ways cost, each with the one before it."""
        return reduce(add, (self._tally(before, way) for before, way in zip(befores, ways, strict=True)), Tally())

    def _tally(self, before: Way | None, way: Way) -> Tally:
        tally = leaving(self._sent(way)) + Tally(timers=_timers(way) + self._delayed(way))
        return tally if before is None else tally + self._arrival(before, way)

    def _sent(self, way: Way) -> Sent:
        """How many events of each type leave in a way, and how."""
        return Counter(
            (one.type, how)
            for one in self._emissions(way)
            for how in leavings(self._app, one)
            if one.type is not None and how is not Leaving.NOWHERE
        )

    def _open(self, path: Sequence[Way]) -> Sent:
        """What a path has sent before its last way, without that whose answer has come."""
        sent = self._sent(path[0]) if len(path) > 1 else Counter()
        for way in path[1:]:
            sent -= Counter(self._answered(way, sent))
            sent += self._sent(way) if way is not path[-1] else Counter()
        return sent

    def _answered(self, way: Way, sent: Sent) -> Iterator[tuple[str, Leaving]]:
        """Yield what was sent that a way's event answers."""
        for type_, how in sent:
            service = self._machine.services_by_type.get(type_)
            if service is not None and how is answered(self._app, type_) and _answers(way.event, service):
                yield type_, how
                return

    def _brief(self, path: Sequence[Way]) -> int:
        """How many timers may be cancelled in the workflow task in which they would start."""
        ways = zip(path, self._waits(path), strict=False)
        return sum(_timers(way) + self._delayed(way) for way, waits in ways if not waits)

    def _delayed(self, way: Way) -> int:
        """How many events the machine sends to itself after a delay; none of them when it ends."""
        behaviour = self._machine.checked.behaviour
        return 0 if way.ends else sum(len(behaviour.delayed_in(step)) for step in way.microsteps)

    def _arrival(self, before: Way, way: Way) -> Tally:
        """What the coming of a way's event costs."""
        if way.event.startswith("xstate.after."):
            started = any(way.event in node.transitions for step in before.microsteps for node in step.entered)
            return Tally(fired=1, ordered=int(started))
        if any(way.event == type_ for type_, _ in self._machine.checked.behaviour.delayed):
            return Tally(fired=1)
        if self._is_told_at_once(before, way.event):
            return Tally()
        how = arriving(self._app, self._machine, way.event)
        if how is None:
            return Tally(signals=int(not self._raises(way.event)))
        return Tally(ordered=int(how in (Leaving.ACTIVITY, Leaving.CHILD) and self._asks(before, way.event)))

    def _is_told_at_once(self, before: Way, event: str) -> bool:
        """Whether an event tells that nobody takes one that was just sent."""
        lost = (one for one in self._emissions(before) if Leaving.NOWHERE in leavings(self._app, one))
        return any(one.type is not None and event == system_error_type(one.type) for one in lost)

    def _asks(self, way: Way, answer: str) -> bool:
        """Whether a way sends the request that an event answers: then the answer cannot come in the same task."""
        asked = {one.type for one in self._emissions(way)}
        services = (one for type_, one in self._machine.services_by_type.items() if type_ in asked)
        return any(_answers(answer, one) for one in services)

    def _raises(self, event: str) -> bool:
        return event in self._machine.checked.behaviour.raised and event not in self._machine.inputs

    def _emissions(self, way: Way) -> Iterator[Emission]:
        for step in way.microsteps:
            yield from self._machine.checked.behaviour.emitted_in(step)


def _answers(event: str, service: VersionedArvoContract) -> bool:
    known = (*service.emits, system_error_type(service.accepts.type))
    return any(event == one or covers(event, one) for one in known)


def _timers(way: Way) -> int:
    """How many timers start: those of states that are entered, and not left at once."""
    active = set() if way.ends else set(way.place.configuration.nodes)
    entered = {node for step in way.microsteps for node in step.entered}
    return sum(name.startswith("xstate.after.") for node in entered & active for name in node.transitions)


def _states(path: Sequence[Way]) -> Iterator[str]:
    """Yield the outermost states of a path, each once in a row; also those that it only passes through."""
    last = ""
    for value in (step.target.value for way in path for step in way.microsteps):
        name = next(iter(value)) if isinstance(value, Mapping) and len(value) == 1 else value_words(value)
        if name != last:
            yield name
        last = name


def _with(attributes: tuple[int, int], least: Tally, most: Tally) -> tuple[Tally, Tally]:
    """Return both with the changes of search attributes."""
    fewest, highest = attributes
    return replace(least, attributes=fewest), replace(most, attributes=highest)


def _path(states: tuple[str, ...], least: Tally, most: Tally) -> PathForecast:
    return PathForecast(
        states,
        1,
        Range(least.events.least, most.events.most),
        Range(least.actions.least, most.actions.most),
        Range(least.activities, most.activities),
        Range(least.tasks.least, most.tasks.most),
    )


def _joined(one: PathForecast, other: PathForecast) -> PathForecast:
    return replace(
        one,
        paths=one.paths + 1,
        events=one.events.joined(other.events),
        actions=one.actions.joined(other.actions),
        activities=one.activities.joined(other.activities),
        tasks=one.tasks.joined(other.tasks),
    )

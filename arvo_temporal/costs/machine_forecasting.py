"""A forecast for a machine: what each path through it costs, from its start to an end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, reduce
from itertools import pairwise
from operator import add

from adapter.app import ArvoApp
from arvo.orchestration import ArvoMachine
from arvo.statechart.inspecting import Place, Way, beginnings, delayed_words, value_words, ways_out
from arvo_temporal.costs.endings import Sent, by_kind, completion, least_at_the_end, most_at_the_end
from arvo_temporal.costs.forecasts import Forecast, PathForecast, TurnForecast
from arvo_temporal.costs.routes import Leaving
from arvo_temporal.costs.shown import changes_of_path, changes_of_turn, shows_state
from arvo_temporal.costs.tally import Range, Tally
from arvo_temporal.costs.way_costs import WayCosts

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
        self._costs = WayCosts(app, machine)
        self._ways_out = cache(self._found_ways_out)
        self._turned: set[tuple[Way, ...]] = set()

    def follow(self) -> None:
        """Follow all paths, as far as there are not too many."""
        for way in beginnings(self._compiled):
            if way.ends:
                self._end([way])
            else:
                self._go_on([way])

    def _go_on(self, path: list[Way]) -> None:
        visited = {way.place for way in path}
        for way in self._ways_out(path[-1].place):
            if len(self.paths) >= _MOST_PATHS or len(path) >= _LONGEST:
                self.complete = False
                return
            if way.ends:
                self._end([*path, way])
            elif way.place in visited:
                self._turn(path, way)
            else:
                self._go_on([*path, way])

    def _found_ways_out(self, place: Place) -> list[Way]:
        return list(ways_out(self._compiled, place))

    def _end(self, path: Sequence[Way]) -> None:
        counted = self._counted([None, *path[:-1]], path) + Tally(starts=1, ends=1)
        open_before, last = self._open(path), self._costs.sent(path[-1])
        least = counted + replace(least_at_the_end(open_before, last), brief=self._brief(path))
        most = counted + most_at_the_end(open_before, last, completion(self._app, self._machine.source))
        if shows_state(self._app):
            least, most = _with(changes_of_path(path, self._waits(path)), least, most)
        self.paths.append((tuple(_states(path)), least, most))

    def _turn(self, path: Sequence[Way], way: Way) -> None:
        """Note what a turn adds, back to a place on a path; what it asks may have been asked before."""
        begun = next(number for number, one in enumerate(path) if one.place == way.place)
        turn = [*path[begun + 1 :], way]
        if (path[begun], *turn) in self._turned:
            return
        self._turned.add((path[begun], *turn))
        base = replace(self._counted(path[begun:], turn), ordered=0)
        answers = Counter(how for one in turn if (how := self._costs.arriving(one)) is not None)
        sent = by_kind(sum(map(self._costs.sent, turn), Counter()))
        again = answers - sent
        most = base + Tally(
            activities=again[Leaving.ACTIVITY], locals=again[Leaving.LOCAL], children=again[Leaving.CHILD]
        )
        least = replace(base, brief=self._brief([*turn, turn[0]]))
        if shows_state(self._app):
            least, most = _with(changes_of_turn(turn, self._waits([path[begun], *turn])), least, most)
        name, event = value_words(way.place.configuration.value), turn[0].event
        known = self.turns.get((name, event))
        found = TurnForecast(
            state=name,
            event=known.event if known else delayed_words(self._compiled, event) or "always",
            events=least.events.joined(most.events),
            actions=least.actions.joined(most.actions),
        )
        self.turns[name, event] = found if known is None else _widened(known, found)

    def _waits(self, path: Sequence[Way]) -> list[bool]:
        """Tell of each way but the first whether its event can only come in a later workflow task."""
        return [self._costs.waits(before, way) for before, way in pairwise(path)]

    def _counted(self, befores: Sequence[Way | None], ways: Sequence[Way]) -> Tally:
        """What ways cost, each with the one before it."""
        return reduce(add, map(self._costs.counted, befores, ways), Tally())

    def _open(self, path: Sequence[Way]) -> Sent:
        """What a path has sent before its last way, without that whose answer has come."""
        sent = Counter(self._costs.sent(path[0]) if len(path) > 1 else ())
        for way in path[1:]:
            sent -= Counter(self._costs.answered(way, sent))
            sent += self._costs.sent(way) if way is not path[-1] else Counter()
        return sent

    def _brief(self, path: Sequence[Way]) -> int:
        """How many timers may be cancelled in the workflow task in which they would start."""
        ways = zip(path, self._waits(path), strict=False)
        return sum(self._costs.timers(way) for way, waits in ways if not waits)


def _states(path: Sequence[Way]) -> Iterator[str]:
    """Yield the outermost states of a path, each once in a row; also those that it only passes through."""
    last = ""
    for value in (step.target.value for way in path for step in way.microsteps):
        name = next(iter(value)) if isinstance(value, Mapping) and len(value) == 1 else value_words(value)
        if name != last:
            yield name
        last = name


def _widened(known: TurnForecast, found: TurnForecast) -> TurnForecast:
    """Return the forecast of both turns, which begin and end alike."""
    return replace(known, events=known.events.joined(found.events), actions=known.actions.joined(found.actions))


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

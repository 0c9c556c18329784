"""A forecast for a machine: what each path through it costs, from its start to an end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from operator import add

from adapter.app import ArvoApp
from arvo.checking import Emission
from arvo.orchestration import ArvoMachine
from arvo.statechart.inspecting import Way, beginnings, delayed_words, value_words, ways_out
from arvo.wire import system_error_type
from arvo_temporal.costs.forecasts import Forecast, PathForecast, TurnForecast
from arvo_temporal.costs.routes import Leaving, arriving, leavings
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
    for states, tally in walk.paths:
        found = _path(states, tally)
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
        self.paths: list[tuple[tuple[str, ...], Tally]] = []
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
                self._turn(path[-1], way)
            else:
                self._go_on([*path, way])

    def _end(self, path: Sequence[Way]) -> None:
        befores = [None, *path[:-1]]
        tallies = (self._tally(before, way) for before, way in zip(befores, path, strict=True))
        tally = reduce(add, tallies, Tally(starts=1, ends=1))
        self.paths.append((tuple(_states(path)), tally))

    def _turn(self, before: Way, way: Way) -> None:
        """Note what a turn adds; its answer may have had a request of its own."""
        key = value_words(way.place.configuration.value), way.event
        if key in self.turns:
            return
        base = replace(self._tally(before, way), ordered=0)
        most = base
        if (how := arriving(self._app, self._machine, way.event)) is not None:
            most += Tally(activities=int(how is Leaving.ACTIVITY), children=int(how is Leaving.CHILD))
            most += Tally(locals=int(how is Leaving.LOCAL))
        self.turns[key] = TurnForecast(
            state=key[0],
            event=delayed_words(self._compiled, way.event) or "always",
            events=base.events.joined(most.events),
            actions=base.actions.joined(most.actions),
        )

    def _tally(self, before: Way | None, way: Way) -> Tally:
        leaving = [how for one in self._emissions(way) for how in leavings(self._app, one)]
        tally = Tally(
            activities=leaving.count(Leaving.ACTIVITY),
            locals=leaving.count(Leaving.LOCAL),
            children=leaving.count(Leaving.CHILD),
            timers=_timers(way),
        )
        return tally if before is None else tally + self._arrival(before, way)

    def _arrival(self, before: Way, way: Way) -> Tally:
        """What the coming of a way's event costs."""
        if way.event.startswith("xstate.after."):
            started = any(way.event in node.transitions for step in before.microsteps for node in step.entered)
            return Tally(fired=1, ordered=int(started))
        how = arriving(self._app, self._machine, way.event)
        if how is None:
            return Tally(signals=int(not self._raises(way.event)))
        return Tally(ordered=int(how in (Leaving.ACTIVITY, Leaving.CHILD) and self._asks(before, way.event)))

    def _asks(self, way: Way, answer: str) -> bool:
        """Whether a way sends the request that an event answers: then the answer cannot come in the same task."""
        asked = {one.type for one in self._emissions(way)}
        services = (one for type_, one in self._machine.services_by_type.items() if type_ in asked)
        return any(answer in (*one.emits, system_error_type(one.accepts.type)) for one in services)

    def _raises(self, event: str) -> bool:
        return event in self._machine.checked.behaviour.raised and event not in self._machine.inputs

    def _emissions(self, way: Way) -> Iterator[Emission]:
        for step in way.microsteps:
            yield from self._machine.checked.behaviour.emitted_in(step)


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


def _path(states: tuple[str, ...], tally: Tally) -> PathForecast:
    activities = Range(tally.activities, tally.activities)
    return PathForecast(states, 1, tally.events, tally.actions, activities, tally.tasks)


def _joined(one: PathForecast, other: PathForecast) -> PathForecast:
    return replace(
        one,
        paths=one.paths + 1,
        events=one.events.joined(other.events),
        actions=one.actions.joined(other.actions),
        activities=one.activities.joined(other.activities),
        tasks=one.tasks.joined(other.tasks),
    )

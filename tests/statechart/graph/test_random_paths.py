"""Paths through random machines lead where they say, at the times they say, and none is shorter."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from hypothesis import given, settings

from arvo.statechart import (
    Cancel,
    Effect,
    Schedule,
    Snapshot,
    StatechartError,
    StateMachine,
    initial_transition,
    transition,
)
from arvo.statechart.graph import Coverage, Path, Target, covering_paths
from arvo.statechart.running import Microstep, advance, start
from tests.statechart.machines import EVENTS, configs, machine_of

TRIED = [{"type": kind, "go": go} for kind in EVENTS for go in (False, True)]
LONGEST = 2


def coverage_of(machine: StateMachine[Any]) -> Coverage[Any]:
    """The paths by which a machine is covered; its log is no part of what tells snapshots apart."""
    return covering_paths(machine, events=TRIED, limit=100_000, serialize=essence)


def essence(snapshot: Snapshot[Any]) -> Any:
    return snapshot.status, snapshot.value, min(snapshot.context["n"], 6), snapshot.history_value


@settings(max_examples=30)
@given(configs())
def test_every_path_leads_to_its_targets_when_it_is_played_by_a_clock(config: dict[str, Any]) -> None:
    machine = machine_of(config)
    try:
        coverage = coverage_of(machine)
    except StatechartError:
        return
    for path in coverage.paths:
        reached = played(machine, path)
        assert set(path.targets) <= set(reached), str(path)


@settings(max_examples=30)
@given(configs())
def test_no_events_lead_there_in_fewer_steps(config: dict[str, Any]) -> None:
    """Of machines without timers, where all that can happen is a sequence of the events."""
    machine = machine_of(without_timers(config))
    try:
        coverage = coverage_of(machine)
    except StatechartError:
        return
    weights = {target: path.weight for path in coverage.paths for target in path.targets}
    for length in range(LONGEST + 1):
        for events in product(TRIED, repeat=length):
            for target in last_reached(machine, events):
                if target in weights:
                    assert weights[target] <= length
                else:
                    assert target not in {one.target for one in coverage.unreached}, f"{target} by {events}"


def played(machine: StateMachine[Any], path: Path[Any]) -> list[Target]:
    """Play a path by a clock of its own: a timer that is due before the next event fires first.

    Returns:
        What the last step reaches.
    """
    now = 0.0
    snapshot, effects = initial_transition(machine)
    assert snapshot == path.steps[0].snapshot
    timers: list[tuple[float, Schedule]] = []
    note(timers, effects, now)
    for step in path.steps[1:]:
        now += step.wait_ms
        due = sorted(((at, place) for place, (at, _) in enumerate(timers)), key=lambda one: one)
        if step.timer is not None:
            at, place = due[0]
            assert at == now, "the first one due is the one that fires"
            event = timers.pop(place)[1].event
            assert event == step.event
        else:
            assert not due or step.wait_ms == 0 or due[0][0] > now, "none was due before"
            event = step.event
        snapshot, effects = transition(machine, snapshot, event)
        note(timers, effects, now)
        assert snapshot == step.snapshot
    return list(path.steps[-1].reached)


def note(timers: list[tuple[float, Schedule]], effects: tuple[Effect, ...], now: float) -> None:
    for effect in effects:
        if isinstance(effect, Schedule | Cancel):
            timers[:] = [one for one in timers if effect.id is None or one[1].id != effect.id]
        if isinstance(effect, Schedule):
            timers.append((now + effect.delay_ms, effect))


def last_reached(machine: StateMachine[Any], events: tuple[Any, ...]) -> Iterator[Target]:
    """What the last of some events enters and takes, as far as a path could lead there."""
    noted: list[Microstep] = []
    try:
        snapshot, _ = start(machine.compiled, None, noted=noted)
        for event in events:
            noted = []
            snapshot, _ = advance(machine.compiled, snapshot, event, noted=noted)
    except StatechartError:
        return
    for step in noted:
        yield from step.transitions
        yield from (node for node in step.entered if node.parent is not None and node.type != "history")


def without_timers(config: Any) -> Any:
    """A config without delays; `later`, which raises an event after one, does nothing."""
    if isinstance(config, list):
        return [without_timers(one) for one in config if one != "later"]
    if isinstance(config, dict):
        return {key: without_timers(one) for key, one in config.items() if key != "after"}
    return config

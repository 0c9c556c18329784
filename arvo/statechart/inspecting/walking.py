"""Which ways lead out of a configuration, whole macrosteps at a time. Guards count as able to pass and to fail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, product
from typing import Any

from arvo.statechart.inspecting.analysis import Outcome, outcomes
from arvo.statechart.running import CompiledMachine, Configuration, History, Microstep, StateNode, microstep_of

_DONE = "xstate.done.state."
_LONGEST = 30
"""How many microsteps of one macrostep are followed."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a machine is at rest: its configuration, and what history states have recorded."""

    configuration: Configuration
    history: History


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """A macrostep that a machine may make. Each is equal to itself alone.

    Attributes:
        event: The event's type, or the wildcard, or `xstate.init`, that it begins with.
        microsteps: What happens, in order.
        place: Where it leads.
        ends: Whether the machine is done then.
    """

    event: str
    microsteps: tuple[Microstep, ...]
    place: Place
    ends: bool


def beginnings(machine: CompiledMachine[Any]) -> Iterator[Way]:
    """Yield the ways in which a machine may begin."""
    first = machine.initial_microstep
    place = Place(first.target, machine.histories.empty)
    yield from _settled(machine, "xstate.init", place, (first,), tuple(_completed(first)))


def ways_out(machine: CompiledMachine[Any], place: Place) -> Iterator[Way]:
    """Yield the ways that events and timers may take from a place."""
    nodes = place.configuration.nodes
    for event in dict.fromkeys(name for node in nodes for name in node.transitions):
        if not event.startswith(_DONE):
            yield from _taken(machine, event, place, (), (), outcomes(place.configuration.selection(event)))


def _taken(
    machine: CompiledMachine[Any],
    event: str,
    place: Place,
    before: tuple[Microstep, ...],
    waiting: tuple[StateNode, ...],
    choices: Iterator[Outcome],
) -> Iterator[Way]:
    for outcome in choices:
        if outcome:
            step = microstep_of(place.configuration, outcome, place.history, machine.histories)
            history = machine.histories.record(place.history, step.records) if step.records else place.history
            following = Place(step.target, history)
            yield from _settled(machine, event, following, (*before, step), (*waiting, *_completed(step)))


def _settled(
    machine: CompiledMachine[Any],
    event: str,
    place: Place,
    steps: tuple[Microstep, ...],
    waiting: tuple[StateNode, ...],
) -> Iterator[Way]:
    """Follow `always` transitions and completed states to rest."""
    if steps[-1].ends:
        yield Way(event, steps, Place(place.configuration.resting, place.history), True)
        return
    if len(steps) > _LONGEST:
        return
    for outcome in _spontaneous(place.configuration) if steps[-1].moved or steps[-1].program else [()]:
        if outcome:
            yield from _taken(machine, event, place, steps, waiting, iter([outcome]))
        elif waiting:
            completed, *rest = waiting
            found = list(outcomes(place.configuration.selection(f"{_DONE}{completed.id}")))
            yield from _taken(machine, event, place, steps, tuple(rest), iter(found))
            if () in found:
                yield from _settled(machine, event, place, steps, tuple(rest))
        else:
            yield Way(event, steps, Place(place.configuration.resting, place.history), False)


def _spontaneous(configuration: Configuration) -> Iterator[Outcome]:
    """Yield each set of `always` transitions that guards may let through."""
    choices: list[list[Outcome]] = [
        [*(one.alone for one in candidates), *([()] if candidates[-1].guard is not None else [])]
        for candidates in configuration.eventless
    ]
    for combination in product(*choices):
        yield tuple(dict.fromkeys(chain.from_iterable(combination)))


def _completed(step: Microstep) -> Iterator[StateNode]:
    """Yield the states that a microstep completes and that have something to do then, innermost first."""
    entered, active = set(step.entered), set(step.target.nodes)
    for node in sorted(active, key=lambda node: -len(node.ancestors)):
        fresh = node in entered or any(node in one.ancestors for one in entered)
        if fresh and node.transitions.get(f"{_DONE}{node.id}") and _is_final(node, active):
            yield node


def _is_final(node: StateNode, active: set[StateNode]) -> bool:
    if node.type == "compound":
        return any(child.type == "final" and child in active for child in node.children)
    return all(_is_final(child, active) for child in node.children) if node.type == "parallel" else node.type == "final"

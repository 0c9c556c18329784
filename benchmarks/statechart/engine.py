"""This engine at work."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from itertools import cycle
from typing import Any

from arvo.statechart import StateMachine, assign, create_machine, emit, initial_transition, transition
from benchmarks.statechart.machines import Subject, parallel

ACTIONS = {
    "count": assign({"n": lambda context: context["n"] + 1}),
    "tell": emit(lambda context: {"type": "told", "n": context["n"]}),
}
GUARDS: dict[str, Callable[..., bool]] = {"even": lambda context: context["n"] % 2 == 0}


def machine_of(subject: Subject) -> StateMachine[dict[str, Any]]:
    """The compiled machine."""
    return create_machine(subject.config, actions=ACTIONS, guards=GUARDS)


def live(subject: Subject) -> Callable[[int], None]:
    """Take n events, each from the snapshot before it."""
    machine, events = machine_of(subject), [{"type": name} for name in subject.events]

    def run(count: int) -> None:
        snapshot, _ = initial_transition(machine)
        for _, event in zip(range(count), cycle(events), strict=False):
            snapshot, _effects = transition(machine, snapshot, event)

    return run


def restored(subject: Subject) -> Callable[[int], None]:
    """Take n events, each from the JSON before it, and write JSON after each."""
    machine, events = machine_of(subject), [{"type": name} for name in subject.events]

    def run(count: int) -> None:
        data = initial_transition(machine)[0].to_json()
        for _, event in zip(range(count), cycle(events), strict=False):
            snapshot, _effects = transition(machine, machine.restore(data), event)
            data = snapshot.to_json()

    return run


def megabytes_of_snapshots(count: int = 100_000) -> float:
    """Memory of many snapshots of the parallel machine, each with a context of its own."""
    machine = machine_of(parallel())
    data = transition(machine, initial_transition(machine)[0], {"type": "T"})[0].to_json()
    tracemalloc.start()
    kept = [machine.restore({**data, "context": {"n": number}}) for number in range(count)]
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(kept) == count
    return used / 1e6

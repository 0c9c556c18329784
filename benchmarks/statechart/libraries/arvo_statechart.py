"""This engine."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from itertools import cycle, islice
from typing import Any

from arvo.statechart import StateMachine, assign, create_machine, emit, initial_transition, transition
from benchmarks.statechart.libraries import Work
from benchmarks.statechart.machines import Subject, parallel

ACTIONS = {
    "count": assign({"n": lambda context: context["n"] + 1}),
    "tell": emit(lambda context: {"type": "told", "n": context["n"]}),
}
GUARDS: dict[str, Callable[..., bool]] = {"even": lambda context: context["n"] % 2 == 0}

IMPORTED = "arvo.statechart"


def live(subject: Subject) -> Work:
    """Each event from the snapshot before it."""
    machine, events = _machine(subject), _events(subject)
    snapshot, _ = initial_transition(machine)

    def run(count: int) -> int:
        nonlocal snapshot
        for event in islice(events, count):
            snapshot, _effects = transition(machine, snapshot, event)
        return int(snapshot.context["n"])

    return run


def restored(subject: Subject) -> Work:
    """Each event from the persisted snapshot before it."""
    machine, events = _machine(subject), _events(subject)
    data = initial_transition(machine)[0].to_json()

    def run(count: int) -> int:
        nonlocal data
        for event in islice(events, count):
            snapshot, _effects = transition(machine, machine.restore(data), event)
            data = snapshot.to_json()
        return int(data["context"]["n"])

    return run


def text(subject: Subject) -> Work:
    """Each event from the persisted snapshot before it, as text."""
    machine, events = _machine(subject), _events(subject)
    data = json.dumps(initial_transition(machine)[0].to_json())

    def run(count: int) -> int:
        nonlocal data
        for event in islice(events, count):
            snapshot, _effects = transition(machine, machine.restore(json.loads(data)), event)
            data = json.dumps(snapshot.to_json())
        return int(json.loads(data)["context"]["n"])

    return run


def megabytes_of_snapshots(count: int = 100_000) -> float:
    """Memory of many snapshots of the parallel machine, each with a context of its own."""
    machine = _machine(parallel())
    snapshot, _ = initial_transition(machine)
    for name in parallel().events:
        snapshot, _ = transition(machine, snapshot, {"type": name})
    data = snapshot.to_json()
    tracemalloc.start()
    kept = [machine.restore({**data, "context": {"n": number}}) for number in range(count)]
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(kept) == count
    return used / 1e6


def _machine(subject: Subject) -> StateMachine[dict[str, Any]]:
    return create_machine(subject.config, actions=ACTIONS, guards=GUARDS)


def _events(subject: Subject) -> cycle[dict[str, str]]:
    return cycle([{"type": name} for name in subject.events])

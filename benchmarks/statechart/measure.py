"""Take the time: the fastest of many short rounds, for other work on a machine only ever adds."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

from benchmarks.statechart import xstate
from benchmarks.statechart.libraries import WAYS, Prepare, Work
from benchmarks.statechart.machines import Subject

ROUNDS = 301
ROUND_NANOSECONDS = 500_000
CHECKED = 60

OURS = "arvo.statechart"
NODE = "XState on Node"
LIBRARIES = {
    OURS: "arvo_statechart",
    "xstate-statemachine": "xstate_statemachine",
    "python-statemachine": "python_statemachine",
    "sismic": "sismic",
    "transitions": "transitions",
}
"""Modules of `benchmarks.statechart.libraries` by the name of the library."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What an event takes.

    Attributes:
        machine: Key of the machine.
        way: One of `WAYS`.
        nanoseconds: Of an event.
        counted: What the machine has counted after `CHECKED` events.
    """

    machine: str
    way: str
    library: str
    nanoseconds: float
    counted: int


def measured(subjects: Sequence[Subject]) -> tuple[list[Figure], list[str]]:
    """Measure the Python libraries that are installed; also say which are not."""
    modules, missing = _installed()
    found: list[Figure] = []
    for subject in subjects:
        for way in WAYS:
            for name, module in modules.items():
                prepare: Prepare = getattr(module, way, _cannot)
                work = prepare(subject)
                if work is not None:
                    counted = work(CHECKED)
                    found.append(Figure(subject.key, way, name, _fastest(work, len(subject.events)), counted))
    return found, missing


def measured_on_node(subjects: Sequence[Subject], *, install: bool) -> tuple[list[Figure], list[str]]:
    """Measure XState; also say why not."""
    try:
        by_machine = xstate.measure(
            subjects, install=install, rounds=ROUNDS, nanoseconds=ROUND_NANOSECONDS, checked=CHECKED
        )
    except xstate.NotHere as why:
        return [], [f"{NODE} is not measured: {why}"]
    return [
        Figure(machine, way, NODE, one["nanoseconds"], one["counted"])
        for machine, by_way in by_machine.items()
        for way, one in by_way.items()
    ], []


def _installed() -> tuple[dict[str, ModuleType], list[str]]:
    modules, missing = {}, []
    for name, module in LIBRARIES.items():
        library = import_module(f"benchmarks.statechart.libraries.{module}")
        try:
            import_module(library.IMPORTED)
        except ModuleNotFoundError:
            missing.append(f"{name} is not measured: it is not installed (pip install -e '.[benchmarks]')")
        else:
            modules[name] = library
    return modules, missing


def _cannot(subject: Subject) -> None:
    """What a library does that has no such way."""


def _fastest(work: Work, turn: int) -> float:
    """Nanoseconds per event; a round is some whole turns of the events."""
    work(CHECKED)
    count = turn * max(1, round(ROUND_NANOSECONDS / _time(work, CHECKED) / turn))
    return min(_time(work, count) for _ in range(ROUNDS))


def _time(work: Work, count: int) -> float:
    begin = time.perf_counter_ns()
    work(count)
    return (time.perf_counter_ns() - begin) / count

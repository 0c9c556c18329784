"""Take the time: the fastest of many short rounds, for other work on a machine only ever adds.

The rounds are spread over several passes through everything that is compared, as a machine has slow and fast minutes.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import product
from types import ModuleType

from benchmarks.statechart import xstate
from benchmarks.statechart.libraries import WAYS, Prepare, Work
from benchmarks.statechart.machines import Subject

PASSES = 6
ROUNDS = 50
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
        engine: What took it: `OURS`, `NODE` or another of `LIBRARIES`.
        nanoseconds: Of an event.
        counted: What the machine has counted after `CHECKED` events.
    """

    machine: str
    way: str
    engine: str
    nanoseconds: float
    counted: int


def nanoseconds_by_engine(figures: Iterable[Figure]) -> dict[tuple[str, str, str], float]:
    """Return what an event takes, by machine, way and engine."""
    return {(one.machine, one.way, one.engine): one.nanoseconds for one in figures}


def measured(subjects: Sequence[Subject], *, npm: bool) -> tuple[list[Figure], list[str]]:
    """Measure the Python libraries that are installed, and XState on Node; also say what is not there, and why.

    Args:
        subjects: The machines.
        npm: Whether npm may install XState.
    """
    modules, missing = _installed()
    works = list(_works(subjects, modules))
    on_node = _find_xstate(missing, npm=npm)
    figures: list[Figure] = []
    for _ in range(PASSES):
        now = [work.figure() for work in works]
        if on_node is not None:
            now += _figures_of_node(on_node, subjects)
        figures = [min(pair, key=lambda one: one.nanoseconds) for pair in zip(figures or now, now, strict=True)]
    return figures, missing


@dataclass(frozen=True, slots=True)
class _Measured:
    """One thing to be measured.

    Attributes:
        work: Lets the machine take so many events; returns what it has counted.
        turn: How many events make a whole turn of the machine.
        counted: What the machine has counted after its first `CHECKED` events.
    """

    machine: str
    way: str
    engine: str
    work: Work
    turn: int
    counted: int

    def figure(self) -> Figure:
        """Measure it by some rounds, each some whole turns of the events."""
        count = self.turn * max(1, round(ROUND_NANOSECONDS / _time(self.work, CHECKED) / self.turn))
        fastest = min(_time(self.work, count) for _ in range(ROUNDS))
        return Figure(self.machine, self.way, self.engine, fastest, self.counted)


def _works(subjects: Sequence[Subject], modules: Mapping[str, ModuleType]) -> Iterator[_Measured]:
    for subject, way, (name, module) in product(subjects, WAYS, modules.items()):
        prepare: Prepare = getattr(module, way, _cannot)
        work = prepare(subject)
        if work is not None:
            yield _Measured(subject.key, way, name, work, len(subject.events), work(CHECKED))


def _find_xstate(missing: list[str], *, npm: bool) -> xstate.XState | None:
    try:
        return xstate.find(install=npm)
    except xstate.NotHere as why:
        missing.append(f"{NODE} is not measured: {why}")
        return None


def _figures_of_node(found: xstate.XState, subjects: Sequence[Subject]) -> list[Figure]:
    by_machine = found.measure(subjects, rounds=ROUNDS, nanoseconds=ROUND_NANOSECONDS, checked=CHECKED)
    return [
        Figure(machine, way, NODE, one["nanoseconds"], one["counted"])
        for machine, by_way in by_machine.items()
        for way, one in by_way.items()
    ]


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


def _time(work: Work, count: int) -> float:
    begin = time.perf_counter_ns()
    work(count)
    return (time.perf_counter_ns() - begin) / count

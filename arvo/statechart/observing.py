"""Who watches machines run, such as a measurement of coverage. While nobody does, running costs nothing for it.

What is observed changes nothing: an observer is told of steps that are over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

from arvo.statechart.running import CompiledMachine, Microstep

Observer: TypeAlias = Callable[[CompiledMachine[Any], Sequence[Microstep]], None]
"""Told of each event that a machine has taken, and of each start, from whatever thread; a step that failed is none."""

observers: list[Observer] = []


@contextmanager
def observed_by(observer: Observer) -> Iterator[None]:
    """Tell an observer of all that machines of this process do meanwhile."""
    observers.append(observer)
    try:
        yield
    finally:
        observers.remove(observer)


def tell(machine: CompiledMachine[Any], microsteps: Sequence[Microstep]) -> None:
    """Tell all observers of a step."""
    for observer in tuple(observers):
        observer(machine, microsteps)

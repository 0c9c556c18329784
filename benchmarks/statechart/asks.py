"""What is asked of this engine, and whether the figures say that it is so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.statechart.measure import NODE, OURS, Figure, nanoseconds_by_engine

MEGABYTES = 200


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing that is asked.

    Attributes:
        ratio: What is measured, as a ratio; megabytes where the ask says so.
        limit: What it is asked to be, at most or at least.
    """

    text: str
    ratio: float
    limit: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether it is so."""
        return self.ratio >= self.limit if self.at_least else self.ratio <= self.limit


def asks(figures: Sequence[Figure], megabytes: float) -> Iterator[Ask]:
    """Everything that the figures can answer."""
    by = nanoseconds_by_engine(figures)

    def versus(text: str, machine: str, way: str, engine: str, limit: float) -> Iterator[Ask]:
        other = by.get((machine, way, engine))
        if other is not None:
            yield Ask(text, by[machine, way, OURS] / other, limit)

    yield from versus("(a) transition, to XState's send", "a", "live", NODE, 1.3)
    yield from versus("(a) restore + transition + persist, to XState's", "a", "restored", NODE, 1)
    yield from versus("(b) restore + transition + persist, to XState's", "b", "restored", NODE, 1)
    yield from _slowest_lead("python-statemachine", "live", 10, figures)
    yield from _slowest_lead("sismic", "live", 10, figures)
    yield from _slowest_lead("xstate-statemachine", "text", 5, figures)
    yield from versus("plain transition, to transitions' flat machine", "plain", "live", "transitions", 1)
    for way, name in (("live", "transition"), ("restored", "restore + transition + persist")):
        yield Ask(f"(c) to (a), {name}", by["c", way, OURS] / by["a", way, OURS], 1.3)
    yield Ask("100,000 snapshots of (b), megabytes", megabytes, MEGABYTES)


def _slowest_lead(engine: str, way: str, limit: float, figures: Sequence[Figure]) -> Iterator[Ask]:
    """How many times faster than another engine, on the machine where that is least."""
    ours = {one.machine: one.nanoseconds for one in figures if (one.engine, one.way) == (OURS, way)}
    ratios = [one.nanoseconds / ours[one.machine] for one in figures if (one.engine, one.way) == (engine, way)]
    if ratios:
        yield Ask(f"times faster than {engine}, at least", min(ratios), limit, at_least=True)

"""Very many events through one orchestration: whether the last ones cost what the first ones do."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from rich.table import Table

from benchmarks.scale.app import start_count, tick
from benchmarks.scale.load import Site, new_site, workers
from benchmarks.scale.machine import Usage

ASKED = 1.2
_WARM_UP = 3000


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the events of one orchestration.

    Attributes:
        cpu: CPU of the worker per event, microseconds.
        seconds: How long the part took from its first event sent to its last one consumed.
    """

    cpu: float
    seconds: float


async def measure(events: int, rounds: int) -> list[list[Part]]:
    """Send so many events to one orchestration, in twenty parts; return the parts, for each round.

    Each round is another orchestration. One before them warms the worker up.
    """
    async with new_site() as site, workers(site) as (worker,):
        await _live(site, worker, [_WARM_UP])
        return [await _live(site, worker, [events // 20] * 20) for _ in range(rounds)]


async def _live(site: Site, worker: int, sizes: Sequence[int]) -> list[Part]:
    init = start_count(sum(sizes))
    await site.arvo.execute(init)
    parts = []
    for size in sizes:
        usage = Usage({"worker": [worker]})
        await site.send(tick(init.subject) for _ in range(size - 1))
        # Its answer comes after everything that was sent before it.
        await site.arvo.execute(tick(init.subject))
        used = usage.figures()
        parts.append(Part(used["cpu"]["worker"] / size * 1e6, used["seconds"]))
    await site.arvo.result(init.subject)
    return parts


def ratio(rounds: list[list[Part]]) -> float:
    """Return the CPU of the last part in terms of the first part: the median over the rounds."""
    return statistics.median(parts[-1].cpu / parts[0].cpu for parts in rounds)


def table(rounds: list[list[Part]], events: int) -> Table:
    """Return the figures as a table: medians over the rounds."""
    size = events // 20
    title = f"{events:,} events through one orchestration: last {size:,} cost {ratio(rounds):.2f} of the first"
    drawn = Table("events", "worker CPU, µs/event", "events/s", title=f"{title} (asked: ≤ {ASKED})")
    drawn.title_justify = "left"
    for number, parts in enumerate(zip(*rounds, strict=True)):
        cpu = statistics.median(part.cpu for part in parts)
        seconds = statistics.median(part.seconds for part in parts)
        drawn.add_row(f"{number * size + 1:,} to {(number + 1) * size:,}", f"{cpu:.0f}", f"{size / seconds:,.0f}")
    return drawn

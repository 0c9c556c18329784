"""Many orchestrations open at once on one worker: events per second, and memory that the cache bounds."""

from __future__ import annotations

import os
from dataclasses import dataclass

from rich.table import Table

from benchmarks.scale.app import start_count, tick
from benchmarks.scale.load import new_site, workers
from benchmarks.scale.machine import Usage, idle, memory, peak_memory

EVENTS_EACH = 3


@dataclass(frozen=True, slots=True)
class OpenAtOnce:
    """What came of one size of the cache.

    Attributes:
        cached: How many orchestrations the worker keeps in memory.
        open: How many were open.
        events_per_second: Events sent and consumed, one to each orchestration in turn, three times around.
        memory_before: Resident memory of the worker before there was anything, MB.
        memory_open: The same with all of them open and idle.
        memory_peak: The most that it had.
        seconds: How long the events took.
        cpu: CPU seconds meanwhile, by process.
    """

    cached: int
    open: int
    events_per_second: float
    memory_before: float
    memory_open: float
    memory_peak: float
    seconds: float
    cpu: dict[str, float]


async def measure(orchestrations: int) -> list[OpenAtOnce]:
    """Measure a cache for a tenth of the orchestrations, and one for all of them."""
    return [await _measure(orchestrations, cached) for cached in (orchestrations // 10, orchestrations)]


async def _measure(orchestrations: int, cached: int) -> OpenAtOnce:
    async with new_site() as site, workers(site, cached=cached) as (worker,):
        memory_before = memory(worker)
        inits = [start_count(EVENTS_EACH) for _ in range(orchestrations)]
        await site.send(inits)
        await idle(worker)
        memory_open = memory(worker)
        usage = Usage({"worker": [worker], "server": [site.server.pid], "sender": [os.getpid()]})
        for _ in range(EVENTS_EACH):
            await site.send(tick(init.subject) for init in inits)
        await site.all_closed()
        used = usage.figures()
        return OpenAtOnce(
            cached=cached,
            open=orchestrations,
            events_per_second=orchestrations * EVENTS_EACH / used["seconds"],
            memory_before=memory_before,
            memory_open=memory_open,
            memory_peak=peak_memory(worker),
            **used,
        )


def table(results: list[OpenAtOnce]) -> Table:
    """Return the figures as a table."""
    title = f"{results[0].open:,} orchestrations open at once on one worker; then {EVENTS_EACH} events to each"
    drawn = Table(
        "cached", "events/s", "MB before", "MB open", "MB peak", "worker CPU s", "server CPU s", "sender CPU s",
        title=title, title_justify="left",
    )  # fmt: skip
    for one in results:
        drawn.add_row(
            f"{one.cached:,}",
            f"{one.events_per_second:,.0f}",
            *(f"{size:.0f}" for size in (one.memory_before, one.memory_open, one.memory_peak)),
            *(f"{one.cpu[name]:.1f}" for name in ("worker", "server", "sender")),
        )
    return drawn

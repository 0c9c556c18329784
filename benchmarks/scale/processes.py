"""One worker process against two: how fast they work off what has piled up while none was there."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from rich.table import Table

from benchmarks.scale.app import start_count, tick
from benchmarks.scale.load import new_site, workers
from benchmarks.scale.machine import Usage


@dataclass(frozen=True, slots=True)
class Backlog:
    """What has piled up.

    Attributes:
        name: In words.
        orchestrations: How many wait for their first step.
        events_each: How many events wait in each.
    """

    name: str
    orchestrations: int
    events_each: int


@dataclass(frozen=True, slots=True)
class WorkedOff:
    """How a backlog was worked off.

    Attributes:
        processes: By how many worker processes.
        events_per_second: Events consumed per second, from when all of them served.
        seconds: How long that was.
        cpu: CPU seconds meanwhile, by process.
    """

    processes: int
    events_per_second: float
    seconds: float
    cpu: dict[str, float]


def backlogs(orchestrations: int, events: int) -> list[Backlog]:
    """Return short orchestrations, where the server has most to do, and long ones, where the workers have."""
    long = 500
    return [
        Backlog("short orchestrations", orchestrations, 3),
        Backlog("long orchestrations", max(events * 2 // long, 4), min(long, events)),
    ]


async def measure(backlog: Backlog, rounds: int) -> list[tuple[WorkedOff, WorkedOff]]:
    """Work off a backlog with one process and with two, in turn."""
    return [(await _work_off(backlog, 1), await _work_off(backlog, 2)) for _ in range(rounds)]


async def _work_off(backlog: Backlog, processes: int) -> WorkedOff:
    async with new_site() as site:
        inits = [start_count(backlog.events_each) for _ in range(backlog.orchestrations)]
        await site.send(inits)
        await site.send(tick(init.subject) for init in inits for _ in range(backlog.events_each))
        async with workers(site, processes=processes) as pids:
            usage = Usage({"workers": pids, "server": [site.server.pid]})
            left = await site.open_orchestrations()
            await site.all_closed()
            used = usage.figures()
    return WorkedOff(processes, left * backlog.events_each / used["seconds"], **used)


def ratio(rounds: list[tuple[WorkedOff, WorkedOff]]) -> float:
    """Return the speed of two processes in terms of one: the median over the rounds."""
    return statistics.median(two.events_per_second / one.events_per_second for one, two in rounds)


def table(results: dict[Backlog, list[tuple[WorkedOff, WorkedOff]]]) -> Table:
    """Return the figures as a table: medians over the rounds."""
    drawn = Table(
        "backlog", "processes", "events/s", "cores of workers", "cores of server", "two against one",
        title="Two worker processes against one, on a backlog", title_justify="left",
    )  # fmt: skip
    for backlog, rounds in results.items():
        for several in zip(*rounds, strict=True):
            drawn.add_row(
                f"{backlog.orchestrations:,} {backlog.name} of {backlog.events_each} events",
                str(several[0].processes),
                f"{statistics.median(one.events_per_second for one in several):,.0f}",
                *(
                    f"{statistics.median(one.cpu[name] / one.seconds for one in several):.2f}"
                    for name in ("workers", "server")
                ),
                f"{ratio(rounds):.2f}" if several[0].processes == 2 else "",
            )
    return drawn

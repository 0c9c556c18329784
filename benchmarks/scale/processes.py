"""One worker process against two: how fast they work off what has piled up while none was there."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from rich.table import Table

from benchmarks.scale.app import start_count, tick
from benchmarks.scale.load import new_site, workers
from benchmarks.scale.machine import Usage

EVENTS_EACH = 3


@dataclass(frozen=True, slots=True)
class Backlog:
    """Orchestrations that wait for their first step, each with its events.

    Attributes:
        name: In words.
        orchestrations: How many.
        work: Rounds of work that each event causes in the machine.
    """

    name: str
    orchestrations: int
    work: int


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


def backlogs(orchestrations: int) -> list[Backlog]:
    """Return one that keeps the server busiest, and one that keeps the workers busiest."""
    return [
        Backlog("machines that do next to nothing", orchestrations // 5, 0),
        Backlog("machines that compute about 10 ms per event", orchestrations // 12, 20_000),
    ]


async def measure(backlog: Backlog, rounds: int) -> list[tuple[WorkedOff, WorkedOff]]:
    """Work off a backlog with one process and with two, in turn."""
    return [(await _work_off(backlog, 1), await _work_off(backlog, 2)) for _ in range(rounds)]


async def _work_off(backlog: Backlog, processes: int) -> WorkedOff:
    async with new_site() as site:
        inits = [start_count(EVENTS_EACH) for _ in range(backlog.orchestrations)]
        await site.send(inits)
        await site.send(tick(init.subject, backlog.work) for init in inits for _ in range(EVENTS_EACH))
        async with workers(site, processes=processes) as pids:
            usage = Usage({"workers": pids, "server": [site.server.pid]})
            left = await site.open_orchestrations()
            await site.all_closed()
            used = usage.figures()
    return WorkedOff(processes, left * EVENTS_EACH / used["seconds"], **used)


def ratio(rounds: list[tuple[WorkedOff, WorkedOff]]) -> float:
    """Return the speed of two processes in terms of one: the median over the rounds."""
    return statistics.median(two.events_per_second / one.events_per_second for one, two in rounds)


def table(results: dict[Backlog, list[tuple[WorkedOff, WorkedOff]]]) -> Table:
    """Return the figures as a table: medians over the rounds."""
    drawn = Table(
        "backlog", "processes", "events/s", "cores of workers", "cores of server", "two against one",
        title=f"Two worker processes against one: a backlog, {EVENTS_EACH} events each", title_justify="left",
    )  # fmt: skip
    for backlog, rounds in results.items():
        for several in zip(*rounds, strict=True):
            drawn.add_row(
                f"{backlog.orchestrations:,} {backlog.name}",
                str(several[0].processes),
                f"{statistics.median(one.events_per_second for one in several):,.0f}",
                *(
                    f"{statistics.median(one.cpu[name] / one.seconds for one in several):.2f}"
                    for name in ("workers", "server")
                ),
                f"{ratio(rounds):.2f}" if several[0].processes == 2 else "",
            )
    return drawn

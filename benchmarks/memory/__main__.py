"""Command line: `python -m benchmarks.memory`."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer
from rich.console import Console
from rich.table import Table
from temporalio.client import Client

from arvo_temporal import ArvoClient, run_command
from arvo_temporal.child_process import ChildProcess
from arvo_temporal.dev_server import DevServer
from benchmarks.memory.app import TickerByHand, start_ticking
from benchmarks.scale.machine import memory

_WORKER = Path(__file__).parent.parent.parent / "worker.py"
_LOOK_EVERY = 10.0
_PACE_MS = 1000
_DRAIN_WITHIN = 30.0


def main(
    minutes: Annotated[float, typer.Option(help="How long they tick.", min=1)] = 40,
    orchestrations: Annotated[int, typer.Option(help="How many tick, once a second each.", min=1)] = 30,
    by_hand: Annotated[bool, typer.Option(help="Workflows written by hand instead of orchestrations.")] = False,
) -> None:
    """Let orchestrations tick, and print the memory of their worker over time."""

    async def body(_stop: asyncio.Event) -> int:
        console = Console()
        with console.status("Begins to tick ...") as status:
            points = await measure(
                minutes * 60,
                orchestrations,
                by_hand=by_hand,
                tell=lambda now, most: status.update(f"{now / 60:.1f} of {minutes:g} minutes, {most:.0f} MB"),
            )
        what = "workflows by hand" if by_hand else "orchestrations"
        console.print(table(points, f"One worker, {orchestrations} {what} that tick once a second"))
        return 0

    run_command(body)


async def measure(
    seconds: float, orchestrations: int, *, by_hand: bool, tell: Callable[[float, float], None]
) -> list[tuple[float, float]]:
    """Return the memory of a worker, MB, at moments in seconds from when the first of them began to tick.

    Each of them is told of when it is there.
    """
    points: list[tuple[float, float]] = []
    async with DevServer(ui=False) as server:
        client, task_queue = await Client.connect(server.address), f"memory-{uuid4()}"
        worker = await ChildProcess.start(
            [sys.executable, str(_WORKER), "benchmarks.memory.app:app", "--task-queue", task_queue],
            log_file=Path(os.devnull),
            environment={**os.environ, "TEMPORAL_ADDRESS": server.address},
        )
        try:
            began = time.monotonic()
            for number in range(orchestrations):
                await _start(client, task_queue, number, by_hand=by_hand)
                await asyncio.sleep(_PACE_MS / 1000 / orchestrations)
            while (now := time.monotonic() - began) < seconds:
                points.append((now, memory(worker.pid)))
                tell(*points[-1])
                await asyncio.sleep(_LOOK_EVERY)
        finally:
            await worker.stop(_DRAIN_WITHIN)
    return points


async def _start(client: Client, task_queue: str, number: int, *, by_hand: bool) -> None:
    if by_hand:
        await client.start_workflow(TickerByHand.run, _PACE_MS, id=f"{task_queue}-{number}", task_queue=task_queue)
    else:
        await ArvoClient(client, task_queue=task_queue).deliver(start_ticking(_PACE_MS))


def table(points: list[tuple[float, float]], title: str) -> Table:
    """Return the figures as a table: the least and the most memory in each stretch of time."""
    drawn = Table("minutes", "least, MB", "most, MB", title=title, title_justify="left")
    stretch = max(points[-1][0] / 8, _LOOK_EVERY * 2)
    for number in range(int(points[-1][0] // stretch) + 1):
        begin, end = number * stretch, (number + 1) * stretch
        found = [value for moment, value in points if begin <= moment < end]
        if found:
            drawn.add_row(f"{begin / 60:.0f} to {end / 60:.0f}", f"{min(found):.0f}", f"{max(found):.0f}")
    return drawn


if __name__ == "__main__":
    typer.run(main)

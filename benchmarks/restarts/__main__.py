"""Command line: `python -m benchmarks.restarts`."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from arvo_temporal import run_command
from benchmarks.restarts.rolling import WAYS, Restarted, measure


def main(
    only: Annotated[
        list[str] | None, typer.Option(help=f"Stop only in this way: {', '.join(WAYS)}; repeatable.", metavar="WAY")
    ] = None,
    restarts: Annotated[int, typer.Option(help="Restarts of each side, in each way.", min=1)] = 6,
    runs: Annotated[int, typer.Option(help="Orchestrations open at every moment.", min=1)] = 20,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures there.", metavar="FILE")] = None,
) -> None:
    """Measure how many orchestrations in flight a graceful restart holds: (A) ours, (B) hand-written workflows."""
    names = only or list(WAYS)
    if unknown := [name for name in names if name not in WAYS]:
        raise typer.BadParameter(f"There is no way '{unknown[0]}'. Choose from {', '.join(WAYS)}.")

    async def body(_stop: asyncio.Event) -> int:
        table, console = new_table(), Console()
        figures = {}
        for name in names:
            with console.status(f"Restarting workers: {WAYS[name].name} ..."):
                sides = await measure(WAYS[name], restarts, runs)
            for side, restarted in sides.items():
                table.add_row(WAYS[name].name, side, *cells(restarted))
            figures[name] = {side: asdict(restarted) for side, restarted in sides.items()}
        console.print(table)
        if json_file is not None:
            json_file.write_text(json.dumps(figures, indent=2) + "\n")
        return 0

    run_command(body)


def new_table() -> Table:
    """Return the table of results, empty."""
    table = Table(title="Graceful restarts under load")
    for column in ("how", "side", "in flight", "task lost", "waited in vain", "held at most", "activity lost", "stop"):
        table.add_column(column)
    return table


def cells(restarted: Restarted) -> list[str]:
    """Return the cells of one side: runs and their share of those in flight, seconds."""
    met = restarted.in_flight
    longest = max((seconds for run in met for seconds in (*run.lost, *run.waited)), default=0.0)
    return [
        str(len(met)),
        share(sum(bool(run.lost) for run in met), len(met)),
        share(sum(bool(run.waited) for run in met), len(met)),
        f"{longest:.1f} s",
        share(sum(bool(run.activities) for run in met), len(met)),
        f"{max(restarted.stops):.1f} s",
    ]


def share(part: int, whole: int) -> str:
    """Return a number, and which share of another it is."""
    return f"{part} ({part / max(whole, 1):.1%})"


if __name__ == "__main__":
    typer.run(main)

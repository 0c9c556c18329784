"""Command line: `python -m benchmarks.scale`."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from arvo_temporal import run_command
from benchmarks.scale import long_life, open_at_once, processes


class What(StrEnum):
    OPEN = "open"
    LONG = "long"
    PROCESSES = "processes"


def main(
    only: Annotated[list[What] | None, typer.Option(help="Measure only this; repeatable.")] = None,
    orchestrations: Annotated[int, typer.Option(help="How many are open at once.", min=12)] = 5000,
    events: Annotated[int, typer.Option(help="How many go through one orchestration.", min=100)] = 20_000,
    rounds: Annotated[int, typer.Option(help="Rounds of what is compared; medians are shown.", min=1)] = 3,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures there.", metavar="FILE")] = None,
) -> None:
    """Measure many open orchestrations, one long one, and two worker processes, each on a dev server of its own."""
    wanted = only or list(What)

    async def body(_stop: asyncio.Event) -> int:
        console = Console()
        console.print(
            f"{os.cpu_count()} cores, which the workers share with the dev server (SQLite in memory) and with the "
            "sender: rates are those of the whole machine, not of a worker."
        )
        figures: dict[str, Any] = {}
        if What.OPEN in wanted:
            opened = await open_at_once.measure(orchestrations)
            console.print(open_at_once.table(opened))
            figures["open"] = [asdict(one) for one in opened]
        if What.LONG in wanted:
            lives = await long_life.measure(events, rounds)
            console.print(long_life.table(lives, events))
            figures["long"] = {"ratio": long_life.ratio(lives), "rounds": [[asdict(p) for p in life] for life in lives]}
        if What.PROCESSES in wanted:
            worked_off = {
                backlog: await processes.measure(backlog, rounds) for backlog in processes.backlogs(orchestrations)
            }
            console.print(processes.table(worked_off))
            figures["processes"] = [
                {**asdict(backlog), "ratio": processes.ratio(pairs), "rounds": [[asdict(w) for w in p] for p in pairs]}
                for backlog, pairs in worked_off.items()
            ]
        if json_file is not None:
            json_file.write_text(json.dumps(figures, indent=2) + "\n")
        return 0

    run_command(body)


if __name__ == "__main__":
    typer.run(main)

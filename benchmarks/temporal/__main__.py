"""Command line: `python -m benchmarks.temporal`."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer
from rich.console import Console

from arvo_temporal import DevServer, run_command
from benchmarks.temporal.measuring import Sample, history_cost, usage
from benchmarks.temporal.report import Comparison, asks_table
from benchmarks.temporal.scenarios import SCENARIOS, TURNS, Drive, Scenario, warm_up
from benchmarks.temporal.sides import Side, connect
from benchmarks.temporal.worker import WorkerProcess


class _Contender:
    """One side of one scenario, with its worker and what it has done so far."""

    def __init__(self, side: Side, worker: WorkerProcess, server_pid: int) -> None:
        self._side = side
        self._worker = worker
        self._server_pid = server_pid
        self.samples: list[Sample] = []

    async def warm_up(self) -> None:
        await warm_up(self._side)

    def begin_round(self) -> None:
        self.samples.append(Sample())

    async def play(self, drive: Drive, number: int) -> None:
        sample = self.samples[-1]
        async with usage(sample, self._worker, self._server_pid):
            await drive(self._side, sample, number)

    async def end_round(self) -> None:
        sample = self.samples[-1]
        for reference in sample.references:
            sample.histories.append(await history_cost(self._side.client, self._side.workflow_id(reference)))


async def compare(scenario: Scenario, rounds: int, *, sandboxed: bool) -> Comparison:
    """Run both sides of a scenario in turn, after a warm-up, on a server of its own."""
    options: dict[str, dict[str, Any]] = {"A": {"emission": scenario.emission}, "B": {"sandboxed": sandboxed}}
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(DevServer(ui=False))
        contenders = []
        for name, chosen in options.items():
            task_queue = f"benchmark-{name}-{uuid4()}"
            worker = await stack.enter_async_context(WorkerProcess(name, server.address, task_queue, chosen))
            side = await connect(name, server.address, task_queue)
            contenders.append(_Contender(side, worker, server.pid))
        for contender in contenders:
            await contender.warm_up()
        for round_ in range(rounds):
            await _play_round(scenario, contenders, round_)
        return Comparison(scenario, *(contender.samples for contender in contenders))


async def _play_round(scenario: Scenario, contenders: list[_Contender], round_: int) -> None:
    for contender in contenders:
        contender.begin_round()
    for contender in _in_turn(contenders, round_):
        await contender.play(scenario.load, round_)
    for turn in range(TURNS):
        for contender in _in_turn(contenders, turn):
            await contender.play(scenario.probe, turn)
    for contender in contenders:
        await contender.end_round()


def _in_turn(contenders: list[_Contender], number: int) -> list[_Contender]:
    return contenders[::-1] if number % 2 else contenders


def main(
    only: Annotated[
        list[str] | None, typer.Option(help=f"Run this one: {', '.join(SCENARIOS)}; repeatable.", metavar="SCENARIO")
    ] = None,
    rounds: Annotated[int, typer.Option(help="Measured rounds of each side; medians are shown.", min=1)] = 5,
    sandboxed: Annotated[
        bool, typer.Option(help="Run side B in Temporal's sandbox, which is the SDK's default.")
    ] = True,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures there.", metavar="FILE")] = None,
) -> None:
    """Compare (A) the adapter with (B) workflows written by hand, on dev servers of its own."""
    names = only or list(SCENARIOS)
    if unknown := [name for name in names if name not in SCENARIOS]:
        raise typer.BadParameter(f"There is no scenario '{unknown[0]}'. Choose from {', '.join(SCENARIOS)}.")

    async def body(_stop: asyncio.Event) -> int:
        console = Console()
        results = {}
        for name in names:
            results[name] = await compare(SCENARIOS[name], rounds, sandboxed=sandboxed)
            console.print(results[name].table())
        console.print(asks_table(results))
        if json_file is not None:
            figures = {name: comparison.to_json() for name, comparison in results.items()}
            json_file.write_text(json.dumps(figures, indent=2) + "\n")
        return 0

    run_command(body)


if __name__ == "__main__":
    typer.run(main)

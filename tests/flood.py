"""Many events through one orchestration at full speed: `python -m tests.flood --events 100000`."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table
from temporalio.client import Client

from arvo import ArvoEvent
from arvo_temporal import ArvoClient, ArvoPlugin
from arvo_temporal.child_process import ChildProcess
from arvo_temporal.dev_server.server import DevServer
from tests.histories import count_runs
from tests.resumables import output_of
from tests.tape import start_tape, symbol, tape_app

_SENDERS = 16

app = tape_app()


async def flood(client: ArvoClient, events: int) -> tuple[ArvoEvent, list[str]]:
    """Send so many events to one orchestration, as fast as the server takes them, and wait for its end.

    Returns:
        Its init event, and what is not as it should be.
    """
    init = start_tape(events)
    await client.deliver(init)
    await send(partial(deliver, client), (symbol(init.subject, value) for value in range(events)))
    record = await client.result(init.subject)
    output, counts = output_of(record), (await client.ledger(init.subject)).counts
    wanted = {"count": events, "total": sum(range(events)), "consumed": {"applied": events + 1}}
    found = {"count": output["count"], "total": output["total"], "consumed": counts}
    return init, [f"{name}: {found[name]}, not {value}" for name, value in wanted.items() if found[name] != value]


async def deliver(client: ArvoClient, event: ArvoEvent) -> None:
    """Deliver an event that its orchestration has to take."""
    assert (await client.deliver(event)).accepted


async def send(by: Callable[[ArvoEvent], Awaitable[object]], events: Iterable[ArvoEvent]) -> None:
    """Send events as fast as the server takes them, in any order."""
    waiting = iter(events)

    async def sender() -> None:
        for event in waiting:
            await by(event)

    await asyncio.gather(*(sender() for _ in range(_SENDERS)))


async def measure(events: int) -> list[str]:
    """Flood an orchestration on a server and a worker of its own, print how it went, and return what was wrong."""
    console = Console()
    with TemporaryDirectory() as folder:
        async with DevServer(ui=False, db_file=Path(folder) / "flood.db") as server:
            client = ArvoClient(await Client.connect(server.address, plugins=[ArvoPlugin(app)]), app)
            command = ["env", f"TEMPORAL_ADDRESS={server.address}", sys.executable, "worker.py", "tests.flood:app"]
            worker = await ChildProcess.start(command, log_file=Path(folder) / "worker.log")
            try:
                begin = time.monotonic()
                init, wrong = await flood(client, events)
                seconds = time.monotonic() - begin
                runs = await count_runs(client, init)
            finally:
                await worker.stop(within=20)
    table = Table(title="one orchestration", show_header=False)
    table.add_row("events", f"{events:,}")
    table.add_row("seconds", f"{seconds:,.1f}")
    table.add_row("events per second", f"{events / seconds:,.0f}")
    table.add_row("runs", str(runs))
    table.add_row("differences", str(len(wrong)))
    console.print(table)
    for line in wrong:
        console.print(line, markup=False)
    return wrong


def main() -> int:
    """Run the command and return its exit code: 0 if each event was consumed once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000, help="how many (default: 100000)")
    return int(bool(asyncio.run(measure(parser.parse_args().events))))


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # A process that has used a Temporal client can crash while Python ends (temporalio/sdk-python#300).
    os._exit(code)

"""One run of the chaos: send everything while things break, wait for the end, compare."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table
from temporalio.client import Client
from temporalio.service import RPCError

from arvo_temporal import ArvoClient
from arvo_temporal.dev_server.server import DevServer
from tests.chaos.comparison import Findings, compare
from tests.chaos.faults import Faults, kill_server, send
from tests.chaos.plan import Plan, make_plan
from tests.chaos.poison import Poison
from tests.chaos.workers import Workers
from tests.quiet import quiet

TASK_QUEUE = "chaos"

_POISON_PER_SECOND = 2.0


async def run(
    console: Console,
    *,
    seed: int,
    seconds: float,
    orchestrations: int,
    symbols: int,
    server_kills: int,
    lifetime: tuple[float, float],
    events_per_run: int,
    settle: float,
    folder: Path | None = None,
) -> tuple[Faults, Findings]:
    """Run the chaos and return what it did and what it found.

    Args:
        console: Where it says how far it is.
        seed: Decides what is sent and when things break.
        seconds: How long events are sent and things break, at least: it ends when all is sent.
        orchestrations: How many orchestrations are started from outside.
        symbols: How many signals each tape gets.
        server_kills: How often the server is killed.
        lifetime: The shortest and the longest life of a worker, in seconds.
        events_per_run: After how many events an orchestration continues as new.
        settle: How many seconds the orchestrations may take to end after that.
        folder: Where the server's database and all output is kept; by default it is deleted at the end.
    """
    plan, faults, chance = make_plan(seed, orchestrations, symbols), Faults(), random.Random(seed + 1)
    letters, poison, strange = plan.letters, Poison(), random.Random(seed + 2)
    with TemporaryDirectory() as temporary:
        place = folder or Path(temporary)
        async with DevServer(ui=False, db_file=place / "chaos.db", log_file=place / "server.log") as server:
            client = ArvoClient(await Client.connect(server.address, runtime=quiet()), task_queue=TASK_QUEUE)
            workers = Workers(server, TASK_QUEUE, place, chance, lifetime, events_per_run, faults)
            async with workers.running(), _progress(console, client, plan, faults):
                async with _beside(poison.send(client.client, plan, _POISON_PER_SECOND, faults, strange)):
                    await asyncio.gather(
                        kill_server(server, server_kills, seconds, faults),
                        workers.roll_out(lambda: faults.delivered / len(letters)),
                        send(client, letters, len(letters) / seconds, faults),
                    )
                workers.make_peace()
                with suppress(TimeoutError):
                    async with asyncio.timeout(settle):
                        await _all_ended(client, plan)
                findings = await compare(client, plan, poison, TASK_QUEUE, place)
    return faults, findings


@asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do something else while the block runs; what it raises is raised."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def report(console: Console, seed: int, faults: Faults, findings: Findings) -> None:
    """Print what a run did and found."""
    table = Table(title=f"chaos, seed {seed}", show_header=False)
    for name, value in (
        ("workers killed", faults.worker_kills),
        ("server killed", faults.server_kills),
        ("releases rolled out", faults.releases),
        ("  orchestrations that waited for a better one", faults.held),
        ("deliveries", faults.sent),
        ("  of these too early, or not taken", faults.sent_in_vain),
        ("large events", findings.large),
        ("poison messages", faults.poison.total()),
        ("  and what was refused of them", findings.refused),
        ("garbage answers", findings.garbage),
        ("  and requests asked again", findings.unanswered),
        ("orchestrations", findings.orchestrations),
        ("runs that continued as new", findings.continued),
        ("events consumed", findings.consumed),
        ("  repetitions recognised", findings.duplicates),
        ("events produced", findings.produced),
        ("events that handlers received", findings.received),
        ("  and how often again", findings.received_again),
        ("differences", len(findings.differences)),
    ):
        table.add_row(name, str(value))
    console.print(table)
    for difference in findings.differences[:20]:
        console.print(difference, soft_wrap=True, markup=False)


async def _all_ended(client: ArvoClient, plan: Plan) -> None:
    while True:
        with suppress(RPCError):
            running, ended = await _count(client)
            if running == 0 and ended >= len(plan.starts):
                return
        await asyncio.sleep(0.5)


async def _count(client: ArvoClient) -> tuple[int, int]:
    """Return how many orchestrations are running, and how many have ended."""
    running = await client.client.count_workflows("ExecutionStatus = 'Running'")
    ended = await client.client.count_workflows("ExecutionStatus != 'Running' AND ExecutionStatus != 'ContinuedAsNew'")
    return running.count, ended.count


@asynccontextmanager
async def _progress(console: Console, client: ArvoClient, plan: Plan, faults: Faults) -> AsyncIterator[None]:
    """Say every few seconds how far it is while the block runs."""
    begin = time.monotonic()

    async def tell() -> None:
        while True:
            await asyncio.sleep(5)
            with suppress(RPCError):
                running, ended = await _count(client)
                console.print(
                    f"{time.monotonic() - begin:4.0f} s  {faults.delivered} of {len(plan.letters)} "
                    f"letters delivered, {running} orchestrations running, {ended} ended, "
                    f"{faults.worker_kills} workers and {faults.server_kills} servers killed, "
                    f"{faults.releases} releases rolled out",
                    highlight=False,
                    soft_wrap=True,
                )

    task = asyncio.create_task(tell())
    try:
        yield
    finally:
        task.cancel()

"""A server, workers as a user starts them, and events that come from outside."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from temporalio.client import Client

from arvo import ArvoEvent
from arvo_temporal import ArvoClient
from arvo_temporal.child_process import ChildProcess
from arvo_temporal.dev_server import DevServer

_WORKER = Path(__file__).parent.parent.parent / "worker.py"
_AT_ONCE = 50
_START_WITHIN = 60.0
_DRAIN_WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class Site:
    """A dev server and a task queue of its own.

    Attributes:
        server: The server.
        client: A plain client of it.
        task_queue: The task queue.
    """

    server: DevServer
    client: Client
    task_queue: str

    @property
    def arvo(self) -> ArvoClient:
        """The sender of events; it checks nothing, which would be its own work and not that of the workers."""
        return ArvoClient(self.client, task_queue=self.task_queue)

    async def send(self, events: Iterable[ArvoEvent]) -> None:
        """Send events, a bounded number at once."""
        sender, waiting = self.arvo, iter(events)
        await asyncio.gather(*(_send_all(sender, waiting) for _ in range(_AT_ONCE)))

    async def open_orchestrations(self) -> int:
        """Return how many orchestrations of the task queue are open."""
        query = f"TaskQueue = '{self.task_queue}' AND ExecutionStatus = 'Running'"
        return (await self.client.count_workflows(query)).count

    async def all_closed(self) -> None:
        """Wait until no orchestration is open."""
        while True:
            if not await self.open_orchestrations():
                return
            await asyncio.sleep(0.2)


async def _send_all(sender: ArvoClient, waiting: Iterator[ArvoEvent]) -> None:
    for event in waiting:
        result = await sender.deliver(event)
        assert result.accepted, result.reason


@asynccontextmanager
async def new_site() -> AsyncIterator[Site]:
    """Start a dev server, which keeps everything in memory."""
    async with DevServer(ui=False) as server:
        yield Site(server, await Client.connect(server.address), f"scale-{uuid4()}")


@asynccontextmanager
async def workers(site: Site, *, processes: int = 1, cached: int | None = None) -> AsyncIterator[list[int]]:
    """Run `worker.py` for a site.

    Args:
        site: The server and the task queue.
        processes: How many worker processes.
        cached: How many open orchestrations each keeps in memory; the default by default.

    Yields:
        The pids of the worker processes, when all of them serve.
    """
    options = ["--processes", str(processes), "--task-queue", site.task_queue]
    if cached is not None:
        options += ["--cached-orchestrations", str(cached)]
    with tempfile.TemporaryDirectory(prefix="arvo-scale-") as folder:
        log_file = Path(folder) / "worker.log"
        supervisor = await ChildProcess.start(
            [sys.executable, str(_WORKER), "benchmarks.scale.app:app", *options],
            log_file=log_file,
            environment={**os.environ, "TEMPORAL_ADDRESS": site.server.address},
        )
        try:
            yield await _serving(supervisor, log_file, processes)
        finally:
            await supervisor.stop(_DRAIN_WITHIN)


async def _serving(supervisor: ChildProcess, log_file: Path, processes: int) -> list[int]:
    async with asyncio.timeout(_START_WITHIN):
        while True:
            said = await asyncio.to_thread(log_file.read_text)
            pids = [int(pid) for pid in re.findall(r"Worker process (\d+) serves", said)]
            if len(pids) == processes:
                return pids
            if supervisor.exit_code is not None:
                raise RuntimeError(f"The worker has ended instead of serving:\n{said}")
            await asyncio.sleep(0.02)

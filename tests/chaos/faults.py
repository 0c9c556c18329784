"""The faults: worker processes and the server are killed and come back, and senders repeat themselves."""

from __future__ import annotations

import asyncio
import random
import sys
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from temporalio.service import RPCError

from arvo import ArvoEvent
from arvo_temporal import ArvoClient
from arvo_temporal.child_process import ChildProcess
from arvo_temporal.dev_server.server import DevServer
from tests.chaos.app import EVENTS_PER_RUN, RECEIVED

_SENDERS = 16
_WORKERS = 2
_POLL = 0.1


@dataclass(slots=True)
class Faults:
    """How often each fault came up."""

    worker_kills: int = 0
    server_kills: int = 0
    sent: int = 0
    sent_in_vain: int = 0


class Workers:
    """Two worker processes, each killed some seconds after it has begun to work and then replaced.

    One that ends by itself, because the server was gone when it started, is replaced too.

    Args:
        server: The server that they work for.
        task_queue: The task queue that they poll.
        folder: Where they write down what they receive, and where their output goes.
        chance: Decides how long each one lives.
        lifetime: The shortest and the longest life, in seconds.
        events_per_run: After how many events they let an orchestration continue as new.
        faults: Where the kills are counted.
    """

    def __init__(
        self,
        server: DevServer,
        task_queue: str,
        folder: Path,
        chance: random.Random,
        lifetime: tuple[float, float],
        events_per_run: int,
        faults: Faults,
    ) -> None:
        self._command = ["env", f"TEMPORAL_ADDRESS={server.address}", f"{RECEIVED}={folder / 'received'}"]
        self._command += [f"{EVENTS_PER_RUN}={events_per_run}"]
        self._command += [sys.executable, "worker.py", "tests.chaos.app:app", "--task-queue", task_queue]
        self._folder = folder
        self._chance = chance
        self._lifetime = lifetime
        self._faults = faults
        self._peace = asyncio.Event()
        self._started = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep two of them running while the block runs."""
        places = [asyncio.create_task(self._keep_one()) for _ in range(_WORKERS)]
        try:
            yield
        finally:
            for place in places:
                place.cancel()
            await asyncio.gather(*places, return_exceptions=True)

    def make_peace(self) -> None:
        """Kill no more of them."""
        self._peace.set()

    async def _keep_one(self) -> None:
        while True:
            self._started += 1
            log_file = self._folder / f"worker-{self._started}.log"
            process = await ChildProcess.start(self._command, log_file=log_file)
            try:
                if await self._works(process, log_file) and await self._dies_young():
                    self._faults.worker_kills += 1
                else:
                    await process.wait()
            finally:
                await process.kill()

    async def _works(self, process: ChildProcess, log_file: Path) -> bool:
        """Wait until it says what it serves; False if it ends before."""
        while process.exit_code is None:
            if await asyncio.to_thread(_says, log_file, "task queue"):
                return True
            await asyncio.sleep(_POLL)
        return False

    async def _dies_young(self) -> bool:
        """Wait until it is to be killed; False if there is peace."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._chance.uniform(*self._lifetime)):
                await self._peace.wait()
        return not self._peace.is_set()


def _says(log_file: Path, words: str) -> bool:
    return words in log_file.read_text(errors="replace")


async def kill_server(server: DevServer, times: int, within: float, faults: Faults) -> None:
    """Kill and restart the server, `times` times within so many seconds."""
    for _ in range(times):
        await asyncio.sleep(within / (times + 1))
        await server.kill()
        await server.restart()
        faults.server_kills += 1


async def send(client: ArvoClient, letters: list[ArvoEvent], per_second: float, faults: Faults) -> None:
    """Deliver every letter; one that the server does not take, or takes too early, goes back in line."""
    line = deque(letters)

    async def sender() -> None:
        while line:
            event = line.popleft()
            faults.sent += 1
            try:
                status = (await client.deliver(event)).status
            except RPCError:
                status = None
            if status in (None, "early"):
                faults.sent_in_vain += 1
                line.append(event)
            await asyncio.sleep(_SENDERS / per_second)

    await asyncio.gather(*(sender() for _ in range(_SENDERS)))


def received(folder: Path) -> list[str]:
    """Return what handlers have received, as often as they have: the id and the type of each event."""
    file = folder / "received"
    return file.read_text().splitlines() if file.exists() else []

"""The worker processes: killed and replaced, in the release that is rolled out."""

from __future__ import annotations

import asyncio
import random
import re
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TypeVar

from arvo_temporal.child_process import ChildProcess
from arvo_temporal.dev_server.server import DevServer
from tests.chaos.app import EVENTS_PER_RUN, RELEASE
from tests.chaos.faults import Faults
from tests.chaos.notes import FOLDER
from tests.chaos.releases import HELD_BY, ROLLED_OUT, Release

_WORKERS = 2
_POLL = 0.1
_HOLD_WITHIN = 60.0
_HELD = re.compile(r"Failed activation on workflow \S+ with ID (\S+)")

T = TypeVar("T")


class Workers:
    """Two worker processes and one of another team, each killed some seconds after it has begun to work, and replaced.

    One that ends by itself, because the server was gone when it started, is replaced too.

    Args:
        server: The server that they work for.
        task_queue: The task queue that the two poll.
        folder: Where they write down what they receive, and where their output goes.
        chance: Decides how long each one lives.
        lifetime: The shortest and the longest life, in seconds.
        events_per_run: After how many events they let an orchestration continue as new.
        faults: Where kills and releases are counted.
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
        self._environment = ["env", f"TEMPORAL_ADDRESS={server.address}", f"{FOLDER}={folder}"]
        self._environment += [f"{EVENTS_PER_RUN}={events_per_run}"]
        self._own = [sys.executable, "worker.py", "tests.chaos.app:app", "--task-queue", task_queue]
        self._foreign = [sys.executable, "-m", "tests.chaos.foreign"]
        self._folder = folder
        self._chance = chance
        self._lifetime = lifetime
        self._faults = faults
        self._release = Release.GOOD
        self._peace = False
        self._change = asyncio.Event()
        self._started = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep all of them running while the block runs."""
        commands = [self._own] * _WORKERS + [self._foreign]
        places = [asyncio.create_task(self._keep_one(command)) for command in commands]
        try:
            yield
        finally:
            for place in places:
                place.cancel()
            await asyncio.gather(*places, return_exceptions=True)

    async def roll_out(self, share_sent: Callable[[], float]) -> None:
        """Roll out all releases, in equal parts of what is sent; a bad one holds something before it is replaced.

        Args:
            share_sent: Tells which share of all that is to be sent has been.
        """
        for number, release in enumerate(ROLLED_OUT, 1):
            await _until(lambda share: share_sent() >= share, number / (len(ROLLED_OUT) + 1))
            self._release = release
            self._faults.releases += 1
            self._end_lives()
            if release in HELD_BY:
                await self._hold_for_a_while(release)
        self._faults.held = len(self._held())

    async def _hold_for_a_while(self, release: Release) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_HOLD_WITHIN):
                await _until(self._has_held, release)
        await asyncio.sleep(self._lifetime[1])

    def make_peace(self) -> None:
        """Kill no more of them."""
        self._peace = True
        self._end_lives()

    async def _keep_one(self, command: list[str]) -> None:
        while True:
            self._started += 1
            log_file = self._folder / f"worker-{self._started}.log"
            release, change = self._release, self._change
            process = await ChildProcess.start(
                [*self._environment, f"{RELEASE}={release}", *command], log_file=log_file
            )
            try:
                if await self._works(process, log_file) and await self._dies_young(release, change):
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

    async def _dies_young(self, release: Release, change: asyncio.Event) -> bool:
        """Wait until it is to be killed; False if there is peace, and it has the release that is out."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._chance.uniform(*self._lifetime)):
                await change.wait()
        return not self._peace or release is not self._release

    def _end_lives(self) -> None:
        self._change.set()
        self._change = asyncio.Event()

    def _has_held(self, release: Release) -> bool:
        """Tell whether a worker has said that an orchestration waits for a better release."""
        return any(HELD_BY[release] in log for log in self._logs())

    def _held(self) -> set[str]:
        """Return the workflow ids of all orchestrations that have waited for a better release."""
        return {identity for log in self._logs() for identity in _HELD.findall(log)}

    def _logs(self) -> Iterator[str]:
        return (file.read_text(errors="replace") for file in self._folder.glob("worker-*.log"))


async def _until(condition: Callable[[T], bool], value: T) -> None:
    """Wait until something is so of a value."""
    while True:
        if await asyncio.to_thread(condition, value):
            return
        await asyncio.sleep(_POLL)


def _says(log_file: Path, words: str) -> bool:
    return words in log_file.read_text(errors="replace")

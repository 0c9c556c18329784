"""One soak: start orchestrations, kill workers, record, wait until all is done, and judge."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from temporalio.client import Client
from temporalio.service import RPCError

from arvo_temporal.dev_server.server import DevServer
from tests.quiet import quiet
from tests.soak.judging import Verdict, judge
from tests.soak.load import Load
from tests.soak.samples import Kill, Sample, look_at, look_at_one
from tests.soak.workers import Workers, running_workers


@dataclass(frozen=True, slots=True)
class Plan:
    """How a soak is made.

    Attributes:
        seconds: How long orchestrations are started.
        processes: How many worker processes there are; the first one is never killed.
        kill_every: Seconds from one kill to the next.
        record_every: Seconds from one sample to the next.
        per_second: How many orchestrations are started a second.
        most_ticks: The longest of them take so many seconds.
        settle: Seconds in which all have to be done after that.
    """

    seconds: float
    processes: int = 3
    kill_every: float = 90.0
    record_every: float = 5.0
    per_second: float = 1.0
    most_ticks: int = 60
    settle: float = 300.0


@dataclass(frozen=True, slots=True)
class Soak:
    """A soak that has been made.

    Attributes:
        samples: What was recorded.
        kills: The workers that were killed.
        verdicts: What it comes to.
    """

    samples: Sequence[Sample]
    kills: Sequence[Kill]
    verdicts: Sequence[Verdict]


async def soak(plan: Plan, folder: Path, tell: Callable[[Sample, int], None]) -> Soak:
    """Make a soak on a dev server of its own.

    Args:
        plan: How.
        folder: Where logs and database go.
        tell: Is told of each sample, and how many workers have been killed.
    """
    await asyncio.to_thread(_clear, folder)
    async with DevServer(ui=False, db_file=folder / "soak.db", log_file=folder / "server.log") as server:
        client = await Client.connect(server.address, runtime=quiet())
        load = Load(client, plan.per_second, plan.most_ticks)
        async with running_workers(server.address, folder, plan.processes) as workers:
            recorder = _Recorder(server.pid, workers, load, folder, tell)
            recording = asyncio.create_task(recorder.record(plan.record_every))
            await _for_a_while(plan.seconds, load.send(), recorder.kill(plan.kill_every))
            unfinished = await _settled(load, plan.settle)
            recording.cancel()
            await asyncio.gather(recording, return_exceptions=True)
            await recorder.look()
            await workers.end()
            log = await asyncio.to_thread((folder / "workers.log").read_text, errors="replace")
    verdicts = list(judge(recorder.samples, len(unfinished), log.splitlines(), workers.exit_code))
    return Soak(recorder.samples, recorder.kills, verdicts)


def _clear(folder: Path) -> None:
    """Remove what an earlier soak has left."""
    for left in [*folder.glob("*.log"), *folder.glob("soak.db*"), *folder.glob("tasks-*")]:
        left.unlink()


class _Recorder:
    """Records, and kills, by one clock."""

    def __init__(
        self, server: int, workers: Workers, load: Load, folder: Path, tell: Callable[[Sample, int], None]
    ) -> None:
        self.samples: list[Sample] = []
        self.kills: list[Kill] = []
        self._server = server
        self._workers = workers
        self._load = load
        self._folder = folder
        self._tell = tell
        self._began = time.monotonic()

    async def record(self, every: float) -> None:
        """Record until it is cancelled."""
        while True:
            # Under load the server may be late with its answer: the next sample has it.
            with suppress(RPCError):
                await self.look()
            await asyncio.sleep(every)

    async def look(self) -> None:
        """Record once."""
        open_ones, finished = await asyncio.gather(self._load.open_ones(), self._load.finished())
        sample = Sample(
            seconds=self._now(),
            workers=look_at(self._workers.pids(), self._folder),
            server=look_at_one(self._server, self._folder),
            started=len(self._load.started),
            open=open_ones,
            finished=finished,
        )
        self.samples.append(sample)
        self._tell(sample, len(self.kills))

    async def kill(self, every: float) -> None:
        """Kill one worker after the other until it is cancelled."""
        while True:
            await asyncio.sleep(every)
            killed = self._workers.kill_next()
            if killed is not None:
                self.kills.append(Kill(self._now(), signal=killed[1], pid=killed[0]))

    def _now(self) -> float:
        return time.monotonic() - self._began


async def _for_a_while(seconds: float, *works: Coroutine[Any, Any, None]) -> None:
    """Do these things for so long; what one of them raises is raised."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            await task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _settled(load: Load, within: float) -> list[str]:
    """Wait until all that was started has completed; return what has not."""
    unfinished = list(load.started)
    with suppress(TimeoutError):
        async with asyncio.timeout(within):
            while unfinished:
                await asyncio.sleep(1)
                with suppress(RPCError):
                    unfinished = await load.unfinished()
    return unfinished

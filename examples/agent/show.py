"""The show: a task is given to the agent, its worker is killed in the middle of a turn, and a person decides."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from arvo_temporal import ArvoClient
from examples.agent import contracts
from examples.agent.app import CRASH_IN_TURN, DESK
from examples.agent.contracts import Report, Task
from examples.agent.desk import Desk, told
from examples.agent.screen import Screen

_ROOT = Path(__file__).parents[2]
_POLL = 0.1
_CRASH_IN_TURN = 2
_TOLD = 2000


@dataclass
class Show:
    """One task from question to answer.

    Attributes:
        address: Of the Temporal server.
        folder: For the desk, and for the log of the workers.
        model: The environment variables that name the model.
        approved: What the person decides.
        screen: Where it is shown.
        exit_codes: Of the workers that have ended before they were asked to; a negative one is a signal.
    """

    address: str
    folder: Path
    model: Mapping[str, str]
    approved: bool
    screen: Screen
    exit_codes: list[int] = field(default_factory=list)

    async def run(self, client: ArvoClient, wanted: Task) -> tuple[str, Report]:
        """Give the agent a task and wait for its end; return its subject and its report."""
        self.screen.say("question", wanted.question)
        subject = (await client.start(contracts.agent, wanted)).subject
        works = (client.result(subject), self._work(), self._decide(client))
        tasks: list[asyncio.Task[Any]] = [asyncio.ensure_future(work) for work in works]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            record = await done.pop()  # the others end only by what they raise
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return subject, Report.model_validate(record["events"]["produced"][-1]["data"])

    async def _work(self) -> NoReturn:
        """Run a worker that is killed in a turn of the model, then one that is not."""
        async with self._worker({CRASH_IN_TURN: str(_CRASH_IN_TURN)}) as process:
            await self._end(process, expected=-signal.SIGKILL)
        self.screen.break_off()
        self.screen.say("crash", f"worker {process.pid} was killed in the middle of turn {_CRASH_IN_TURN}")
        async with self._worker({}) as process:
            self.screen.say("worker", f"{process.pid} goes on as soon as the server takes the other one for dead")
            await self._end(process, expected=None)
        raise AssertionError("unreachable: no end was expected")

    async def _end(self, process: Process, expected: int | None) -> None:
        """Wait for the end of a worker.

        Raises:
            RuntimeError: It has ended in another way than by this exit code.
        """
        self.exit_codes.append(await process.wait())
        if self.exit_codes[-1] != expected:
            told = self._log.read_text(encoding="utf-8", errors="replace")[-_TOLD:]
            raise RuntimeError(f"A worker has ended with the exit code {self.exit_codes[-1]}:\n{told}")

    async def _decide(self, client: ArvoClient) -> NoReturn:
        """Decide whatever comes to the desk."""
        desk = Desk(self.folder)
        while True:
            for request in desk.waiting():
                self.screen.say("person", f"{'yes' if self.approved else 'no'} to {told(request)}")
                await client.deliver(desk.decide(request, approved=self.approved, by="Grace"))
            await asyncio.sleep(_POLL)

    @asynccontextmanager
    async def _worker(self, options: Mapping[str, str]) -> AsyncIterator[Process]:
        own = {name: value for name, value in os.environ.items() if not name.startswith("TEMPORAL_")}
        environment = {**own, **self.model, "TEMPORAL_ADDRESS": self.address, DESK: str(self.folder), **options}
        with self._log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "examples.agent.worker"),
                cwd=_ROOT,
                env=environment,
                stdin=PIPE,  # whose end tells a worker that we are gone
                stderr=log,
                start_new_session=True,  # a Ctrl-C is for us, and we end it
            )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    @property
    def _log(self) -> Path:
        return self.folder / "worker.log"

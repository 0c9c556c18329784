"""The worker processes of a soak: a supervisor keeps them, and they are killed in turn, all but one."""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from arvo_temporal.child_process import ChildProcess
from tests.soak.app import FOLDER

_SERVES = re.compile(r"Worker process (\d+) serves")
_START_WITHIN = 90.0
_END_WITHIN = 60.0
_SIGNALS = (signal.SIGKILL, signal.SIGTERM)


class Workers:
    """A supervisor and its worker processes.

    Args:
        supervisor: The supervisor.
        log_file: What it and they print.

    Attributes:
        exit_code: That of the supervisor, when it has ended.
    """

    def __init__(self, supervisor: ChildProcess, log_file: Path) -> None:
        self.exit_code: int | None = None
        self._supervisor = supervisor
        self._log_file = log_file
        self._signals = itertools.cycle(_SIGNALS)

    def pids(self) -> list[int]:
        """Return the ids of all processes that have ever served, oldest first."""
        return [int(pid) for pid in _SERVES.findall(self._log_file.read_text(errors="replace"))]

    async def serve(self, processes: int) -> None:
        """Wait until so many serve.

        Raises:
            RuntimeError: The supervisor has ended instead.
        """
        async with asyncio.timeout(_START_WITHIN):
            while len(await asyncio.to_thread(self.pids)) < processes:
                if self._supervisor.exit_code is not None:
                    raise RuntimeError(await asyncio.to_thread(self._log_file.read_text))
                await asyncio.sleep(0.1)

    def kill_next(self) -> tuple[int, str] | None:
        """End the process that has lived longest, the very first one spared; return it, and the signal.

        None where no other one lives.
        """
        for pid in self.pids()[1:]:
            if Path(f"/proc/{pid}").exists():
                number = next(self._signals)
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
                return pid, number.name.removeprefix("SIG")
        return None

    async def end(self) -> None:
        """Drain them all."""
        self._supervisor.signal(signal.SIGTERM)
        await self._supervisor.wait(_END_WITHIN)
        self.exit_code = self._supervisor.exit_code


@asynccontextmanager
async def running_workers(address: str, folder: Path, processes: int) -> AsyncIterator[Workers]:
    """Run a supervisor with so many worker processes inside the block."""
    log_file = folder / "workers.log"
    supervisor = await ChildProcess.start(
        [sys.executable, "worker.py", "tests.soak.app:app", "--processes", str(processes)],
        log_file=log_file,
        environment={**os.environ, "TEMPORAL_ADDRESS": address, FOLDER: str(folder)},
    )
    try:
        workers = Workers(supervisor, log_file)
        await workers.serve(processes)
        yield workers
    finally:
        await supervisor.kill()

"""A worker as a process of its own, whose code is loaded anew with each start."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Self

from arvo_temporal.child_process import ChildProcess

_COMMAND = "from arvo_temporal.cli import main; main()"
_DRAIN = 2.0
_GRACE = 5.0
_LONGEST_LINE = 1024 * 1024

Lines = Callable[[str], None]
"""Called with each line that a process prints."""


class WorkerProcess:
    """A running `arvo-temporal worker`; `await WorkerProcess.start(...)` makes one."""

    def __init__(self, process: ChildProcess, reading: asyncio.Future[object]) -> None:
        self._process = process
        self._reading = reading

    @classmethod
    async def start(cls, app: str, environment: Mapping[str, str], *, printed: Lines, logged: Lines) -> Self:
        """Start a worker.

        Args:
            app: What it serves, as MODULE:APP.
            environment: Its environment variables.
            printed: Called with each line of its standard output: what it serves, and what the app prints.
            logged: Called with each line of its standard error: its log, and why it could not start.

        Raises:
            OSError: It cannot be started.
        """
        command = [sys.executable, "-c", _COMMAND, "worker", app, "--drain", str(_DRAIN)]
        output, error = _Pipe(printed), _Pipe(logged)
        try:
            process = await ChildProcess.start(
                command, environment=environment, stdout=output.writing, stderr=error.writing
            )
        finally:
            output.close_writing()
            error.close_writing()
        return cls(process, asyncio.ensure_future(asyncio.gather(output.read(), error.read())))

    async def ended(self) -> str | None:
        """Wait until it has ended and all that it has printed was read.

        Returns:
            How it ended, such as `exit code 1` or `SIGKILL`; None in good order.
        """
        await self._process.wait()
        with suppress(OSError):
            await asyncio.shield(self._reading)
        code = self._process.exit_code or 0
        return None if code == 0 else signal.Signals(-code).name if code < 0 else f"exit code {code}"

    async def stop(self) -> None:
        """Let it finish what is running, for a few seconds."""
        await self._process.stop(_DRAIN + _GRACE)
        self._reading.cancel()


class _Pipe:
    """What a process writes, line by line."""

    def __init__(self, take: Lines) -> None:
        self._take = take
        self._reading, self.writing = os.pipe()

    def close_writing(self) -> None:
        """Leave the end for writing to the process alone."""
        os.close(self.writing)

    async def read(self) -> None:
        """Read until the process has closed its end; a line that is too long comes in parts."""
        reader = asyncio.StreamReader(limit=_LONGEST_LINE)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(self._reading, "rb")
        )
        try:
            while line := await _line(reader):
                self._take(line.decode(errors="replace").rstrip("\n"))
        finally:
            transport.close()


async def _line(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\n")
    except asyncio.IncompleteReadError as end:
        return end.partial
    except asyncio.LimitOverrunError:
        return await reader.read(_LONGEST_LINE)

"""A child process that never outlives this one, however this one ends."""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import IO, Self

from arvo_temporal.tasks import uninterrupted

# The guard reads from a pipe whose writing end only this process has. Its end of file means that this process is
# gone, even by SIGKILL; a line on it means that the child has ended and there is nothing left to guard.
_GUARD = 'read -r _ || kill -TERM "$1"'
_DISMISSAL = b"\n"


class ChildProcess:
    """A program in a session of its own, so that a Ctrl-C in the terminal leaves its end to us.

    `await ChildProcess.start(...)` makes one.
    """

    def __init__(self, process: Process, guard: Process) -> None:
        self._process = process
        self._end = asyncio.ensure_future(_both_ended(process, guard))

    @classmethod
    async def start(
        cls,
        command: Sequence[str],
        *,
        log_file: Path | None = None,
        stdout: int | None = None,
        stderr: int | None = None,
        environment: Mapping[str, str] | None = None,
        keep_open: Sequence[int] = (),
        umask: int = -1,
    ) -> Self:
        """Start a program; a cancellation leaves none behind.

        Args:
            command: Program and arguments.
            log_file: Where its output goes, appended; to where ours goes by default.
            stdout: File descriptor for its standard output, where that goes elsewhere.
            stderr: File descriptor for its standard error, likewise.
            environment: Its environment variables; ours by default.
            keep_open: File descriptors that it inherits.
            umask: Its file mode creation mask; ours for -1.

        Raises:
            OSError: The program cannot be started.
        """
        with _opened(log_file) as log:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=DEVNULL,
                stdout=log if stdout is None else stdout,
                stderr=log if stderr is None else stderr,
                env=environment,
                start_new_session=True,
                pass_fds=keep_open,
                umask=umask,
            )
        try:
            return cls(process, await _start_guard(process.pid))
        except BaseException:
            _send(process, signal.SIGKILL)
            await uninterrupted(process.wait())
            raise

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """Exit code, negative for a signal; None while it runs."""
        return self._process.returncode

    def signal(self, number: int) -> None:
        """Send a signal, if it still runs."""
        _send(self._process, number)

    async def wait(self, within: float | None = None) -> bool:
        """Wait until it has ended, at most `within` seconds; tell whether it has."""
        await asyncio.wait([self._end], timeout=within)
        return self._end.done()

    async def stop(self, within: float) -> None:
        """End it in good order, by force after `within` seconds.

        A cancellation of the caller is held back until the process has ended.
        """
        await uninterrupted(self._stop(within))

    async def kill(self) -> None:
        """End it by SIGKILL; a cancellation of the caller is held back until the process has ended."""
        await self.stop(within=0)

    async def _stop(self, within: float) -> None:
        if within > 0:
            self.signal(signal.SIGTERM)
            if await self.wait(within):
                return
        self.signal(signal.SIGKILL)
        await self.wait()


def _opened(log_file: Path | None) -> AbstractContextManager[IO[bytes] | None]:
    return nullcontext() if log_file is None else log_file.open("ab")


async def _start_guard(pid: int) -> Process:
    command = ("/bin/sh", "-c", _GUARD, "guard", str(pid))
    return await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL, start_new_session=True
    )


async def _both_ended(process: Process, guard: Process) -> None:
    await process.wait()
    await guard.communicate(_DISMISSAL)


def _send(process: Process, number: int) -> None:
    # Not by the method of `process`: it may collect the exit code, which asyncio then waits for in vain.
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.kill(process.pid, number)

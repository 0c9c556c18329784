"""A child process that never outlives this one, however this one ends."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path

_FIRST_POLL = 0.01
_LONGEST_POLL = 0.1

# The guard holds the reading end of a pipe whose writing end only this process has. Its end of file means that this
# process is gone, even by SIGKILL; a line on it means that the child has ended and there is nothing left to guard.
_GUARD = 'read -r _ || kill -TERM "$1"'


class ChildProcess:
    """A program in a session of its own, so that a Ctrl-C in the terminal leaves its end to us.

    Args:
        command: Program and arguments.
        log_file: Where its output goes, appended; to where ours goes by default.
        environment: Its environment variables; ours by default.
        keep_open: File descriptors that it inherits.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        log_file: Path | None = None,
        environment: Mapping[str, str] | None = None,
        keep_open: Sequence[int] = (),
    ) -> None:
        with log_file.open("ab") if log_file is not None else nullcontext() as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,
                pass_fds=keep_open,
            )
        try:
            self._guard = self._start_guard()
        except BaseException:
            self.signal(signal.SIGKILL)
            self._process.wait()
            raise

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """Exit code, negative for a signal; None while it runs."""
        return self._process.poll()

    def signal(self, number: int) -> None:
        """Send a signal, if it still runs."""
        with suppress(ProcessLookupError):
            self._process.send_signal(number)

    async def wait(self, within: float | None = None) -> bool:
        """Wait until it has ended, at most `within` seconds; tell whether it has."""
        deadline = None if within is None else time.monotonic() + within
        pause = _FIRST_POLL
        while self._process.poll() is None:
            if deadline is not None and time.monotonic() >= deadline:
                return False
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_POLL)
        self._dismiss_guard()
        return True

    async def stop(self, within: float) -> None:
        """End it in good order, by force after `within` seconds.

        A cancellation of the caller is held back until the process has ended.
        """
        stopping = asyncio.ensure_future(self._stop(within))
        cancelled = False
        while not stopping.done():
            try:
                await asyncio.shield(stopping)
            except asyncio.CancelledError:
                cancelled = True
        if cancelled:
            raise asyncio.CancelledError

    async def kill(self) -> None:
        """End it by SIGKILL."""
        await self.stop(within=0)

    async def _stop(self, within: float) -> None:
        if within > 0:
            self.signal(signal.SIGTERM)
            if await self.wait(within):
                return
        self.signal(signal.SIGKILL)
        await self.wait()

    def _start_guard(self) -> subprocess.Popen[bytes]:
        reading, self._alive = os.pipe()
        try:
            return subprocess.Popen(
                ["/bin/sh", "-c", _GUARD, "guard", str(self.pid)],
                stdin=reading,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        finally:
            os.close(reading)

    def _dismiss_guard(self) -> None:
        if self._guard.returncode is not None:
            return
        with suppress(BrokenPipeError):
            os.write(self._alive, b"\n")
        os.close(self._alive)
        self._guard.wait()

"""Runs a command in a terminal of its own, in which a test types."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import signal
import struct
import termios
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from tests.arvo_temporal.cli.commands import ROOT

_PATIENCE = 60


@dataclass
class Terminal:
    """A terminal, the command that runs in it, and what it shows."""

    process: asyncio.subprocess.Process
    master: int
    shown: str = ""

    async def until(self, text: str) -> None:
        """Read on until a text is shown behind what was waited for before."""
        seen = len(self.shown)
        async with asyncio.timeout(_PATIENCE):
            while text not in self.shown[seen:]:
                if not await self._read():
                    raise AssertionError(f"ended without showing '{text}':\n{self.shown}")

    def type(self, text: str) -> None:
        """Press keys; a carriage return is Return."""
        os.write(self.master, text.encode())

    async def answer(self, question: str, text: str) -> None:
        """Wait for a question, and type a line."""
        await self.until(question)
        self.type(f"{text}\r")

    async def end(self) -> int:
        """Read on until the command has ended; return its exit code."""
        async with asyncio.timeout(_PATIENCE):
            while await self._read():
                pass
            return await self.process.wait()

    async def _read(self) -> bool:
        loop = asyncio.get_running_loop()
        readable = asyncio.Event()
        loop.add_reader(self.master, readable.set)
        try:
            await readable.wait()
        finally:
            loop.remove_reader(self.master)
        try:
            data = os.read(self.master, 65536)
        except OSError:  # Linux: nobody has the other end open any more
            return False
        self.shown += data.decode(errors="replace").replace("\r\n", "\n")
        return bool(data)


@asynccontextmanager
async def terminal(*arguments: str, environment: Mapping[str, str] | None = None) -> AsyncIterator[Terminal]:
    """Start a command in a terminal of 80 columns; end it by force if the block leaves it running."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    process = await asyncio.create_subprocess_exec(
        *arguments,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "dumb", **(environment or {})},
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(slave)
    try:
        yield Terminal(process, master)
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
        os.close(master)

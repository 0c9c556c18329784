"""Runs this project's commands as processes of their own, as a user's shell does."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.arvo_temporal.cli.forked import run_forked

ROOT = Path(__file__).parents[3]
WORKER = (sys.executable, str(ROOT / "worker.py"))
ARVO_TEMPORAL = (str(Path(sys.executable).with_name("arvo-temporal")),)

_PATIENCE = 60


@dataclass
class Command:
    """A running command, and what it has printed so far."""

    process: asyncio.subprocess.Process
    printed: list[str] = field(default_factory=list)

    @property
    def output(self) -> str:
        return "".join(self.printed)

    async def until(self, text: str) -> None:
        """Read on until a text has been printed."""
        async with asyncio.timeout(_PATIENCE):
            while text not in self.output:
                if not await self.read():
                    raise AssertionError(f"ended without saying '{text}':\n{self.output}")

    async def end(self) -> int:
        """Read on until it has ended; return its exit code."""
        async with asyncio.timeout(_PATIENCE):
            while await self.read():
                pass
            return await self.process.wait()

    def press_ctrl_c(self) -> None:
        """Send SIGINT to its whole process group, as a terminal does."""
        os.killpg(self.process.pid, signal.SIGINT)

    async def read(self) -> bool:
        """Read one line; tell whether there was one."""
        assert self.process.stdout is not None
        line = await self.process.stdout.readline()
        self.printed.append(line.decode())
        return bool(line)


@asynccontextmanager
async def running(
    *arguments: str, cwd: Path = ROOT, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Command]:
    """Start a command; end it by force if the block leaves it running."""
    process = await asyncio.create_subprocess_exec(
        *arguments,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200", **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield Command(process)
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):  # it may have ended, and not been waited for yet
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


async def run(*arguments: str, cwd: Path = ROOT, environment: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run a command to its end; return its exit code and what it printed on both streams."""
    for program in (ARVO_TEMPORAL, WORKER):
        if arguments[: len(program)] == program:
            wide = {"COLUMNS": "200", **(environment or {})}
            ended = await asyncio.to_thread(
                run_forked, program[-1], arguments[len(program) :], cwd=cwd, environment=_ours(wide), merged=True
            )
            return ended.code, ended.out
    async with running(*arguments, cwd=cwd, environment=environment) as command:
        return await command.end(), command.output


async def answer(
    *arguments: str, input: str = "", environment: Mapping[str, str] | None = None
) -> tuple[int, str, str]:
    """Run `arvo-temporal` to its end; return its exit code, and what it printed on standard output and on error.

    Args:
        arguments: What follows its name.
        input: What it reads.
        environment: Its environment variables besides our own.
    """
    ended = await asyncio.to_thread(
        run_forked, ARVO_TEMPORAL[-1], arguments, input=input, cwd=ROOT, environment=_ours(environment or {})
    )
    return ended.code, ended.out, ended.err


def _ours(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables of a command: ours and more, without the width of the terminal that runs us."""
    own = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    return {**own, "PYTHONPATH": str(ROOT), **environment}

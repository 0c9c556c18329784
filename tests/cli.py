"""Runs the `temporal` command line as a user would."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from arvo_temporal.dev_server.server import DevServer
from tests.polling import PATIENCE


async def temporal(server: DevServer, *arguments: str) -> str:
    """Run a `temporal` command against a server and return what it prints.

    Raises:
        AssertionError: If it fails; the message is what it printed.
    """
    program = Path(sys.executable).parent / "temporal"
    process = await asyncio.create_subprocess_exec(
        str(program),
        *arguments,
        "--address",
        server.address,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(PATIENCE):
        output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return output.decode()

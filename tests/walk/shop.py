"""The shop of `examples/bad_day` while it runs: a server with its UI, a worker, and faults that come and go."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from arvo_temporal import ArvoClient, ArvoPlugin, DevServer, connect
from arvo_temporal.connection import Settings
from examples.bad_day.app import app
from tests.arvo_temporal.cli.commands import Command, run, running

APP = "examples.bad_day.app:app"
_BIN = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Shop:
    """What runs.

    Attributes:
        server: The server.
        faults: Folder whose files are the faults.
        environment: Environment variables of every command.
    """

    server: DevServer
    faults: Path
    environment: dict[str, str]

    def breaks(self, fault: str) -> None:
        """Let a fault begin."""
        (self.faults / fault).touch()

    def mends(self, fault: str) -> None:
        """Let a fault end."""
        (self.faults / fault).unlink()

    async def command(self, line: str) -> tuple[int, str]:
        """Run a command as the shell does; return its exit code and what it prints."""
        return await run("/bin/sh", "-c", line, environment=self.environment)

    async def client(self) -> ArvoClient:
        """Return a client of it."""
        settings = Settings(address=self.server.address, namespace=self.server.namespace)
        return ArvoClient(await connect(settings, plugins=[ArvoPlugin(app)]), app)


@asynccontextmanager
async def open_shop(folder: Path) -> AsyncIterator[tuple[Shop, Command]]:
    """Open the shop; yields it and its worker."""
    async with DevServer() as server:
        environment = {
            "TEMPORAL_ADDRESS": server.address,
            "ARVO_APP": APP,
            "BAD_DAY": str(folder),
            "PATH": f"{_BIN}{os.pathsep}{os.environ['PATH']}",
            "COLUMNS": "100",
        }
        async with running(str(_BIN / "arvo-temporal"), "worker", environment=environment) as worker:
            await worker.until("Temporal")
            yield Shop(server, folder, environment), worker

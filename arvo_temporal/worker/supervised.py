"""A worker process under a supervisor: how it knows of it, and what it does differently."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from arvo_temporal.connection import connect
from arvo_temporal.plugin import ArvoPlugin
from arvo_temporal.tasks import first_completed
from arvo_temporal.worker.options import WorkerOptions
from arvo_temporal.worker.serving import new_worker
from arvo_temporal.worker.temporal_server import dev_settings
from arvo_temporal.worker.tracing import tracing_by_settings
from arvo_temporal.worker.vitality import Vitality
from arvo_temporal.worker.watch import endpoint_of, watch

_SUPERVISED = "ARVO_SUPERVISED"
_HEALTH_FOLDER = "ARVO_SUPERVISED_HEALTH"
_NUMBER = "ARVO_SUPERVISED_NUMBER"


@dataclass(frozen=True, slots=True)
class Supervisor:
    """What a worker process knows of its supervisor.

    Attributes:
        dev_address: Address of its dev server; None where Temporal's standard settings say where the server is.
        health_folder: Where each of its workers has a socket by its process id, at which its supervisor asks for its
            health; None if nobody asks.
        number: The number of this worker among its workers, from 0 on; one that takes the place of a dead one has the
            number of that.
    """

    dev_address: str | None
    health_folder: Path | None = None
    number: int = 0

    def environment(self) -> dict[str, str]:
        """Return the environment variables of the worker of this number."""
        health = {} if self.health_folder is None else {_HEALTH_FOLDER: str(self.health_folder)}
        return {**os.environ, _SUPERVISED: self.dev_address or "", _NUMBER: str(self.number), **health}

    def health_socket(self) -> Path | None:
        """Return where this process, one of its workers, is asked for its health."""
        return None if self.health_folder is None else self.health_folder / str(os.getpid())


def supervisor_of_this_process() -> Supervisor | None:
    """Return the supervisor that has started this process, once: a process that this one starts has none."""
    dev_address, folder = os.environ.pop(_SUPERVISED, None), os.environ.pop(_HEALTH_FOLDER, None)
    number = int(os.environ.pop(_NUMBER, "0"))
    return None if dev_address is None else Supervisor(dev_address or None, Path(folder) if folder else None, number)


async def serve_supervised(
    options: WorkerOptions, supervisor: Supervisor, *, stop: asyncio.Event, console: Console
) -> None:
    """Run one of a supervisor's workers until `stop` is set, then drain it.

    Args:
        options: What it serves, and how; its server is the supervisor's.
        supervisor: Who has started this process.
        stop: Asks it to end.
        console: Where it says that it serves.

    Raises:
        SettingsError: The connection settings cannot be read.
        ConnectError: No Temporal server could be used.
        TelemetryError: Traces are asked for and cannot be sent.
        HealthEndpointError: Its supervisor could not reach it, since its socket cannot be made.
    """
    settings = dev_settings(supervisor.dev_address) if supervisor.dev_address else None
    client = await connect(settings, plugins=[ArvoPlugin(options.app)])
    vitality = Vitality()

    async def told_to_stop() -> None:
        await stop.wait()
        vitality.stops()

    async with tracing_by_settings(), endpoint_of(supervisor.health_socket(), vitality) as health:
        worker = new_worker(options, client)
        metrics = f", with metrics at {options.metrics}" if options.metrics else ""
        console.print(f"Worker process {os.getpid()} serves{metrics}.", soft_wrap=True)
        watching = [watch(vitality, worker, client, versioned=options.build is not None)] if health else []
        await first_completed(worker.run(), told_to_stop(), *watching)

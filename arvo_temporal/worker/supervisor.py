"""Runs an app on several processes: workers, and a supervisor that starts again what dies."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import NoReturn

from rich.console import Console
from temporalio.worker import Worker

from adapter.app import ArvoApp
from arvo.errors import ArvoError
from arvo_temporal.connection import Settings, connect
from arvo_temporal.dev_server import ChildProcess
from arvo_temporal.plugin import ArvoPlugin
from arvo_temporal.worker.capacity import Capacity
from arvo_temporal.worker.serving import DevOptions, connected, served, until
from arvo_temporal.worker.tracing import tracing_by_settings
from arvo_temporal.worker.waiting import first_to_end

_SUPERVISED = "ARVO_SUPERVISED"
_GOOD_ENDS = (0, -signal.SIGTERM)
_GRACE = 30.0
"""Seconds beyond the drain after which a process that does not end is killed."""


class WorkersDieError(ArvoError):
    """Worker processes end as soon as they are started."""

    code = "ARVO325"


class Patience:
    """How soon a process that has died is started again, and how often.

    Each quick death in a row doubles the pause; a process that has lived longer starts a new row.

    Args:
        settled: Seconds after which a death is no longer quick.
        pause: Seconds before the first new start.
        deaths: After how many quick deaths in a row it is given up.
    """

    def __init__(self, settled: float = 30.0, pause: float = 0.5, deaths: int = 4) -> None:
        self.settled = settled
        self.deaths = deaths
        self._pause = pause
        self._quick = 0

    def after(self, lived: float) -> float | None:
        """Return the pause after a life of so many seconds, in seconds; None to give up."""
        self._quick = self._quick + 1 if lived < self.settled else 0
        return None if self._quick >= self.deaths else self._pause * 2.0 ** max(self._quick - 1, 0)


@dataclass(frozen=True, slots=True)
class Supervisor:
    """What a worker process knows of its supervisor.

    Attributes:
        dev_address: Address of its dev server; None where Temporal's standard settings say where the server is.
    """

    dev_address: str | None

    def environment(self) -> dict[str, str]:
        """Return the environment variables of its workers."""
        return {**os.environ, _SUPERVISED: self.dev_address or ""}


def supervisor_of_this_process() -> Supervisor | None:
    """Return the supervisor that has started this process, once: a process that this one starts has none."""
    dev_address = os.environ.pop(_SUPERVISED, None)
    return None if dev_address is None else Supervisor(dev_address or None)


async def supervise(
    app: ArvoApp,
    *,
    processes: int,
    task_queue: str,
    stop: asyncio.Event,
    console: Console,
    dev: DevOptions | None = None,
    drain: timedelta = timedelta(seconds=10),
) -> int:
    """Run the command line of this process several times as workers, until `stop` is set; then drain them.

    A Ctrl-C reaches this process alone, which hands it on as SIGTERM. A cancellation kills them at once. When this
    process dies, they are asked to stop.

    Args:
        app: What the workers serve.
        processes: How many.
        task_queue: The task queue that they poll.
        stop: Asks them to end.
        console: Where it says what they serve and what became of them.
        dev: Start a dev server that all of them use; else Temporal's standard settings say where the server is.
        drain: How long their running activities may take to finish.

    Returns:
        The exit code: 0 if all ended in good order.

    Raises:
        SettingsError: The connection settings cannot be read.
        ConnectError: No Temporal server could be used.
        DevServerError: The dev server could not be started, or has ended.
        WorkersDieError: A process has ended several times in a row just after its start.
    """
    async with connected(app, dev) as (client, server):
        facts = served(app, client, task_queue, server)
        facts.add_row("processes", str(processes))
        console.print(facts)
        environment = Supervisor(server.address if server is not None else None).environment()
        workers = [_WorkerProcess(environment, console) for _ in range(processes)]
        within = drain.total_seconds() + _GRACE
        try:
            await first_to_end(until(stop, server), *(worker.keep() for worker in workers))
            console.print("Stopping: finishing what is running ...")
        except asyncio.CancelledError:
            within = 0.0
            raise
        finally:
            ended = await asyncio.gather(*(worker.end(within) for worker in workers))
    console.print("Stopped.")
    return 0 if all(ended) else 1


async def serve_supervised(
    app: ArvoApp,
    supervisor: Supervisor,
    *,
    task_queue: str,
    stop: asyncio.Event,
    console: Console,
    drain: timedelta,
    capacity: Capacity,
) -> None:
    """Run one of a supervisor's workers until `stop` is set, then drain it; the arguments are those of `serve`."""
    settings = Settings(address=supervisor.dev_address) if supervisor.dev_address else None
    client = await connect(settings, plugins=[ArvoPlugin(app)])
    with tracing_by_settings():
        options = capacity.worker_options()
        worker = Worker(client, task_queue=task_queue, graceful_shutdown_timeout=drain, **options)
        console.print(f"Worker process {os.getpid()} serves.")
        await first_to_end(worker.run(), stop.wait())


class _WorkerProcess:
    """One worker process, and the next one when it dies."""

    def __init__(self, environment: Mapping[str, str], console: Console) -> None:
        self._environment = environment
        self._console = console
        self._patience = Patience()
        self._process: ChildProcess | None = None

    async def keep(self) -> NoReturn:
        """Start it, again and again.

        Raises:
            WorkersDieError: It does not live.
        """
        while True:
            started = time.monotonic()
            command = [sys.executable, *sys.orig_argv[1:]]
            process = self._process = ChildProcess(command, environment=self._environment)
            await process.wait()
            pause = self._patience.after(time.monotonic() - started)
            if pause is None:
                raise WorkersDieError(
                    f"A worker process has ended {self._patience.deaths} times in a row within "
                    f"{self._patience.settled:g} seconds of its start, the last time by {_end_of(process)}. What it "
                    "said is above: correct that, and start the worker again."
                )
            self._console.print(f"Worker process {process.pid} has ended by {_end_of(process)}: starting another one.")
            await asyncio.sleep(pause)

    async def end(self, within: float) -> bool:
        """Drain it, and kill it after so many seconds; tell whether it has ended in good order."""
        process = self._process
        if process is None or process.exit_code is not None:
            return True
        try:
            process.signal(signal.SIGTERM)
            await process.wait(within)
        finally:
            await process.kill()
        if process.exit_code in _GOOD_ENDS:
            return True
        self._console.print(f"Worker process {process.pid} has ended by {_end_of(process)} instead of finishing.")
        return False


def _end_of(process: ChildProcess) -> str:
    code = process.exit_code or 0
    with suppress(ValueError):
        return signal.Signals(-code).name
    return f"exit code {code}"

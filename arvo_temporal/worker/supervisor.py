"""Runs an app on several processes: workers, and a supervisor that starts again what dies."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

from rich.console import Console

from arvo.errors import ArvoError
from arvo_temporal.child_process import ChildProcess
from arvo_temporal.tasks import first_completed
from arvo_temporal.worker.description import describe_worker
from arvo_temporal.worker.neighbours import refuse_other_apps
from arvo_temporal.worker.options import WorkerOptions
from arvo_temporal.worker.patience import Patience
from arvo_temporal.worker.several import SeveralWorkers
from arvo_temporal.worker.supervised import Supervisor
from arvo_temporal.worker.temporal_server import connected, wait_for_stop
from arvo_temporal.worker.vitality import Vitality
from arvo_temporal.worker.watch import endpoint_of

_GOOD_ENDS = (0, -signal.SIGTERM)
_GRACE = 30.0
"""Seconds beyond the drain after which a process that does not end is killed."""


class WorkersDieError(ArvoError):
    """Worker processes end as soon as they are started."""

    code = "ARVO325"


async def supervise(options: WorkerOptions, *, stop: asyncio.Event, console: Console) -> int:
    """Run the command line of this process several times as workers, until `stop` is set; then drain them.

    A Ctrl-C reaches this process alone, which hands it on as SIGTERM. A cancellation kills them at once. When this
    process dies, they are asked to stop.

    Args:
        options: What they serve, and in how many processes: one without a number.
        stop: Asks them to end.
        console: Where it says what they serve and what became of them.

    Returns:
        The exit code: 0 if all ended in good order.

    Raises:
        SettingsError: The connection settings cannot be read.
        ConnectError: No Temporal server could be used.
        DevServerError: The dev server could not be started, or has ended.
        WorkersDieError: A process has ended several times in a row just after its start.
        TaskQueueTakenError: Another app serves the task queue.
        HealthEndpointError: The health endpoint cannot listen at its address.
    """
    workers: list[_WorkerProcess] = []
    async with _health_of(workers, options) as (vitality, health, folder), connected(options) as (client, dev_server):
        if options.check:
            await refuse_other_apps(client, options)
        console.print(describe_worker(options, client, dev_server, health))
        here = Supervisor(dev_server.address if dev_server is not None else None, folder)
        numbers = range(options.processes or 1)
        workers += [_WorkerProcess(replace(here, number=number).environment(), console) for number in numbers]
        within = options.drain.total_seconds() + _GRACE
        try:
            await first_completed(wait_for_stop(stop, dev_server), *(worker.keep() for worker in workers))
            vitality.stops()
            console.print("Stopping: finishing what is running ...")
        except asyncio.CancelledError:
            within = 0.0
            raise
        finally:
            ended = await asyncio.gather(*(worker.end(within) for worker in workers))
    console.print("Stopped.")
    return 0 if all(ended) else 1


@asynccontextmanager
async def _health_of(
    workers: list[_WorkerProcess], options: WorkerOptions
) -> AsyncIterator[tuple[Vitality, str | None, Path | None]]:
    """Serve the health endpoint of worker processes.

    Yields:
        What is known of this process, the endpoint's URL, and the folder where the workers are asked; None without.
    """
    vitality = Vitality()
    vitality.polls(None)  # what its workers do they say themselves
    if options.health is None:
        yield vitality, None, None
        return
    with TemporaryDirectory(prefix="arvo-", ignore_cleanup_errors=True) as folder:
        several = SeveralWorkers(Path(folder), lambda: [pid for worker in workers if (pid := worker.pid) is not None])
        judges = {
            "not_live": lambda: vitality.not_live() or several.not_live(),
            "not_ready": lambda: vitality.not_ready() or several.not_ready(),
        }
        async with endpoint_of(options.health, vitality, **judges) as health:
            yield vitality, health, Path(folder)


class _WorkerProcess:
    """One worker process, and the next one when it dies."""

    def __init__(self, environment: Mapping[str, str], console: Console) -> None:
        self._environment = environment
        self._console = console
        self._patience = Patience()
        self._process: ChildProcess | None = None

    @property
    def pid(self) -> int | None:
        """Its process id; None while it does not run."""
        process = self._process
        return None if process is None or process.exit_code is not None else process.pid

    async def keep(self) -> NoReturn:
        """Start it, again and again.

        Raises:
            WorkersDieError: It does not live.
        """
        while True:
            started = time.monotonic()
            command = [sys.executable, *sys.orig_argv[1:]]
            process = self._process = await ChildProcess.start(command, environment=self._environment)
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

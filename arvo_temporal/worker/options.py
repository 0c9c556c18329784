"""What a worker is asked to do: the values of its command's options."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from temporalio.common import WorkerDeploymentVersion

from adapter.app import ArvoApp
from arvo_temporal.worker.capacity import Capacity
from arvo_temporal.worker.listen_address import ListenAddress


@dataclass(frozen=True, slots=True)
class DevServerOptions:
    """How to run the dev server.

    Attributes:
        db_file: File that keeps everything from one start to the next; None keeps it in memory.
        port: Port of the server; None for 7233, or a free one if that is taken.
        ui_port: Port of the Temporal UI; None for 8233, or a free one if that is taken.
    """

    db_file: Path | None
    port: int | None = None
    ui_port: int | None = None

    @property
    def given_ports(self) -> tuple[int, ...]:
        """The ports that are given."""
        return tuple(port for port in (self.port, self.ui_port) if port is not None)


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """What a worker serves, where, and how much of it at once.

    Attributes:
        app: What it serves.
        task_queue: The task queue that it polls.
        dev_server: Start a dev server, and use that; None where Temporal's standard settings say where the server is.
        drain: How long running activities may take to finish at the end, before they are cancelled.
        capacity: How much each process takes on at once.
        processes: How many processes a supervisor keeps running; None for this one alone.
        build: The deployment and build that it is a worker of, by Worker Versioning; None for an unversioned one.
        health: Where its health endpoint listens; None for none.
        metrics: Where its metrics are read, as it is said to people; None if nowhere.
        check: Whether it refuses a task queue that another app serves.
    """

    app: ArvoApp
    task_queue: str
    dev_server: DevServerOptions | None = None
    drain: timedelta = timedelta(seconds=10)
    capacity: Capacity = field(default_factory=Capacity)
    processes: int | None = None
    build: WorkerDeploymentVersion | None = None
    health: ListenAddress | None = None
    metrics: str | None = None
    check: bool = True

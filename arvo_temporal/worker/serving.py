"""Runs an app's worker until it is asked to stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

from rich.console import Console
from rich.table import Table
from temporalio.client import Client
from temporalio.worker import Worker

from adapter.app import ArvoApp
from arvo_temporal.connection import Settings, connect, load_settings
from arvo_temporal.dev_server import DevServer, DevServerError, is_free
from arvo_temporal.plugin import ArvoPlugin
from arvo_temporal.worker.capacity import Capacity
from arvo_temporal.worker.tracing import tracing_by_settings
from arvo_temporal.worker.waiting import first_to_end

_USUAL_PORT = 7233
_USUAL_UI_PORT = 8233


@dataclass(frozen=True, slots=True)
class DevOptions:
    """How to run the dev server.

    Attributes:
        db_file: File that keeps everything from one start to the next; None keeps it in memory.
        port: Port of the server; None for 7233, or a free one if that is taken.
        ui_port: Port of the Temporal UI; None for 8233, or a free one if that is taken.
    """

    db_file: Path | None
    port: int | None = None
    ui_port: int | None = None


async def serve(
    app: ArvoApp,
    *,
    task_queue: str,
    stop: asyncio.Event,
    console: Console,
    dev: DevOptions | None = None,
    drain: timedelta = timedelta(seconds=10),
    capacity: Capacity | None = None,
) -> None:
    """Run a worker until `stop` is set, then drain it.

    Args:
        app: What the worker serves.
        task_queue: The task queue that it polls.
        stop: Asks it to end: it takes no more work and finishes what it has.
        console: Where it says what it serves.
        dev: Start the dev server, and use that; else Temporal's standard settings say where the server is.
        drain: How long running activities may take to finish before they are cancelled.
        capacity: How much it takes on at once.

    Raises:
        SettingsError: The connection settings cannot be read.
        ConnectError: No Temporal server could be used.
        DevServerError: The dev server could not be started, or has ended.
    """
    options = (capacity or Capacity()).worker_options()
    with tracing_by_settings():
        async with connected(app, dev) as (client, server):
            worker = Worker(client, task_queue=task_queue, graceful_shutdown_timeout=drain, **options)
            console.print(served(app, client, task_queue, server))
            # Not `async with worker`, which waits long for a server that has died, and then cancels its caller.
            await first_to_end(worker.run(), _until_told(stop, server, console))
    console.print("Stopped.")


async def serve_dev(options: DevOptions, *, stop: asyncio.Event, console: Console) -> None:
    """Run the dev server alone until `stop` is set.

    Raises:
        DevServerError: It could not be started, or has ended.
    """
    async with _dev_server(options) as server:
        facts = _facts()
        facts.add_row("Temporal", server.address)
        facts.add_row("Temporal UI", server.ui_url)
        facts.add_row("database", str(options.db_file or "in memory, lost at the end"))
        console.print(facts)
        console.print(f"Use it with  export TEMPORAL_ADDRESS={server.address}", soft_wrap=True)
        await until(stop, server)
        console.print("Stopping ...")
    console.print("Stopped.")


@asynccontextmanager
async def connected(app: ArvoApp, dev: DevOptions | None) -> AsyncIterator[tuple[Client, DevServer | None]]:
    """Connect by Temporal's standard settings, or start a dev server and connect to that.

    Yields:
        The client, and the dev server if it was started.
    """
    settings = load_settings() if dev is None else Settings()
    if dev is None:
        yield await connect(settings, plugins=[ArvoPlugin(app)]), None
        return
    async with _dev_server(dev) as server:
        yield await connect(settings, address=server.address, plugins=[ArvoPlugin(app)]), server


def _dev_server(options: DevOptions) -> DevServer:
    return DevServer(
        port=options.port or _usual(_USUAL_PORT),
        ui_port=options.ui_port or _usual(_USUAL_UI_PORT),
        db_file=options.db_file,
    )


def _usual(port: int) -> int | None:
    """Return the port where people look for Temporal, if nothing else is there; else None, for a free one."""
    return port if is_free(port) else None


async def until(stop: asyncio.Event, server: DevServer | None) -> None:
    """Wait until `stop` is set.

    Raises:
        DevServerError: The dev server ends before.
    """
    if server is None:
        await stop.wait()
    else:
        await first_to_end(stop.wait(), _end_of(server))


async def _until_told(stop: asyncio.Event, server: DevServer | None, console: Console) -> None:
    await until(stop, server)
    console.print("Stopping: finishing what is running ...")


async def _end_of(server: DevServer) -> NoReturn:
    raise DevServerError(f"The dev server has ended by itself. It said last:\n{await server.ended()}")


def served(app: ArvoApp, client: Client, task_queue: str, server: DevServer | None) -> Table:
    """Return what a worker serves and where, as a table of names and values."""
    facts = _facts()
    for source, orchestrator in app.orchestrators.items():
        facts.add_row("orchestrator", f"{source}  {', '.join(m.version for m in orchestrator.registry.machines)}")
    for source, handler in app.handlers.items():
        facts.add_row("handler", f"{source}  {', '.join(handler.contract.versions)}")
    for domain in app.publishers:
        facts.add_row("publisher", f"domain {domain}" if domain is not None else "events without a domain")
    for source, elsewhere in app.task_queues.items():
        facts.add_row("elsewhere", f"{source}  on {elsewhere}")
    facts.add_row("task queue", task_queue)
    facts.add_row("namespace", client.namespace)
    facts.add_row("Temporal", client.service_client.config.target_host)
    if server is not None:
        facts.add_row("Temporal UI", server.ui_url)
    return facts


def _facts() -> Table:
    """Return a table without lines: what it is, and its value."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    return table

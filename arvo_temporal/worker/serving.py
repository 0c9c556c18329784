"""Runs an app's worker, or the dev server alone, until it is asked to stop."""

from __future__ import annotations

import asyncio

from rich.console import Console
from temporalio.client import Client
from temporalio.worker import Worker, WorkerDeploymentConfig

from arvo_temporal.tasks import first_completed
from arvo_temporal.worker.description import describe_dev_server, describe_worker
from arvo_temporal.worker.neighbours import refuse_other_apps
from arvo_temporal.worker.options import DevServerOptions, WorkerOptions
from arvo_temporal.worker.temporal_server import connected, new_dev_server, wait_for_stop
from arvo_temporal.worker.tracing import tracing_by_settings
from arvo_temporal.worker.vitality import Vitality
from arvo_temporal.worker.watch import endpoint_of, watch


async def serve(options: WorkerOptions, *, stop: asyncio.Event, console: Console) -> None:
    """Run a worker in this process until `stop` is set, then drain it.

    Args:
        options: What it serves, and how.
        stop: Asks it to end: it takes no more work and finishes what it has.
        console: Where it says what it serves.

    Raises:
        SettingsError: The connection settings cannot be read.
        ConnectError: No Temporal server could be used.
        DevServerError: The dev server could not be started, or has ended.
        TelemetryError: Traces are asked for and cannot be sent.
        TaskQueueTakenError: Another app serves the task queue.
        HealthEndpointError: The health endpoint cannot listen at its address.
    """
    vitality = Vitality()
    async with (
        tracing_by_settings(),
        endpoint_of(options.health, vitality) as health,
        connected(options) as (client, dev_server),
    ):
        if options.check:
            await refuse_other_apps(client, options)
        worker = new_worker(options, client)
        console.print(describe_worker(options, client, dev_server, health))

        async def told_to_stop() -> None:
            await wait_for_stop(stop, dev_server)
            vitality.stops()
            console.print("Stopping: finishing what is running ...")

        # Not `async with worker`, which waits long for a server that has died, and then cancels its caller.
        watching = [watch(vitality, worker, client, versioned=options.build is not None)] if health else []
        await first_completed(worker.run(), told_to_stop(), *watching)
    console.print("Stopped.")


def new_worker(options: WorkerOptions, client: Client) -> Worker:
    """Return a worker, not yet running, whose client has the app's plugin."""
    build = options.build
    return Worker(
        client,
        task_queue=options.task_queue,
        graceful_shutdown_timeout=options.drain,
        deployment_config=None if build is None else WorkerDeploymentConfig(build, use_worker_versioning=True),
        **options.capacity.worker_options(),
    )


async def serve_dev(options: DevServerOptions, *, stop: asyncio.Event, console: Console) -> None:
    """Run the dev server alone until `stop` is set.

    Raises:
        DevServerError: It could not be started, or has ended.
    """
    async with new_dev_server(options) as dev_server:
        console.print(describe_dev_server(options, dev_server))
        console.print(f"Use it with  export TEMPORAL_ADDRESS={dev_server.address}", soft_wrap=True)
        await wait_for_stop(stop, dev_server)
        console.print("Stopping ...")
    console.print("Stopped.")

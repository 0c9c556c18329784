"""The commands about workers: run one, run the dev server alone, and see whether somebody serves."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from temporalio.common import WorkerDeploymentVersion
from temporalio.runtime import LoggingConfig
from typer.models import OptionInfo

from arvo_temporal.cli.app_loading import load_app
from arvo_temporal.cli.checking import checked_app
from arvo_temporal.cli.running import AppArgument, OptionalAppArgument, QueueOption, mute_sdk
from arvo_temporal.cli.tables import as_text
from arvo_temporal.cli.telemetry_options import (
    LogEventsOption,
    LogFormatOption,
    LogLevelOption,
    MetricsOption,
    TracebacksOption,
    read_address,
    read_metrics,
)
from arvo_temporal.connection import DEFAULT_TASK_QUEUE, connect, task_queue
from arvo_temporal.logs import LogFormat, LogLevel, start_log
from arvo_temporal.process import run_command
from arvo_temporal.worker import (
    Capacity,
    DevServerOptions,
    ListenAddress,
    Supervisor,
    WorkerOptions,
    check_served,
    serve,
    serve_supervised,
    supervise,
    supervisor_of_this_process,
    use_runtime,
)

_DB_FILE = Path(".arvo/dev.db")
_CAPACITY = Capacity()

DbFileOption = Annotated[
    Path, typer.Option(help="Database file of the dev server: what it knows outlives it.", metavar="FILE")
]
UiPortOption = Annotated[
    int | None,
    typer.Option(help="Port of the Temporal UI; else 8233, or a free one.", metavar="PORT", min=1, max=65535),
]
PortOption = Annotated[
    int | None, typer.Option(help="Port of the server; else 7233, or a free one.", metavar="PORT", min=1, max=65535)
]
DeploymentOption = Annotated[
    str | None,
    typer.Option(
        "--deployment",
        help="Deployment of a versioned worker, for example the name of the service.",
        metavar="NAME",
        envvar=["ARVO_DEPLOYMENT", "TEMPORAL_DEPLOYMENT_NAME"],
    ),
]
BuildOption = Annotated[
    str | None,
    typer.Option(
        "--build",
        help="Build of a versioned worker, for example a release or a commit.",
        metavar="ID",
        envvar=["ARVO_BUILD", "TEMPORAL_WORKER_BUILD_ID"],
    ),
]
HealthOption = Annotated[
    str | None,
    typer.Option(
        "--health",
        help="Answer probes over HTTP at /livez and /readyz; port 0 is a free one.",
        metavar="HOST:PORT",
        envvar="ARVO_HEALTH",
    ),
]


def _number(help: str, envvar: str, *, least: int) -> OptionInfo:
    """Return an option of a worker that is a number, and can come from the environment."""
    option: OptionInfo = typer.Option(help=help, metavar="NUMBER", min=least, envvar=envvar)
    return option


def worker(
    app: AppArgument,
    dev: Annotated[bool, typer.Option("--dev", help="Start the Temporal dev server with its UI.")] = False,
    task_queue_name: QueueOption = None,
    db_file: DbFileOption = _DB_FILE,
    ui_port: UiPortOption = None,
    port: PortOption = None,
    drain: Annotated[
        float, typer.Option(help="Seconds that running activities get to finish.", metavar="SECONDS", min=0)
    ] = 10.0,
    processes: Annotated[
        int | None,
        _number("Run so many worker processes, and start again what dies.", "ARVO_PROCESSES", least=1),
    ] = None,
    cached_orchestrations: Annotated[
        int,
        _number(
            "Open orchestrations that a worker process keeps in memory; others are rebuilt when they are needed.",
            "ARVO_CACHED_ORCHESTRATIONS",
            least=0,
        ),
    ] = _CAPACITY.cached_orchestrations,
    workflow_tasks: Annotated[
        int, _number("Orchestrations that a worker process advances at once.", "ARVO_WORKFLOW_TASKS", least=2)
    ] = _CAPACITY.workflow_tasks,
    activities: Annotated[
        int, _number("Handlers and publishers that a worker process runs at once.", "ARVO_ACTIVITIES", least=1)
    ] = _CAPACITY.activities,
    pollers: Annotated[
        int, _number("Requests for work that a worker process keeps open, of each kind.", "ARVO_POLLERS", least=2)
    ] = _CAPACITY.pollers,
    deployment: DeploymentOption = None,
    build: BuildOption = None,
    health: HealthOption = None,
    metrics: MetricsOption = None,
    log_level: LogLevelOption = LogLevel.INFO,
    log_format: LogFormatOption = LogFormat.LINE,
    log_events: LogEventsOption = False,
    tracebacks: TracebacksOption = False,
    no_check: Annotated[
        bool, typer.Option("--no-check", help="Run also on an app with errors, and beside another app.")
    ] = False,
) -> None:
    """Run a worker until Ctrl-C.

    It first checks the app as arvo-temporal check does, prints what cannot work, and does not run on that.

    With --deployment and --build it is versioned: an orchestration stays on the build that has begun it, and new ones
    begin on the build that is current (temporal worker deployment set-current-version).

    It connects by Temporal's standard settings (TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS*,
    TEMPORAL_PROFILE), or to a dev server of its own with --dev.
    """
    version = _version(deployment, build)
    health_address = read_address(health, "--health")
    metrics_address = read_metrics(metrics, processes)

    async def main(stop: asyncio.Event) -> int:
        supervisor = supervisor_of_this_process()
        log = start_log(log_level, log_format, events=log_events, tracebacks=tracebacks)
        served_at = _serve_metrics(log, metrics_address, supervisor, processes)
        loaded = load_app(app) if no_check else checked_app(app)
        options = WorkerOptions(
            app=loaded,
            task_queue=task_queue(task_queue_name, loaded.task_queue),
            dev_server=DevServerOptions(db_file, port, ui_port) if dev else None,
            drain=timedelta(seconds=drain),
            capacity=Capacity(cached_orchestrations, workflow_tasks, activities, pollers),
            processes=processes,
            build=version,
            health=health_address,
            metrics=served_at,
            check=not no_check,
        )
        return await _serve(options, supervisor, stop)

    run_command(main, serves=True)


def _version(deployment: str | None, build: str | None) -> WorkerDeploymentVersion | None:
    """Return the build of a versioned worker; None if neither of both names is given.

    Raises:
        BadParameter: Only one of them is given, or the name of the deployment is none.
    """
    if not deployment and not build:
        return None
    if not deployment or not build:
        raise typer.BadParameter("--deployment and --build go together: give both, or none for an unversioned worker.")
    if set(".:") & set(deployment) or deployment.startswith("__") or build.startswith("__"):
        # The server would refuse the worker's polls, which the SDK tries again without a word.
        raise typer.BadParameter(
            f"Temporal takes no deployment '{deployment}' with build '{build}': the name of a deployment has neither "
            "'.' nor ':', and neither of the two begins with '__'."
        )
    return WorkerDeploymentVersion(deployment, build)


def _serve_metrics(
    log: LoggingConfig, address: ListenAddress | None, supervisor: Supervisor | None, processes: int | None
) -> str | None:
    """Give this process its runtime, and return where its metrics are, or those of the processes that it starts."""
    if address is None or (supervisor is None and processes is None):
        return use_runtime(log, address)
    if supervisor is not None:
        return use_runtime(log, address.after(supervisor.number))
    use_runtime(log)
    last = address.after((processes or 1) - 1)
    return (
        f"http://{address}/metrics  to port {last.port}, each process its own"
        if last and last.port
        else ("each process at a port of its own, which it says")
    )


async def _serve(options: WorkerOptions, supervisor: Supervisor | None, stop: asyncio.Event) -> int:
    console = Console()
    if supervisor is not None:
        await serve_supervised(options, supervisor, stop=stop, console=console)
    elif options.processes is not None:
        return await supervise(options, stop=stop, console=console)
    else:
        await serve(options, stop=stop, console=console)
    return 0


def health(
    app: OptionalAppArgument = None,
    task_queue_name: QueueOption = None,
    this_host: Annotated[
        bool, typer.Option("--this-host", help="Count only workers of this host, as a container's check wants.")
    ] = False,
    deployment: DeploymentOption = None,
    build: BuildOption = None,
) -> None:
    """Check that a living worker serves the task queue of an app; exit code 1 if none does.

    With --deployment and --build only workers of that build count.
    """
    version = _version(deployment, build)

    async def main(_stop: asyncio.Event) -> int:
        mute_sdk()
        queue = task_queue(task_queue_name, load_app(app).task_queue if app else DEFAULT_TASK_QUEUE)
        serving = await check_served(await connect(), queue, this_host=this_host, build=version)
        Console().print(as_text(f"Served by {', '.join(serving)}"))
        return 0

    run_command(main)

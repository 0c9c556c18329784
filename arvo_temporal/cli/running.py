"""How a command that needs a server runs: its options, its client, and its exit code."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, NoReturn

import typer

from arvo_temporal.cli.app_loading import load_app
from arvo_temporal.client import ArvoClient
from arvo_temporal.connection import connect, named_task_queue
from arvo_temporal.plugin import ArvoPlugin
from arvo_temporal.process import run_command

OrchestrationArgument = Annotated[
    str,
    typer.Argument(
        metavar="ID", help="The orchestration: its subject, its workflow id or the beginning of it, ORCHESTRATOR/KEY."
    ),
]
AppArgument = Annotated[
    str, typer.Argument(metavar="MODULE:APP", envvar="ARVO_APP", help="The app, for example examples.orders.app:app.")
]
AppOption = Annotated[
    str | None,
    typer.Option(
        "--app", metavar="MODULE:APP", envvar="ARVO_APP", help="The app: its task queue, its contracts, its encryption."
    ),
]
QueueOption = Annotated[
    str | None,
    typer.Option("--task-queue", help="Task queue; else ARVO_TASK_QUEUE, else the app's own.", metavar="NAME"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]

Body = Callable[[ArvoClient], Awaitable[int]]
"""What a command does with its client; it returns the exit code: 0 for yes, 1 for no."""


def run_with_client(body: Body, app: str | None = None, queue: str | None = None) -> NoReturn:
    """Run the body of a command with a client of the server that the environment names, and end the process.

    Args:
        body: What the command does.
        app: The app as MODULE:APP; None for none.
        queue: The task queue that the command line names; None for that of the app.
    """

    async def main(_stop: asyncio.Event) -> int:
        loaded = load_app(app) if app else None
        client = await connect(plugins=[ArvoPlugin(loaded)] if loaded else [])
        return await body(ArvoClient(client, loaded, task_queue=named_task_queue(queue)))

    run_command(main)

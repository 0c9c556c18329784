"""How a command that needs a server runs: its options, its client, and its exit code."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, NoReturn

import typer
from temporalio.runtime import Runtime, TelemetryConfig

from adapter.errors import OrchestrationTimeoutError
from adapter.plain_text import plain_text
from arvo_temporal.cli.app_loading import load_app
from arvo_temporal.cli.completion import complete_orchestration
from arvo_temporal.client import ArvoClient
from arvo_temporal.connection import connect, named_task_queue
from arvo_temporal.plugin import ArvoPlugin
from arvo_temporal.process import FORCED, run_command

OrchestrationArgument = Annotated[
    str,
    typer.Argument(
        metavar="ID",
        help="The orchestration: its subject, its workflow id or the beginning of it, ORCHESTRATOR/KEY.",
        autocompletion=complete_orchestration,
    ),
]
_APP = typer.Argument(metavar="MODULE:APP", envvar="ARVO_APP", help="The app, for example examples.orders.app:app.")
AppArgument = Annotated[str, _APP]
OptionalAppArgument = Annotated[str | None, _APP]
AppOption = Annotated[
    str | None,
    typer.Option(
        "--app", metavar="MODULE:APP", envvar="ARVO_APP", help="The app: its task queue, its contracts, its encryption."
    ),
]
RequiredAppOption = Annotated[
    str, typer.Option("--app", metavar="MODULE:APP", envvar="ARVO_APP", help="The app, whose machines are asked.")
]
QueueOption = Annotated[
    str | None,
    typer.Option("--task-queue", help="Task queue; else ARVO_TASK_QUEUE, else the app's own.", metavar="NAME"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]

NOT_IN_TIME = 3
"""Exit code where what was waited for has not come in time."""

Body = Callable[[ArvoClient], Awaitable[int]]
"""What a command does with its client; it returns the exit code: 0 for yes, 1 for no."""


StoppableBody = Callable[[ArvoClient, asyncio.Event], Awaitable[int]]
"""The same for what takes longer: it also gets the event that asks it to stop."""


def run_with_client(body: Body, app: str | None = None, queue: str | None = None) -> NoReturn:
    """Run the body of a command with a client of the server that the environment names, and end the process.

    The first Ctrl-C ends what it does where it is, with exit code 130. Where what it waits for has not
    come in time, the exit code is 3.

    Args:
        body: What the command does.
        app: The app as MODULE:APP; None for none.
        queue: The task queue that the command line names; None for that of the app.
    """

    async def until_stopped(client: ArvoClient, stop: asyncio.Event) -> int:
        return await _unless_stopped(body(client), stop)

    run_until_stopped(until_stopped, app, queue)


def run_until_stopped(body: StoppableBody, app: str | None = None, queue: str | None = None) -> NoReturn:
    """Run the body of a command that stops in good order when it is asked to, as `run_with_client` does."""

    async def main(stop: asyncio.Event) -> int:
        mute_sdk()
        loaded = load_app(app) if app else None
        client = await connect(plugins=[ArvoPlugin(loaded)] if loaded else [])
        try:
            return await body(ArvoClient(client, loaded, task_queue=named_task_queue(queue)), stop)
        except OrchestrationTimeoutError as error:
            print(f"Error: {plain_text(str(error), lines=True)}", file=sys.stderr)
            return NOT_IN_TIME

    run_command(main)


def run_interruptible(work: Callable[[], Awaitable[int]]) -> NoReturn:
    """Run what a command does, and end the process with the exit code that it returns; 130 at the first Ctrl-C."""

    async def main(stop: asyncio.Event) -> int:
        return await _unless_stopped(work(), stop)

    run_command(main)


async def _unless_stopped(work: Awaitable[int], stop: asyncio.Event) -> int:
    """Do what a command does, and return its exit code; 130 where it is asked to stop before."""
    task = asyncio.ensure_future(work)
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not task.done():
        task.cancel()
        # Temporal's SDK raises another error where it is cancelled while it waits for an update.
        await asyncio.gather(task, return_exceptions=True)
        return FORCED
    return task.result()


def mute_sdk() -> None:
    """Keep the SDK from logging what the command tells itself: a call that is tried again, a replay that fails.

    The part of it that is not Python would write to standard output, between what the command prints there.
    """
    logging.getLogger("temporalio").setLevel(logging.CRITICAL)
    Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=None)), error_if_already_set=False)

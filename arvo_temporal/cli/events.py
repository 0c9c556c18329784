"""The commands about events: send one, see what an orchestration made of them, send again what it did not take."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table

from adapter.errors import EventFileError
from adapter.plain_text import plain_json, plain_text
from arvo_temporal.cli.app_loading import load_app
from arvo_temporal.cli.tables import as_text
from arvo_temporal.client import ArvoClient
from arvo_temporal.connection import connect, named_task_queue
from arvo_temporal.plugin import ArvoPlugin
from arvo_temporal.process import run_command

_ORCHESTRATION = typer.Argument(metavar="SUBJECT|WORKFLOW_ID", help="The orchestration.")

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
SourceOption = Annotated[
    str | None,
    typer.Option("--source", metavar="SOURCE", help="The source of the events, where several have given one id."),
]
OrchestrationArgument = Annotated[str, _ORCHESTRATION]


def send(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="A file with an ArvoEvent as JSON; - reads it here.")],
    execute: Annotated[bool, typer.Option("--execute", help="Wait, and print the events that were produced.")] = False,
    app: AppOption = None,
    task_queue_name: QueueOption = None,
) -> None:
    """Send an event: start its orchestration, or deliver it to a running one."""

    async def body(client: ArvoClient) -> int:
        text = _read(file)
        if execute:
            answer = await client.execute(text)
            _print(answer.fate, answer.reason)
            for event in answer.events:
                _print_json(event.to_json())
            return 0
        result = await client.deliver(text)
        _print(result.status.value, result.workflow_id, result.reason)
        return 0 if result.accepted else 1

    _run(body, app, task_queue_name)


def record(orchestration: OrchestrationArgument, app: AppOption = None) -> None:
    """Print the machine memory record of an orchestration, as JSON."""
    _run_and_print(lambda client: client.record(orchestration), app)


def ledger(orchestration: OrchestrationArgument, app: AppOption = None) -> None:
    """Print the fates of an orchestration's newest events and how often each came up, as JSON."""
    _run_and_print(lambda client: client.ledger(orchestration), app)


def violations(orchestration: OrchestrationArgument, app: AppOption = None) -> None:
    """Print the refused deliveries of an orchestration with their reasons, as JSON."""
    _run_and_print(lambda client: client.violations(orchestration), app)


def redrive(
    orchestration: OrchestrationArgument,
    event_ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="EVENT_ID", help="Which events; all that are still refused, unhandled or late."),
    ] = None,
    source: SourceOption = None,
    app: AppOption = None,
) -> None:
    """Send refused, unhandled and late events again, after a fix; exit code 1 if one is not taken."""

    async def body(client: ArvoClient) -> int:
        results = await client.redrive(orchestration, event_ids or None, source=source)
        table = Table("event", "type", "fate", "reason", box=None, pad_edge=False)
        for result in results:
            words = (result.id or "-", result.type or "-", result.fate or "unknown", result.reason or "")
            table.add_row(*map(as_text, words))
        Console().print(table if results else "Nothing is refused, unhandled or late.")
        return int(not all(result.accepted for result in results))

    _run(body, app)


def retry(
    orchestration: OrchestrationArgument,
    event_id: Annotated[
        str | None, typer.Argument(metavar="EVENT_ID", help="Which request; all that have failed.")
    ] = None,
    app: AppOption = None,
) -> None:
    """Send requests of an orchestration again that have failed for good, after a fix."""

    async def body(client: ArvoClient) -> int:
        for request in await client.retry(orchestration, event_id):
            _print("sent again", request.type, request.id, f"to {request.to}")
        return 0

    _run(body, app)


def _run(body: Callable[[ArvoClient], Awaitable[int]], app: str | None, queue: str | None = None) -> NoReturn:
    async def main(_stop: asyncio.Event) -> int:
        loaded = load_app(app) if app else None
        client = await connect(plugins=[ArvoPlugin(loaded)] if loaded else [])
        return await body(ArvoClient(client, loaded, task_queue=named_task_queue(queue)))

    run_command(main)


def _run_and_print(ask: Callable[[ArvoClient], Awaitable[Any]], app: str | None) -> NoReturn:
    async def body(client: ArvoClient) -> int:
        _print_json(await ask(client))
        return 0

    _run(body, app)


def _read(file: str) -> str:
    if file == "-":
        return sys.stdin.read()
    try:
        return Path(file).read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise EventFileError(f"The event cannot be read from '{file}': {error}. Name a file of JSON text.") from error


def _print(*words: str | None) -> None:
    print("  ".join(plain_text(word) for word in words if word))


def _print_json(value: Any) -> None:
    print(plain_json(value, default=_as_json))


def _as_json(model: BaseModel) -> Any:
    return model.model_dump(mode="json", exclude_none=True)

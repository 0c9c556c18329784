"""The commands about events: send one, see what an orchestration made of them."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from adapter.errors import EventFileError
from arvo_temporal.cli.printing import print_json, print_words
from arvo_temporal.cli.running import AppOption, OrchestrationArgument, QueueOption, run_with_client
from arvo_temporal.client import ArvoClient


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
            print_words(answer.fate, answer.reason)
            for event in answer.events:
                print_json(event.to_json())
            return 0
        result = await client.deliver(text)
        print_words(result.status.value, result.workflow_id, result.reason)
        return 0 if result.accepted else 1

    run_with_client(body, app, task_queue_name)


def record(orchestration: OrchestrationArgument, app: AppOption = None) -> None:
    """Print the machine memory record of an orchestration, as JSON."""
    _run_and_print(lambda client: client.record(orchestration), app)


def ledger(orchestration: OrchestrationArgument, app: AppOption = None) -> None:
    """Print the fates of an orchestration's newest events and how often each came up, as JSON."""
    _run_and_print(lambda client: client.ledger(orchestration), app)


def violations(orchestration: OrchestrationArgument, app: AppOption = None) -> None:
    """Print the refused deliveries of an orchestration with their reasons, as JSON."""
    _run_and_print(lambda client: client.violations(orchestration), app)


def _run_and_print(ask: Callable[[ArvoClient], Awaitable[Any]], app: str | None) -> NoReturn:
    async def body(client: ArvoClient) -> int:
        print_json(await ask(client))
        return 0

    run_with_client(body, app)


def _read(file: str) -> str:
    if file == "-":
        return sys.stdin.read()
    try:
        return Path(file).read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise EventFileError(f"The event cannot be read from '{file}': {error}. Name a file of JSON text.") from error

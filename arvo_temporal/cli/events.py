"""The commands about what was sent: see what an orchestration made of it, and send again what it did not take."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, NoReturn

import typer

from arvo_temporal.cli.printing import print_json, print_words
from arvo_temporal.cli.running import AppOption, OrchestrationArgument, run_with_client
from arvo_temporal.cli.tables import print_table
from arvo_temporal.client import ArvoClient

SourceOption = Annotated[
    str | None,
    typer.Option("--source", metavar="SOURCE", help="The source of the events, where several have given one id."),
]


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
        if not results:
            print_words("Nothing is refused, unhandled or late.")
            return 0
        cells = [(one.id or "-", one.type or "-", one.fate or "unknown", one.reason or "") for one in results]
        print_table(("event", "type", "fate", "reason"), cells)
        return int(not all(result.accepted for result in results))

    run_with_client(body, app)


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
            print_words("sent again", request.type, request.id, f"to {request.to}")
        return 0

    run_with_client(body, app)


def _run_and_print(ask: Callable[[ArvoClient], Awaitable[Any]], app: str | None) -> NoReturn:
    async def body(client: ArvoClient) -> int:
        print_json(await ask(client))
        return 0

    run_with_client(body, app)

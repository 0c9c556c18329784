"""The commands about what was sent: see what an orchestration made of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, NoReturn

import typer

from arvo_temporal.cli.printing import print_json
from arvo_temporal.cli.running import AppOption, OrchestrationArgument, run_with_client
from arvo_temporal.client import ArvoClient

_JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, as it does anyway.")]


def record(orchestration: OrchestrationArgument, app: AppOption = None, as_json: _JsonOption = True) -> None:
    """Print the machine memory record of an orchestration, as JSON."""
    _run_and_print(lambda client: client.record(orchestration), app)


def ledger(orchestration: OrchestrationArgument, app: AppOption = None, as_json: _JsonOption = True) -> None:
    """Print the fates of an orchestration's newest events and how often each came up, as JSON."""
    _run_and_print(lambda client: client.ledger(orchestration), app)


def violations(orchestration: OrchestrationArgument, app: AppOption = None, as_json: _JsonOption = True) -> None:
    """Print the refused deliveries of an orchestration with their reasons, as JSON."""
    _run_and_print(lambda client: client.violations(orchestration), app)


def _run_and_print(ask: Callable[[ArvoClient], Awaitable[Any]], app: str | None) -> NoReturn:
    async def body(client: ArvoClient) -> int:
        print_json(await ask(client))
        return 0

    run_with_client(body, app)

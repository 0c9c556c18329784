"""The commands that show one orchestration: once, or as it goes on."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.live import Live
from temporalio.service import RPCError

from adapter.errors import OrchestrationSilentError
from adapter.plain_text import plain_text
from arvo_temporal.cli.printing import print_json
from arvo_temporal.cli.running import (
    AppOption,
    JsonOption,
    OrchestrationArgument,
    run_until_stopped,
    run_with_client,
)
from arvo_temporal.cli.shown_lines import ShownLines, change_line
from arvo_temporal.cli.tables import print_sections, sections
from arvo_temporal.cli.times import Times, TimesOption
from arvo_temporal.client import ArvoClient, ShownOrchestration
from arvo_temporal.output import is_lost

_COMPLETED = "completed"
_PATIENCE = 5
"""How many times in a row the server may not answer."""


def show(
    orchestration: OrchestrationArgument,
    as_json: JsonOption = False,
    times: TimesOption = Times.RELATIVE,
    app: AppOption = None,
) -> None:
    """Show where an orchestration stands, what it waits for, what is wrong with it, and what cures that."""

    async def body(client: ArvoClient) -> int:
        shown = await client.show(orchestration)
        if as_json:
            print_json(shown)
        else:
            name = await client.shortest(shown.workflow_id) if shown.troubles else None
            print_sections(ShownLines(shown, times, datetime.now(UTC), name).parts())
        return 0

    run_with_client(body, app)


def watch(
    orchestration: OrchestrationArgument,
    every: Annotated[float, typer.Option("--every", min=0.1, help="Seconds between two looks.")] = 1.0,
    as_json: JsonOption = False,
    times: TimesOption = Times.RELATIVE,
    app: AppOption = None,
) -> None:
    """Show an orchestration as it goes on, until it ends: exit code 0 if it has completed, 1 otherwise.

    In a terminal the picture is kept up to date; elsewhere each change is a line, with --json a JSON document.
    """

    async def body(client: ArvoClient, stop: asyncio.Event) -> int:
        identity = await client.find(orchestration)
        if as_json or not sys.stdout.isatty():
            return await _watch(client, identity, every, _json_lines() if as_json else _lines(), stop)
        name = await client.shortest(identity)
        with Live(auto_refresh=False, vertical_overflow="visible") as live:
            return await _watch(client, identity, every, _picture(live, times, name), stop)

    run_until_stopped(body, app)


Tell = Callable[[ShownOrchestration], None]


async def _watch(client: ArvoClient, identity: str, every: float, tell: Tell, stop: asyncio.Event) -> int:
    """Look again and again until the orchestration has ended, or nobody wants or is there to see it any more.

    Raises:
        OrchestrationSilentError: The server has not answered several times in a row.
    """
    unanswered = 0
    while not stop.is_set() and not is_lost(sys.stdout):
        try:
            shown = await client.show(identity)
        except RPCError as error:
            unanswered += 1
            if unanswered == _PATIENCE:
                raise _lost(identity, error) from error
        else:
            unanswered = 0
            tell(shown)
            if shown.closed is not None:
                return int(shown.status != _COMPLETED)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), every)
    return 0


def _lost(identity: str, error: RPCError) -> OrchestrationSilentError:
    return OrchestrationSilentError(
        f"The server has not answered {_PATIENCE} times in a row for '{identity}': {error.message}. See that it runs, "
        "and watch again.",
        workflow_id=identity,
    )


def _picture(live: Live, times: Times, name: str) -> Tell:
    """Return what renews the picture. Its cures take a short name, so that each stays one line."""

    def tell(shown: ShownOrchestration) -> None:
        live.update(sections(ShownLines(shown, times, datetime.now(UTC), name).parts()), refresh=True)

    return tell


def _lines() -> Tell:
    return _changes(change_line, lambda line: f"{datetime.now(UTC).isoformat(timespec='seconds')}  {plain_text(line)}")


def _json_lines() -> Tell:
    return _changes(lambda shown: json.dumps(shown.to_json(), ensure_ascii=False), plain_text)


def _changes(say: Callable[[ShownOrchestration], str], printed: Callable[[str], str]) -> Tell:
    """Return what prints a line for an orchestration that says another thing than before."""
    last = ""

    def tell(shown: ShownOrchestration) -> None:
        nonlocal last
        said = say(shown)
        if said != last:
            print(printed(said), flush=True)
        last = said

    return tell

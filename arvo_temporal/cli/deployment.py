"""The commands about changing code: check it against histories, and look back into them."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from adapter.observation import HistoryEntry
from adapter.plain_text import plain_json, plain_text
from arvo_temporal.cli.app_loading import load_app
from arvo_temporal.cli.running import OrchestrationArgument
from arvo_temporal.cli.tables import as_text
from arvo_temporal.client import ArvoClient
from arvo_temporal.connection import connect
from arvo_temporal.plugin import ArvoPlugin
from arvo_temporal.process import run_command
from arvo_temporal.replay import RunCheck, check_run, checks_on_server, history_from_file, running_query

_APP = typer.Argument(metavar="MODULE:APP", envvar="ARVO_APP", help="The app, for example examples.orders.app:app.")


def check_deploy(
    app: Annotated[str, _APP],
    query: Annotated[
        str | None,
        typer.Option(
            metavar="VISIBILITY_QUERY",
            help="Which orchestrations, by Temporal's list filter; the running ones of the app's types by default.",
        ),
    ] = None,
    limit: Annotated[
        int, typer.Option(metavar="N", min=0, help="The most to look at, newest first; 0 for all.")
    ] = 1000,
    all_runs: Annotated[
        bool,
        typer.Option("--all-runs", help="Also the earlier runs of each, which workers replay no more."),
    ] = False,
) -> None:
    """Check the app's code against the histories of orchestrations on the server; exit code 1 if one differs.

    It replays each history in this process: nothing is sent. Run it before a deployment, by the new code.
    """

    async def main(_stop: asyncio.Event) -> int:
        _mute()
        loaded = load_app(app)
        client = await connect(plugins=[ArvoPlugin(loaded)])
        wanted = query or running_query(loaded)
        found = (await client.count_workflows(wanted)).count
        checks = await _with_progress(
            checks_on_server(loaded, client, wanted, limit=limit or None, all_runs=all_runs), found
        )
        if limit and found > limit:
            _say(f"These are the newest {limit} of {found}; --limit 0 checks all.")
        return _report(checks)

    run_command(main)


def replay(
    app: Annotated[str, _APP],
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="Histories as JSON, of the UI or of temporal workflow show."),
    ],
) -> None:
    """Check the app's code against histories in files; exit code 1 if one differs."""

    async def main(_stop: asyncio.Event) -> int:
        _mute()
        loaded = load_app(app)
        return _report([await check_run(loaded, history_from_file(file)) for file in files])

    run_command(main)


def history(
    orchestration: OrchestrationArgument,
    app: Annotated[
        str, typer.Option("--app", metavar="MODULE:APP", envvar="ARVO_APP", help="The app, whose code replays it.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print the records too, as JSON.")] = False,
) -> None:
    """Print each step of an orchestration, rebuilt from its history: what it consumed, and what it came to."""

    async def main(_stop: asyncio.Event) -> int:
        _mute()
        loaded = load_app(app)
        steps = await ArvoClient(await connect(plugins=[ArvoPlugin(loaded)]), loaded).history(orchestration)
        if as_json:
            print(plain_json([_as_json(step) for step in steps]))
        else:
            Console().print(_steps_table(steps))
        return 0

    run_command(main)


async def _with_progress(checks: AsyncIterator[RunCheck], total: int) -> list[RunCheck]:
    results = []
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("Replaying", total=total)
        async for check in checks:
            results.append(check)
            progress.advance(task)
    return sorted(results, key=lambda check: check.workflow_id)


def _report(checks: Sequence[RunCheck]) -> int:
    differing = [check for check in checks if not check.is_fine]
    table = Table("orchestration", "steps", "result", box=None, pad_edge=False)
    for check in checks:
        table.add_row(*map(as_text, (check.workflow_id, str(check.steps), _result(check))))
    if checks:
        Console().print(table)
    for check in differing:
        if not check.unreadable:
            _say(f"\n{check.workflow_id}, run {check.run_id}\n{check.explanation()}")
    for reason in dict.fromkeys(check.unreadable for check in checks if check.unreadable):
        _say(f"\nNot read: {reason}")
    for check in checks:
        if check.move:
            _say(f"\n{check.workflow_id}, run {check.run_id}\nIt moves by itself at its next event. {check.move}")
    for change in dict.fromkeys(str(check.changed) for check in checks if check.changed and check.is_fine):
        _say(f"\nReplayed well: {change}")
    unread = sum(1 for check in checks if check.unreadable)
    fine = len(checks) - len(differing)
    unreadable = f", {unread} cannot be read" if unread else ""
    _say(f"\n{len(checks)} checked, {fine} fine, {len(differing) - unread} would not go on{unreadable}.")
    return int(bool(differing))


def _result(check: RunCheck) -> str:
    if check.unreadable:
        return "cannot be read"
    if check.difference:
        return f"differs at step {check.difference.step.step}" if check.difference.step else "differs"
    if check.context:
        return "carries another context"
    if check.move:
        return "fine, but moves by itself"
    return "fine, with a changed machine" if check.changed else "fine"


def _steps_table(steps: Sequence[HistoryEntry]) -> Table:
    table = Table("step", "time", "event", "state", "produced", box=None, pad_edge=False)
    for step in steps:
        value = step.record.get("value") if step.record else None
        produced = "\n".join(f"{event.type} to {event.to}" for event in step.events)
        table.add_row(*map(as_text, (str(step.step), step.time, step.event_type, json.dumps(value), produced)))
    return table


def _as_json(step: HistoryEntry) -> dict[str, Any]:
    return {**asdict(step), "events": [event.to_json() for event in step.events]}


def _mute() -> None:
    """Keep the SDK from logging each replay that fails: the report tells it."""
    logging.getLogger("temporalio").setLevel(logging.CRITICAL)


def _say(text: str) -> None:
    """Print text as it is: rich would take what stands in brackets for markup."""
    print(plain_text(text, lines=True))

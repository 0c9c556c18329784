"""The commands about changing code: check it against histories."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from adapter.plain_text import plain_text
from arvo_temporal.cli.app_loading import load_app
from arvo_temporal.cli.running import mute_sdk
from arvo_temporal.cli.tables import as_text
from arvo_temporal.connection import connect
from arvo_temporal.plugin import ArvoPlugin
from arvo_temporal.process import run_command
from arvo_temporal.replay import RunCheck, check_run, checks_on_server, history_from_file, running_query

_SHOWN = 50
"""How many are shown at most, of however many were checked: those first of which there is something to say."""
_EXPLAINED = 20
"""Of how many at most it is told at length."""

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
        mute_sdk()
        loaded = load_app(app)
        client = await connect(plugins=[ArvoPlugin(loaded)])
        wanted = query or running_query(loaded)
        found = (await client.count_workflows(wanted)).count
        checks = await _with_progress(
            checks_on_server(loaded, client, wanted, limit=limit or None, all_runs=all_runs), min(found, limit or found)
        )
        if limit and found > limit:
            _say(f"These are the newest {limit:,} of {found:,}; --limit 0 checks all.")
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
        mute_sdk()
        loaded = load_app(app)
        return _report([await check_run(loaded, history_from_file(file)) for file in files])

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
    ordered = sorted(checks, key=_is_plain)
    _print_rows(ordered)
    differing = [check for check in ordered if not check.is_fine]
    explained = [(check, check.explanation()) for check in differing if not check.unreadable]
    _print_texts([_about(check, why) for check, why in explained])
    _print_texts(list(dict.fromkeys(f"Not read: {check.unreadable}" for check in checks if check.unreadable)))
    _print_texts(
        [_about(check, f"It moves by itself at its next event. {check.move}") for check in ordered if check.move]
    )
    changes = dict.fromkeys(str(check.changed) for check in checks if check.changed and check.is_fine)
    _print_texts([f"Replayed well: {change}" for change in changes])
    unread = len(differing) - len(explained)
    unreadable = f", {unread:,} cannot be read" if unread else ""
    fine = len(checks) - len(differing)
    _say(f"\n{len(checks):,} checked, {fine:,} fine, {len(explained):,} would not go on{unreadable}.")
    return int(bool(differing))


def _is_plain(check: RunCheck) -> bool:
    """Tell whether there is nothing to say of one but that it is fine."""
    return check.is_fine and not check.move and not check.changed


def _print_rows(checks: Sequence[RunCheck]) -> None:
    if not checks:
        return
    table = Table("orchestration", "steps", "result", box=None, pad_edge=False)
    for check in checks[:_SHOWN]:
        table.add_row(*map(as_text, (check.workflow_id, str(check.steps), _result(check))))
    Console().print(table)
    if hidden := checks[_SHOWN:]:
        plain = ", all of them fine" if all(map(_is_plain, hidden)) else ""
        _say(f"and {len(hidden):,} more{plain}.")


def _print_texts(texts: Sequence[str]) -> None:
    for text in texts[:_EXPLAINED]:
        _say(f"\n{text}")
    if len(texts) > _EXPLAINED:
        _say(f"\nand {len(texts) - _EXPLAINED:,} more like these.")


def _about(check: RunCheck, text: str) -> str:
    return f"{check.workflow_id}, run {check.run_id}\n{text}"


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


def _say(text: str) -> None:
    """Print text as it is: rich would take what stands in brackets for markup."""
    print(plain_text(text, lines=True))

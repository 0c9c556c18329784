"""How a command works on many orchestrations: it shows what it would do, asks, and tells what became of each."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import Progress
from temporalio.service import RPCError

from arvo_temporal.cli.printing import print_json, print_words
from arvo_temporal.cli.recoveries import Done, Recovery
from arvo_temporal.cli.selecting import Found, Selection
from arvo_temporal.cli.tables import print_table
from arvo_temporal.client import ArvoClient, Each, for_each

T = TypeVar("T")

_PLANNED = 10
_TOLD = 50
"""Of how many at most a table tells what became of them, those first that did not go well."""
_NOT_DONE = 2
"""Exit code where nothing was done because nobody has said yes."""


async def run_on_many(
    client: ArvoClient, selection: Selection, recovery: Recovery[Any], stop: asyncio.Event, *, as_json: bool
) -> int:
    """Do something to many orchestrations, and return the exit code.

    Args:
        client: The client.
        selection: Which they are.
        recovery: What is done.
        stop: Asks to begin nothing more.
        as_json: Whether to print one JSON document instead of tables.

    Returns:
        0 if all succeeded, 1 if one did not or nobody wanted it, 2 if nobody could be asked.
    """
    found = await selection.find(client)
    if not found.workflow_ids:
        _print_outcomes(found, [], as_json=as_json)
        return 0
    if not selection.yes and (refused := await _refused(client, found, recovery, stop, as_json=as_json)) is not None:
        return refused
    work = for_each(found.workflow_ids, partial(recovery.apply_to_many, client), stop=stop)
    outcomes = [_outcome(each) for each in await _collected(work, len(found.workflow_ids), recovery.verb)]
    _print_outcomes(found, outcomes, as_json=as_json)
    return int(len(outcomes) < len(found.workflow_ids) or not all(done.ok for _, done in outcomes))


async def _refused(
    client: ArvoClient, found: Found, recovery: Recovery[Any], stop: asyncio.Event, *, as_json: bool
) -> int | None:
    """Show what would be done and ask; return the exit code of a no."""
    shown = found.workflow_ids[:_PLANNED]
    plans = await _collected(for_each(shown, partial(recovery.plan, client), stop=stop), len(shown), "look at")
    cells = [
        (each.workflow_id, _planned(each)) for each in sorted(plans, key=lambda each: shown.index(each.workflow_id))
    ]
    count = len(found.workflow_ids)
    if as_json:
        print_json({**_as_counts(found), "done": False, "orchestrations": _as_dicts(cells, "plan")})
    else:
        print_table(("orchestration", f"{recovery.verb} would"), cells)
        print_words(_counted(found, f", {count - len(shown):,} more are not shown" if count > len(shown) else ""))
    if as_json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        print("Error: Nothing was done. Add --yes to do it.", file=sys.stderr)
        return _NOT_DONE
    return None if await _confirmed(f"{recovery.verb.capitalize()} {count:,}? [y/N] ", stop) else 1


async def _confirmed(question: str, stop: asyncio.Event) -> bool:
    """Ask in the terminal; to be stopped is a no. Reading waits in a thread, which ends with the process."""
    answer = asyncio.ensure_future(asyncio.to_thread(_ask, question))
    stopped = asyncio.ensure_future(stop.wait())
    await asyncio.wait((answer, stopped), return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    return answer.done() and answer.result().strip().lower() in ("y", "yes")


def _ask(question: str) -> str:
    try:
        return input(question)
    except EOFError:
        return ""


async def _collected(work: AsyncIterator[T], total: int, verb: str) -> list[T]:
    """Return all that comes, with a bar on a terminal."""
    console = Console(stderr=True)
    results = []
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task(verb.capitalize(), total=total)
        async for each in work:
            results.append(each)
            progress.advance(bar)
    return results


def _planned(each: Each[list[str]]) -> str:
    if each.error is not None:
        return _why(each.error)
    return "\n".join(each.result or ()) or "nothing"


def _outcome(each: Each[Done]) -> tuple[str, Done]:
    if each.result is not None:
        return each.workflow_id, each.result
    assert each.error is not None
    return each.workflow_id, Done(False, _why(each.error))


def _why(error: Exception) -> str:
    return error.message if isinstance(error, RPCError) else str(error) or type(error).__name__


def _print_outcomes(found: Found, outcomes: Sequence[tuple[str, Done]], *, as_json: bool) -> None:
    failed = sum(1 for _, done in outcomes if not done.ok)
    if as_json:
        told = [{"workflow_id": identity, "ok": done.ok, "outcome": done.told} for identity, done in outcomes]
        print_json({**_as_counts(found), "done": True, "orchestrations": told})
        return
    shown = sorted(outcomes, key=lambda outcome: (outcome[1].ok, outcome[0]))[:_TOLD]
    if shown:
        print_table(
            ("orchestration", "ok", "outcome"),
            [(identity, "yes" if done.ok else "no", done.told) for identity, done in shown],
        )
    if len(outcomes) > len(shown):
        print_words(f"and {len(outcomes) - len(shown):,} more: --json tells of each.")
    left = len(found.workflow_ids) - len(outcomes)
    not_reached = f", {left:,} not reached" if left else ""
    print_words(_counted(found, f", {len(outcomes) - failed:,} well, {failed:,} not{not_reached}"))


def _counted(found: Found, more: str) -> str:
    count = len(found.workflow_ids)
    cut = f" These are the newest of {found.total:,}: --limit 0 takes all." if found.is_cut else ""
    return f"{count:,} found{more}.{cut}"


def _as_counts(found: Found) -> dict[str, Any]:
    return {"found": len(found.workflow_ids), "total": found.total, "more": found.is_cut}


def _as_dicts(cells: Sequence[tuple[str, str]], name: str) -> list[dict[str, Any]]:
    return [{"workflow_id": identity, name: text.splitlines()} for identity, text in cells]

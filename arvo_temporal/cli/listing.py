"""The command that lists orchestrations, and the one that makes a namespace ready for that."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated

import typer

from adapter.identity import key_in_short
from adapter.plain_text import plain_text
from arvo_temporal.cli.printing import print_json, print_words
from arvo_temporal.cli.running import AppOption, JsonOption, mute_sdk, run_with_client
from arvo_temporal.cli.schedule_options import read_span
from arvo_temporal.cli.tables import print_table
from arvo_temporal.cli.times import Times, TimesOption, told
from arvo_temporal.client import TROUBLES, ArvoClient, Filters, OrchestrationSummary
from arvo_temporal.connection import connect
from arvo_temporal.process import run_command
from arvo_temporal.registration import RETENTION, set_up

_COLUMNS = ("orchestrator", "key", "state", "trouble", "started")
_STATES_ARE_OPT_IN = "A state is listed where the app shows it: ArvoApp(search_attributes=['state'])."


class StatusChoice(StrEnum):
    """Which orchestrations are listed."""

    OPEN = "open"
    CLOSED = "closed"
    ALL = "all"


def list_(
    orchestrator: Annotated[
        str | None, typer.Option(metavar="TYPE", help="Those of one orchestrator, such as arvo.orc.order.")
    ] = None,
    version: Annotated[str | None, typer.Option("--version", metavar="VERSION", help="Of one version.")] = None,
    state: Annotated[
        str | None,
        typer.Option(metavar="PATH", help="In a state, such as approving or shipping.packed, where the app shows it."),
    ] = None,
    in_state_for: Annotated[
        timedelta | None,
        typer.Option(parser=read_span, metavar="SPAN", help="In their state for longer than this, such as 1d."),
    ] = None,
    stuck: Annotated[bool, typer.Option("--stuck", help="In trouble of any kind.")] = False,
    trouble: Annotated[
        str | None, typer.Option(metavar="KIND", help=f"In trouble of one kind: {', '.join(TROUBLES)}.")
    ] = None,
    parent: Annotated[str | None, typer.Option(metavar="ID", help="The children of one.")] = None,
    root: Annotated[str | None, typer.Option(metavar="ID", help="One, and all that are nested in it.")] = None,
    key: Annotated[str | None, typer.Option(metavar="KEY", help="Of one key, such as the number of an order.")] = None,
    older_than: Annotated[
        timedelta | None,
        typer.Option("--older-than", "--age", parser=read_span, metavar="SPAN", help="Started longer ago, such as 1d."),
    ] = None,
    status: Annotated[StatusChoice, typer.Option(help="The open ones, the closed ones, or all.")] = StatusChoice.OPEN,
    query: Annotated[
        str | None, typer.Option(metavar="QUERY", help="More, in the language of Temporal's list filters.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="How many at most.")] = 50,
    times: TimesOption = Times.RELATIVE,
    as_json: JsonOption = False,
    app: AppOption = None,
) -> None:
    """List orchestrations, the newest first; with --json one a line."""
    filters: Filters = {
        "orchestrator": orchestrator,
        "version": version,
        "state": state,
        "in_state_for": in_state_for,
        "trouble": stuck if trouble is None else trouble,
        "parent": parent,
        "root": root,
        "key": key,
        "older_than": older_than,
        "status": status.value,
        "query": query,
    }

    async def body(client: ArvoClient) -> int:
        found = client.list(limit=limit, **filters)
        if as_json:
            async for summary in found:
                print(json.dumps(summary.to_json()))
            return 0
        rows = [_row(summary, times) async for summary in found]
        if rows:
            print_table(_COLUMNS, rows)
        more = await client.count(**filters) - len(rows) if len(rows) == limit else 0
        if more > 0:
            print_words(f"and {more:,} more: --limit {len(rows) + more} shows all, and other options fewer.")
        if not rows:
            print("No orchestration is like that.", file=sys.stderr)
            if state is not None or in_state_for is not None:
                print(_STATES_ARE_OPT_IN, file=sys.stderr)
        return 0

    run_with_client(body, app)


def _row(summary: OrchestrationSummary, times: Times) -> tuple[str, ...]:
    name = f"{summary.orchestrator} {summary.version or ''}".strip()
    states = _innermost(summary.state) if summary.status == "running" else ()
    return (
        name,
        plain_text(summary.key or key_in_short(summary.workflow_id)),
        ", ".join(states) or summary.status,
        ", ".join(summary.trouble) or ("-" if summary.tells_trouble else "unknown"),
        told(summary.started, times, max(summary.started, datetime.now(UTC))),
    )


def _innermost(states: tuple[str, ...]) -> tuple[str, ...]:
    """Return the active states that have no active state within."""
    return tuple(state for state in states if not any(other.startswith(f"{state}.") for other in states))


def setup(
    namespace: Annotated[
        str | None, typer.Option(metavar="NAME", help="The namespace; else that of the connection settings.")
    ] = None,
    retention: Annotated[
        timedelta,
        typer.Option(
            parser=read_span, metavar="SPAN", help="How long a namespace that is created keeps what has closed."
        ),
    ] = RETENTION,
    as_json: JsonOption = False,
) -> None:
    """Make a namespace ready: create it if it is missing, and register its search attributes.

    What is there already stays as it is, so it can be run again at any time.
    """

    async def main(_stop: asyncio.Event) -> int:
        mute_sdk()
        client = await connect(namespace=namespace, check_namespace=False)
        report = await set_up(client, retention)
        if as_json:
            print_json({"namespace": report.namespace, "created": report.created, "added": list(report.added)})
            return 0
        made = "is created" if report.created else "was there"
        added = f"registered {', '.join(report.added)}" if report.added else "all search attributes were there"
        print_words(f"The namespace {report.namespace} {made}; {added}.")
        return 0

    run_command(main)

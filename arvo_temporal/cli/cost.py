"""The command that tells what orchestrations cost."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Annotated

import typer

from arvo_temporal.cli.app_loading import load_app
from arvo_temporal.cli.machines import logics_named
from arvo_temporal.cli.printing import print_json, print_words
from arvo_temporal.cli.running import AppArgument, JsonOption, run_with_client
from arvo_temporal.cli.tables import print_table
from arvo_temporal.client import ArvoClient
from arvo_temporal.costs import Forecast, Spent, forecast
from arvo_temporal.process import run_command


def cost(
    app: AppArgument,
    machine: Annotated[
        str | None,
        typer.Argument(metavar="MACHINE", help="Which machine, or resumable: TYPE or TYPE/VERSION; by default all."),
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="ID", help="An orchestration: what it has cost so far.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Tell what each path through a machine costs, or with --at what an orchestration has cost.

    Counted are history events, activities, and billable actions of Temporal Cloud; docs/machine-tools.md has the rules.
    """
    if at is not None:
        _print_spent(app, at, as_json)

    async def main(_stop: asyncio.Event) -> int:
        loaded = load_app(app)
        found = [forecast(loaded, one) for one in logics_named(loaded, machine)]
        if as_json:
            print_json([asdict(one) for one in found])
        else:
            for one in found:
                _print_forecast(one)
        return 0

    run_command(main)


def _print_spent(app: str, orchestration: str, as_json: bool) -> None:
    async def body(client: ArvoClient) -> int:
        spent = await client.cost(orchestration)
        if as_json:
            print_json(asdict(spent))
        else:
            _print_account(spent)
        return 0

    run_with_client(body, app)


def _print_account(spent: Spent) -> None:
    print_words(f"{spent.events} history events in {spent.runs} {'run' if spent.runs == 1 else 'runs'}")
    print_table(("event", "number"), [(name.replace("_", " "), str(count)) for name, count in spent.by_type.items()])
    print()
    print_words(f"{spent.actions} billable actions, without queries and heartbeats")
    print_table(("action", "number"), [(name, str(count)) for name, count in spent.by_kind.items()])


def _print_forecast(one: Forecast) -> None:
    print_words(one.machine)
    rows = [(" → ".join(path.states), str(path.events), str(path.actions), str(path.activities)) for path in one.paths]
    print_table(("path", "events", "actions", "activities"), rows)
    if one.turns:
        print()
        turns = [(turn.state, turn.event, str(turn.events), str(turn.actions)) for turn in one.turns]
        print_table(("each turn in", "on", "events", "actions"), turns)
    if not one.complete:
        print_words("There are more paths than are followed.")
    if one.unknown:
        print_words("What else it sends only running tells: that is not counted.")
    print()

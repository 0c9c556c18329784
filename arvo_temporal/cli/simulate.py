"""The command that plays a machine."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from adapter.errors import AppError
from adapter.plain_text import plain_text
from arvo import surroundings
from arvo.errors import ArvoError
from arvo.statechart import StatechartError
from arvo_temporal.cli.app_loading import load_app
from arvo_temporal.cli.machines import machine_named
from arvo_temporal.cli.playing import Player
from arvo_temporal.cli.reading import read_object
from arvo_temporal.cli.running import JsonOption
from arvo_temporal.simulating import Choice, Played, PlayedFile, PlayedMachine


class Guards(StrEnum):
    """Who says whether a guard passes that has no code here."""

    ASK = "ask"
    TRUE = "true"
    FALSE = "false"


def simulate(
    machine: Annotated[
        str,
        typer.Argument(
            metavar="FILE|MODULE:APP[:MACHINE]",
            help="XState's config in JSON, as Stately Studio exports it, or a machine of an app: "
            "examples.orders.app:app:order.",
        ),
    ],
    data: Annotated[
        dict[str, Any] | None,
        typer.Option(
            "--input", parser=read_object, metavar="JSON|@FILE", help="What it begins with: the init event's data."
        ),
    ] = None,
    guards: Annotated[
        Guards, typer.Option("--guards", help="Whether guards pass that have no code here: asked, or always the same.")
    ] = Guards.ASK,
    as_json: JsonOption = False,
) -> None:
    """Play a machine, without a server: its states, what it accepts, what it does, and a step back.

    Commands, one a line, typed or piped: the number of an event or its type, with JSON after it; back; timers;
    wait 3 days; fire, or fire 2; state; help; quit.

    Exit codes: 0, or 1 if a command could not be done; 2 if there is no such machine.
    """
    player = Player(as_json=as_json)
    try:
        with surroundings.untraced():
            played = _played(machine, data, player.choice(None if guards is Guards.ASK else guards is Guards.TRUE))
            done = player.play(played)
    except (ArvoError, StatechartError) as error:
        print(f"Error: {plain_text(str(error), lines=True)}", file=sys.stderr)
        raise typer.Exit(2) from None
    raise typer.Exit(0 if done else 1)


def _played(name: str, data: dict[str, Any] | None, choose: Choice) -> Played:
    module, colon, rest = name.partition(":")
    file = Path(name)
    if file.is_file() or not colon or "/" in module:
        try:
            return PlayedFile(file.read_text(encoding="utf-8"), name, choose, data)
        except (OSError, UnicodeDecodeError) as error:
            raise AppError(f"'{name}' cannot be read: {error}. Name a JSON file, or MODULE:APP:MACHINE.") from error
    attribute, _, wanted = rest.partition(":")
    return PlayedMachine(machine_named(load_app(f"{module}:{attribute}"), wanted or None), data)

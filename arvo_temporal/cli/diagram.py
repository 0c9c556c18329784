"""The command that draws a machine, and on it where an orchestration stands and which way it has come."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from adapter.app import ArvoApp
from adapter.errors import AppError
from adapter.plain_text import plain_text
from arvo.events import ArvoOrchestrationSubject
from arvo.orchestration import ArvoMachine
from arvo.picture import Form, form_of, rendered
from arvo.statechart import StatechartError, Transition
from arvo_temporal.cli.app_loading import load_app
from arvo_temporal.cli.machines import machine_named
from arvo_temporal.cli.running import AppArgument, mute_sdk
from arvo_temporal.client import ArvoClient
from arvo_temporal.connection import connect
from arvo_temporal.plugin import ArvoPlugin
from arvo_temporal.process import run_command


class Format(StrEnum):
    """The forms that a machine is written in."""

    SVG = "svg"
    PNG = "png"
    TEXT = "text"
    MERMAID = "mermaid"


def diagram(
    app: AppArgument,
    machine: Annotated[
        str | None,
        typer.Argument(metavar="MACHINE", help="Which machine, where the app has several: TYPE or TYPE/VERSION."),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="ID", help="An orchestration: its states are lit, and the path taken is drawn."),
    ] = None,
    form: Annotated[
        Format | None, typer.Option("--format", help="By default that of the file's name; else text, a tree of states.")
    ] = None,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE", help="Where to write; else standard output.")
    ] = None,
) -> None:
    """Draw a machine as SVG, PNG, a tree of text or Mermaid; with --at, where an orchestration stands in it."""

    async def main(_stop: asyncio.Event) -> int:
        loaded = load_app(app)
        wanted: Form = form.value if form else form_of(output or "")
        if wanted == "png" and output is None and sys.stdout.isatty():
            print("Error: A PNG is no text for a terminal. Name a file, as in -o machine.png.", file=sys.stderr)
            return 2
        drawn, state, path = await _place(loaded, machine, at)
        how: dict[str, Any] = {"transitions": True, "columns": _columns()} if wanted == "text" else {}
        try:
            content = rendered(drawn, wanted, at=state, path=path, **how)
        except StatechartError as error:
            raise AppError(str(error)) from error
        _write(output, content, binary=wanted == "png")
        return 0

    run_command(main)


async def _place(
    app: ArvoApp, name: str | None, orchestration: str | None
) -> tuple[ArvoMachine, Any, list[Transition] | None]:
    """Return the machine that is meant; of an orchestration also its state, and the transitions that it took."""
    if orchestration is None:
        return machine_named(app, name), None, None
    mute_sdk()
    steps = await ArvoClient(await connect(plugins=[ArvoPlugin(app)]), app).history(orchestration)
    records = [step.record for step in steps if step.record is not None]
    if not records:
        raise AppError(f"The orchestration '{orchestration}' has not begun: no worker has taken its init event.")
    subject = ArvoOrchestrationSubject.parse(records[-1]["subject"]).orchestrator
    machine = machine_named(app, f"{subject.name}/{subject.version}")
    if name is not None and machine is not machine_named(app, name):
        raise AppError(
            f"The orchestration '{orchestration}' is of {subject.name}/{subject.version}: leave MACHINE out."
        )
    value = next((record["value"] for record in reversed(records) if record.get("value") is not None), None)
    return machine, value, [one for step in steps for one in step.transitions]


def _columns() -> int:
    """Return how broad a tree may be: as the terminal, or any width where another program reads it."""
    if sys.stdout.isatty() or "COLUMNS" in os.environ:
        return shutil.get_terminal_size().columns
    return 10_000


def _write(output: str | None, content: bytes, *, binary: bool) -> None:
    if output is not None and output != "-":
        try:
            Path(output).write_bytes(content)
        except OSError as error:
            raise AppError(f"'{output}' cannot be written: {error}.") from error
    elif binary:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        sys.stdout.write(plain_text(content.decode(), lines=True))

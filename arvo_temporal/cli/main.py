"""The command line, `arvo-temporal`: what its commands are."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from arvo_temporal import __version__
from arvo_temporal.cli.answering import answer
from arvo_temporal.cli.awaiting import wait
from arvo_temporal.cli.checking import check
from arvo_temporal.cli.codec_server import codec_server
from arvo_temporal.cli.cost import cost
from arvo_temporal.cli.deployment import check_deploy, replay
from arvo_temporal.cli.developing import dev
from arvo_temporal.cli.diagram import diagram
from arvo_temporal.cli.events import ledger, record, violations
from arvo_temporal.cli.explaining import explain
from arvo_temporal.cli.listing import list_, setup
from arvo_temporal.cli.past import history
from arvo_temporal.cli.recovery import dismiss, nudge, redrive, resolve, retry
from arvo_temporal.cli.schedules import schedule
from arvo_temporal.cli.sending import event, send, start
from arvo_temporal.cli.showing import show, watch
from arvo_temporal.cli.simulate import simulate
from arvo_temporal.cli.subjects import subject
from arvo_temporal.cli.workers import health, worker
from arvo_temporal.output import Output
from arvo_temporal.process import tell_loss

_COMMANDS = (
    worker,
    dev,
    health,
    setup,
    check,
    start,
    send,
    show,
    watch,
    answer,
    wait,
    event,
    record,
    ledger,
    violations,
    redrive,
    retry,
    nudge,
    resolve,
    dismiss,
    codec_server,
    history,
    explain,
    diagram,
    simulate,
    cost,
    check_deploy,
    replay,
)

cli = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)
for command in _COMMANDS:
    cli.command()(command)
cli.command("list")(list_)
cli.add_typer(schedule, name="schedule")
cli.add_typer(subject, name="subject")


def main() -> None:
    """Run the command line."""
    output = Output()
    output.shield(waits=True)  # of what is printed before a command runs, such as its help
    code: str | int | None = 0
    try:
        cli()
    except SystemExit as ended:
        code = ended.code
    if tell_loss(output):
        code = code or 1
    sys.exit(code)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"arvo-temporal {__version__}")
        raise typer.Exit


@cli.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Durable Arvo orchestrations on Temporal."""

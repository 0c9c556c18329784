"""The commands that write and read subjects."""

from __future__ import annotations

from typing import Annotated

import typer

from adapter.identity import workflow_id
from arvo.events import ArvoOrchestrationSubject
from arvo_temporal.cli.printing import print_json, print_words
from arvo_temporal.cli.reading import read_argument, read_text
from arvo_temporal.cli.running import run_interruptible
from arvo_temporal.client import SENDER

subject = typer.Typer(no_args_is_help=True, help="Write and read subjects, the names of orchestrations.")


@subject.command()
def encode(
    content: Annotated[
        str | None,
        typer.Argument(metavar="JSON|@FILE|-", help="What it says, as decode prints it; or give the options."),
    ] = None,
    orchestrator: Annotated[str | None, typer.Option(metavar="TYPE", help="Type of the orchestrator.")] = None,
    version: Annotated[str | None, typer.Option(metavar="VERSION", help="Its version; else any, 0.0.0.")] = None,
    key: Annotated[str | None, typer.Option(metavar="KEY", help="Id of the execution; else a fresh one.")] = None,
    initiator: Annotated[str | None, typer.Option(metavar="NAME", help=f"Who starts it; else {SENDER}.")] = None,
    domain: Annotated[str | None, typer.Option(metavar="DOMAIN", help="Its domain; else the local one.")] = None,
) -> None:
    """Print the subject that says this."""
    parts = (orchestrator, version, key, initiator, domain)
    if (content is None) == (orchestrator is None) or (content is not None and any(one is not None for one in parts)):
        raise typer.BadParameter("Give what it says as JSON, or --orchestrator and the other options.")

    async def work() -> int:
        if content is not None:
            print_words(ArvoOrchestrationSubject.create(await read_argument(content, "The content")))
        elif orchestrator is not None:
            print_words(
                ArvoOrchestrationSubject.new(
                    orchestrator=orchestrator,
                    version=version,
                    initiator=SENDER if initiator is None else initiator,
                    domain=domain,
                    execution_id=key,
                )
            )
        return 0

    run_interruptible(work)


@subject.command()
def decode(
    text: Annotated[str, typer.Argument(metavar="SUBJECT|-", help="The subject; - reads it from standard input.")],
    as_workflow_id: Annotated[
        bool, typer.Option("--workflow-id", help="Print the workflow id that its orchestration has on Temporal.")
    ] = False,
) -> None:
    """Print what a subject says, as JSON that encode takes."""

    async def work() -> int:
        encoded = (await read_text(text, "The subject")).strip()
        if as_workflow_id:
            print_words(workflow_id(encoded))
        else:
            print_json(ArvoOrchestrationSubject.parse(encoded).model_dump(mode="json"))
        return 0

    run_interruptible(work)

"""The command that tells what would become of an event."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from arvo.statechart.inspecting import value_words
from arvo_temporal.cli.printing import print_json, print_words
from arvo_temporal.cli.reading import read_object
from arvo_temporal.cli.running import JsonOption, OrchestrationArgument, RequiredAppOption, run_with_client
from arvo_temporal.cli.tables import print_table
from arvo_temporal.client import ArvoClient
from arvo_temporal.explaining import Considered, Explanation


def explain(
    orchestration: OrchestrationArgument,
    event_type: Annotated[str, typer.Argument(metavar="EVENT-TYPE", help="The type of the event.")],
    app: RequiredAppOption,
    data: Annotated[
        dict[str, Any] | None,
        typer.Option(
            "--data",
            parser=read_object,
            metavar="JSON|@FILE|-",
            help="The event's data, for the guards that read it; - reads it here.",
        ),
    ] = None,
    event_id: Annotated[
        str | None, typer.Option("--id", metavar="ID", help="The event's id: has it come already?")
    ] = None,
    source: Annotated[str | None, typer.Option("--source", metavar="SOURCE", help="The source of that id.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Tell whether an event would be accepted now, by which transition, and which guards decide. Nothing is sent.

    Exit codes: 0 if it would be accepted, 1 if not, or if that depends on data that was not given.
    """

    async def body(client: ArvoClient) -> int:
        told = await client.explain(orchestration, event_type, data, event_id=event_id, source=source)
        if as_json:
            print_json({**told.to_json(), "accepted": told.accepted})
        else:
            _print(told)
        return 0 if told.accepted else 1

    run_with_client(body, app)


def _print(told: Explanation) -> None:
    print_words(f"{told.verdict}:", told.event_type)
    print_words(told.reason)
    if told.state is not None:
        print_words("now in   ", value_words(told.state))
    if told.candidates:
        print()
        print_table(
            ("", "transition", "guard", "verdict"), map(_row, range(1, len(told.candidates) + 1), told.candidates)
        )
        print()
    if told.leads_to is not None:
        print_words("leads to ", value_words(told.leads_to))
    for word, many in (("emits    ", told.emits), ("timers   ", told.timers)):
        if many:
            print_words(word, ", ".join(many))
    if not told.accepted:
        if told.accepted_in:
            print_words("looked at in", ", ".join(told.accepted_in))
        print_words("accepts now", ", ".join(told.accepts) or "nothing")


def _row(number: int, one: Considered) -> tuple[str, str, str, str]:
    way = f"{one.source} → {', '.join(one.targets)}" if one.targets else one.source
    verdict = "needs the data" if one.verdict == "undecided" else one.verdict
    return str(number), way, one.guard or "-", f"{verdict}: {one.reason}" if one.reason else verdict

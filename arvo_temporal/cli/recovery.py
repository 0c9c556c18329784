"""The commands that let orchestrations go on which something has stopped, one by one or many at once."""

from __future__ import annotations

import getpass
from typing import Annotated, Any

import typer

from adapter.ledger import Fate
from adapter.resolution import OPERATOR
from adapter.troubles import TroubleKind
from arvo_temporal.cli.on_one_or_many import on_one_or_many
from arvo_temporal.cli.printing import print_json, print_words
from arvo_temporal.cli.reading import read_object
from arvo_temporal.cli.recoveries import Dismiss, Nudge, Redrive, Retry
from arvo_temporal.cli.running import AppOption, JsonOption, OrchestrationArgument, run_with_client
from arvo_temporal.cli.selecting import TroubleOption
from arvo_temporal.client import ArvoClient


@on_one_or_many
def redrive(
    event_ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="EVENT_ID", help="Which events; all that are still refused, unhandled or late."),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(metavar="SOURCE", help="The source of the events, where several have given one id."),
    ] = None,
) -> Redrive:
    """Send refused, unhandled and late events again, after a fix; exit code 1 if one is not taken."""
    return Redrive(event_ids or None, source)


@on_one_or_many
def retry(
    event_id: Annotated[
        str | None, typer.Argument(metavar="EVENT_ID", help="Which request; all that have failed.")
    ] = None,
) -> Retry:
    """Send requests again that have failed for good, after a fix; exit code 1 if none has."""
    return Retry(event_id)


@on_one_or_many
def nudge(
    reset: Annotated[
        bool,
        typer.Option(
            "--reset",
            help="Also reset a run whose workflow task fails to its last workflow task; what came since is done again.",
        ),
    ] = False,
) -> Nudge:
    """Try at once what waits for its next try; exit code 1 if something of that cannot be tried now."""
    return Nudge(reset)


@on_one_or_many
def dismiss(
    event_id: Annotated[
        str | None, typer.Argument(metavar="EVENT_ID", help="Which event, or request; all that are trouble.")
    ] = None,
    trouble: TroubleOption = None,
) -> Dismiss:
    """End trouble that needs no cure; exit code 1 if there is none. Of many, --trouble says which kind ends."""
    if trouble not in (None, *TroubleKind):
        raise typer.BadParameter(f"--trouble {trouble} cannot be dismissed: one of {', '.join(TroubleKind)} can.")
    return Dismiss(event_id, trouble)


def resolve(
    orchestration: OrchestrationArgument,
    type_: Annotated[
        str,
        typer.Option("--as", metavar="TYPE", help="The type of the answer: one of the service, or its system error."),
    ],
    request: Annotated[
        str | None, typer.Argument(metavar="REQUEST", help="The id of the request; the only one that it answers.")
    ] = None,
    data: Annotated[
        dict[str, Any] | None,
        typer.Option(
            "--data", parser=read_object, metavar="JSON|@FILE|-", help="The payload of the answer, an object."
        ),
    ] = None,
    by: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who answers; else who is logged in. The answer says so.")
    ] = None,
    app: AppOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer an open or failed request in the place of its service; exit code 1 if the machine does not take it."""

    async def body(client: ArvoClient) -> int:
        result = await client.resolve(orchestration, type_, data or {}, request=request, by=by or _user())
        if as_json:
            events = [event.to_json() for event in result.events]
            print_json({"fate": result.fate, "reason": result.reason, "events": events})
        else:
            print_words(result.fate, result.reason)
        return int(result.fate not in (Fate.APPLIED, Fate.DUPLICATE))

    run_with_client(body, app)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # nobody of this number is known, as in some containers
        return OPERATOR

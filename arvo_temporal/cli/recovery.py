"""The commands that let orchestrations go on which something has stopped, one by one or many at once."""

from __future__ import annotations

import asyncio
import getpass
import json
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from adapter.ledger import Fate
from adapter.resolution import OPERATOR
from adapter.troubles import Trouble
from arvo_temporal.cli.bulk import Done, Recovery, run_on_many
from arvo_temporal.cli.printing import print_json, print_words
from arvo_temporal.cli.running import AppOption, JsonOption, OrchestrationArgument, run_until_stopped, run_with_client
from arvo_temporal.cli.selecting import (
    LimitOption,
    OrchestratorOption,
    QueryOption,
    Selection,
    TroubleOption,
    YesOption,
)
from arvo_temporal.cli.tables import print_table
from arvo_temporal.client import ArvoClient, NudgeResult, RedriveResult

OneArgument = Annotated[
    str | None, typer.Argument(metavar="ID", help="The orchestration; or many by --query and its like.")
]
SourceOption = Annotated[
    str | None,
    typer.Option("--source", metavar="SOURCE", help="The source of the events, where several have given one id."),
]


def redrive(
    orchestration: OneArgument = None,
    event_ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="EVENT_ID", help="Which events; all that are still refused, unhandled or late."),
    ] = None,
    source: SourceOption = None,
    app: AppOption = None,
    query: QueryOption = None,
    orchestrator: OrchestratorOption = None,
    trouble: TroubleOption = None,
    limit: LimitOption = 1000,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Send refused, unhandled and late events again, after a fix; exit code 1 if one is not taken."""
    selection = Selection(query, orchestrator, trouble, limit, yes)
    one = selection.of(orchestration)

    async def body(client: ArvoClient, stop: asyncio.Event) -> int:
        if one is None:
            return await run_on_many(client, selection, _redriving(client), stop, as_json=as_json)
        results = await client.redrive(one, event_ids or None, source=source)
        _print_redriven(results, as_json=as_json)
        return int(not all(result.accepted for result in results))

    run_until_stopped(body, app)


def retry(
    orchestration: OneArgument = None,
    event_id: Annotated[
        str | None, typer.Argument(metavar="EVENT_ID", help="Which request; all that have failed.")
    ] = None,
    app: AppOption = None,
    query: QueryOption = None,
    orchestrator: OrchestratorOption = None,
    trouble: TroubleOption = None,
    limit: LimitOption = 1000,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Send requests again that have failed for good, after a fix; exit code 1 if none has."""
    selection = Selection(query, orchestrator, trouble, limit, yes)
    one = selection.of(orchestration)

    async def body(client: ArvoClient, stop: asyncio.Event) -> int:
        if one is None:
            return await run_on_many(client, selection, _retrying(client), stop, as_json=as_json)
        requests = await client.retry(one, event_id)
        if as_json:
            print_json([{"id": request.id, "type": request.type, "to": request.to} for request in requests])
            return 0
        for request in requests:
            print_words("sent again", request.type, request.id, f"to {request.to}")
        return 0

    run_until_stopped(body, app)


def nudge(
    orchestration: OneArgument = None,
    reset: Annotated[
        bool,
        typer.Option(
            "--reset",
            help="Also reset a run whose workflow task fails to its last workflow task; what came since is done again.",
        ),
    ] = False,
    app: AppOption = None,
    query: QueryOption = None,
    orchestrator: OrchestratorOption = None,
    trouble: TroubleOption = None,
    limit: LimitOption = 1000,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Try at once what waits for its next try; exit code 1 if something of that cannot be tried now."""
    selection = Selection(query, orchestrator, trouble, limit, yes)
    one = selection.of(orchestration)

    async def body(client: ArvoClient, stop: asyncio.Event) -> int:
        if one is None:
            return await run_on_many(client, selection, _nudging(client, reset=reset), stop, as_json=as_json)
        results = await client.nudge(one, reset=reset)
        _print_nudged(results, as_json=as_json)
        return int(not all(result.nudged for result in results))

    run_until_stopped(body, app)


def dismiss(
    orchestration: OneArgument = None,
    event_id: Annotated[
        str | None, typer.Argument(metavar="EVENT_ID", help="Which event, or request; all that are trouble.")
    ] = None,
    app: AppOption = None,
    query: QueryOption = None,
    orchestrator: OrchestratorOption = None,
    trouble: TroubleOption = None,
    limit: LimitOption = 1000,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """End trouble that needs no cure; exit code 1 if there is none. Of many, --trouble says which kind ends."""
    selection = Selection(query, orchestrator, trouble, limit, yes)
    one = selection.of(orchestration)

    async def body(client: ArvoClient, stop: asyncio.Event) -> int:
        if one is None:
            return await run_on_many(client, selection, _dismissing(client, trouble), stop, as_json=as_json)
        dismissed = await client.dismiss(one, event_id)
        if as_json:
            print_json(dismissed)
            return 0
        for over in dismissed:
            print_words("dismissed", over.kind, over.type, over.id)
        return 0

    run_until_stopped(body, app)


def resolve(
    orchestration: OrchestrationArgument,
    type_: Annotated[
        str,
        typer.Option("--as", metavar="TYPE", help="The type of the answer: one of the service, or its system error."),
    ],
    request: Annotated[
        str | None, typer.Argument(metavar="REQUEST", help="The id of the request; the only one that it answers.")
    ] = None,
    data: Annotated[str, typer.Option(metavar="JSON", help="The payload of the answer, an object.")] = "{}",
    by: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who answers; else who is logged in. The answer says so.")
    ] = None,
    app: AppOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer an open or failed request in the place of its service; exit code 1 if the machine does not take it."""
    payload = _object(data)

    async def body(client: ArvoClient) -> int:
        result = await client.resolve(orchestration, type_, payload, request=request, by=by or _user())
        if as_json:
            events = [event.to_json() for event in result.events]
            print_json({"fate": result.fate, "reason": result.reason, "events": events})
        else:
            print_words(result.fate, result.reason)
        return int(result.fate not in (Fate.APPLIED, Fate.DUPLICATE))

    run_with_client(body, app)


def _redriving(client: ArvoClient) -> Recovery:
    async def plan(orchestration: str) -> list[str]:
        return [
            f"send {entry.type or 'no event'} again ({entry.fate})" for entry in await client.stopped(orchestration)
        ]

    async def perform(orchestration: str) -> Done:
        results = await client.redrive(orchestration)
        fates = Counter(result.fate or "unknown" for result in results)
        told = ", ".join(f"{count} {fate}" for fate, count in fates.items()) or "nothing to send again"
        reasons = [result.reason or "" for result in results if not result.accepted]
        return Done(not reasons, "\n".join([told, *reasons[:3]]))

    return Recovery("redrive", plan, perform)


def _retrying(client: ArvoClient) -> Recovery:
    async def failed(orchestration: str) -> list[str]:
        return [f"{one.type} {one.id}" for one in await client.requests(orchestration) if one.standing == "failed"]

    async def plan(orchestration: str) -> list[str]:
        return [f"send {request} again" for request in await failed(orchestration)]

    async def perform(orchestration: str) -> Done:
        if not await failed(orchestration):
            return Done(True, "nothing has failed")
        requests = await client.retry(orchestration)
        return Done(True, "\n".join(f"sent again {request.type} {request.id}" for request in requests))

    return Recovery("retry", plan, perform)


def _nudging(client: ArvoClient, *, reset: bool) -> Recovery:
    async def plan(orchestration: str) -> list[str]:
        return [f"try at once: {what}" for what in await client.between_tries(orchestration)]

    async def perform(orchestration: str) -> Done:
        results = await client.nudge(orchestration, reset=reset)
        told = "\n".join(result.told for result in results) or "nothing waits for its next try"
        return Done(all(result.nudged for result in results), told)

    return Recovery("nudge", plan, perform)


def _dismissing(client: ArvoClient, kind: str | None) -> Recovery:
    async def plan(orchestration: str) -> list[str]:
        troubles = await client.troubles(orchestration)
        return [f"dismiss {one.kind} {one.type or 'no event'} {one.id or ''}" for one in troubles if _is(one, kind)]

    async def perform(orchestration: str) -> Done:
        if not any(_is(one, kind) for one in await client.troubles(orchestration)):
            return Done(True, "no trouble")
        over = await client.dismiss(orchestration, kind=kind)
        return Done(True, "\n".join(f"dismissed {one.kind} {one.type or 'no event'} {one.id or ''}" for one in over))

    return Recovery("dismiss", plan, perform)


def _is(trouble: Trouble, kind: str | None) -> bool:
    return kind in (None, trouble.kind)


def _print_redriven(results: Sequence[RedriveResult], *, as_json: bool) -> None:
    if as_json:
        print_json(
            [
                {
                    "id": one.id,
                    "source": one.source,
                    "type": one.type,
                    "fate": one.fate,
                    "accepted": one.accepted,
                    "reason": one.reason,
                }
                for one in results
            ]
        )
    elif results:
        cells = [(one.id or "-", one.type or "-", one.fate or "unknown", one.reason or "") for one in results]
        print_table(("event", "type", "fate", "reason"), cells)
    else:
        print_words("Nothing is refused, unhandled or late.")


def _print_nudged(results: Sequence[NudgeResult], *, as_json: bool) -> None:
    if as_json:
        print_json([{"kind": one.kind, "name": one.name, "nudged": one.nudged, "told": one.told} for one in results])
    elif results:
        cells = [(one.kind, one.name, "yes" if one.nudged else "no", one.told) for one in results]
        print_table(("what", "name", "nudged", "outcome"), cells)
    else:
        print_words("Nothing waits for its next try.")


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise typer.BadParameter(f"--data is no JSON: {error}") from error
    if not isinstance(value, dict):
        raise typer.BadParameter("--data is to be a JSON object, such as '{\"ok\": true}'.")
    return value


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # nobody of this number is known, as in some containers
        return OPERATOR

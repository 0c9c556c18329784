"""The command by which a person answers what an orchestration has asked."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

import typer

from adapter.ledger import Fate
from adapter.plain_text import plain_text
from arvo.contracts import ContractEvent
from arvo.errors import InvalidPayloadError, UnknownEventTypeError
from arvo_temporal.cli.form import EndOfInputError, can_ask, choose, fill_in
from arvo_temporal.cli.printing import print_json, print_words
from arvo_temporal.cli.reading import read_data
from arvo_temporal.cli.running import JsonOption, OrchestrationArgument, run_with_client
from arvo_temporal.cli.schema_words import expected_words, explained
from arvo_temporal.cli.sending import DataOption, TimeoutOption, TypeOption
from arvo_temporal.client import ArvoClient, PendingRequest

_WRONG_USAGE = 2


def answer(
    orchestration: OrchestrationArgument,
    app: Annotated[
        str,
        typer.Option("--app", metavar="MODULE:APP", envvar="ARVO_APP", help="The app, whose contracts make the form."),
    ],
    request_id: Annotated[
        str | None,
        typer.Argument(metavar="REQUEST", help="Its id, the beginning of that, or its type; else the only one."),
    ] = None,
    type_: TypeOption = None,
    data: DataOption = None,
    timeout: TimeoutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer a request that an orchestration has sent out of its app, and print what comes of it.

    In a terminal it asks for what is not given: which request, which of the answers, and the data, field by field. In a
    script give --type, where there are several answers, and --data.

    Exit codes: 0 if the answer was taken, 1 if not or nothing waits for one, 2 if something to send is missing, 3 if
    nothing has come of it within --timeout.
    """

    async def body(client: ArvoClient) -> int:
        try:
            return await _answer(client, orchestration, request_id, type_, data, timeout=timeout, as_json=as_json)
        except EndOfInputError:
            print("Nothing was sent.", file=sys.stderr)
            return 1

    run_with_client(body, app)


async def _answer(
    client: ArvoClient,
    orchestration: str,
    request_id: str | None,
    type_: str | None,
    data: str | None,
    *,
    timeout: timedelta | None,
    as_json: bool,
) -> int:
    request = await _chosen(await client.pending_requests(orchestration), request_id, may_ask=data is None)
    if request is None:
        return 1
    type_ = await _type_of(request) if type_ is None else type_
    if type_ is None:
        return _WRONG_USAGE
    schema = request.contract.emits.get(type_)
    if schema is None:
        raise UnknownEventTypeError(
            f"'{request.event.type}' is answered by {', '.join(request.answers)}, not by '{plain_text(type_)}'."
        )
    event = ContractEvent(type_, schema)
    if data is not None:
        payload = await read_data(data)
    elif can_ask():
        print(plain_text(f"{request.event.type} {request.event.id}: {type_}"), file=sys.stderr)
        payload = await fill_in(event)
    else:
        print(f"Error: Give the answer with --data. {type_} takes: {expected_words(event)}", file=sys.stderr)
        return _WRONG_USAGE
    try:
        result = await client.answer(request, payload, type=type_, timeout=timeout)
    except InvalidPayloadError as error:
        raise explained(error, event) from error
    if as_json:
        events = [produced.to_json() for produced in result.events]
        told = {"request": request.event.id, "type": type_, "fate": result.fate.value, "reason": result.reason}
        print_json({**told, "events": events})
    else:
        print_words(result.fate.value, result.reason)
        for produced in result.events:
            print_json(produced.to_json())
    return int(result.fate not in (Fate.APPLIED, Fate.DUPLICATE))


async def _chosen(requests: Sequence[PendingRequest], wanted: str | None, *, may_ask: bool) -> PendingRequest | None:
    """Return the request that is meant; None, and say why, if none is."""
    if not requests:
        print("Error: It waits for no answer from outside its app.", file=sys.stderr)
        return None
    meant = requests if wanted is None else called(requests, wanted)
    if len(meant) == 1:
        return meant[0]
    if len(meant) > 1 and may_ask and can_ask():
        rows = [f"{one.event.type}  {one.event.id}  since {one.since}" for one in meant]
        return meant[await choose("Which request", rows)]
    problem = "No request is called so" if not meant else "Several requests wait: name one"
    print(f"Error: {problem}.", file=sys.stderr)
    for one in requests:
        print(plain_text(f"  {one.event.id}  {one.event.type}  since {one.since}"), file=sys.stderr)
    return None


def called(requests: Sequence[PendingRequest], wanted: str) -> list[PendingRequest]:
    """Return the requests of an id or type, or of those whose id begins so; nothing is called by an empty text."""
    whole = [one for one in requests if wanted in (one.event.id, one.event.type)]
    return whole or [one for one in requests if wanted and one.event.id.startswith(wanted)]


async def _type_of(request: PendingRequest) -> str | None:
    """Return the type of the answer: the only one, or the one that is chosen; None where nobody can be asked."""
    answers = request.answers
    if len(answers) == 1:
        return answers[0]
    if can_ask():
        return answers[await choose("Which answer", answers)]
    print(f"Error: Say which answer it is with --type: {', '.join(answers)}.", file=sys.stderr)
    return None

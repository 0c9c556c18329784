"""The commands that send: start an orchestration, send it events, and make events for `send` to send."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated, Any

import typer

from adapter.errors import AppError, EventFileError
from adapter.payload import to_event
from arvo.errors import ArvoError, InvalidPayloadError
from arvo.events import ArvoEvent, ArvoOrchestrationSubject
from arvo.orchestration import OrchestrationRecord
from arvo_temporal.cli.app_loading import load_app
from arvo_temporal.cli.completion import complete_orchestration, complete_orchestrator
from arvo_temporal.cli.outcomes import Outcomes
from arvo_temporal.cli.printing import print_json, print_words
from arvo_temporal.cli.reading import Document, is_of_many, read_data, read_events, read_many
from arvo_temporal.cli.running import (
    AppArgument,
    AppOption,
    JsonOption,
    QueueOption,
    run_interruptible,
    run_with_client,
)
from arvo_temporal.cli.schedule_options import read_span
from arvo_temporal.cli.schema_words import expected_words, explained
from arvo_temporal.client import SENDER, ArvoClient, Composer

DataOption = Annotated[
    str | None,
    typer.Option("--data", metavar="JSON|@FILE|-", help="The data; an empty object if it is left out."),
]
TypeOption = Annotated[str | None, typer.Option("--type", metavar="TYPE", help="The type of the event.")]
TimeoutOption = Annotated[
    timedelta | None,
    typer.Option("--timeout", parser=read_span, metavar="SPAN", help="How long to wait: 30s, 5m; else without end."),
]
OrchestratorArgument = Annotated[
    str,
    typer.Argument(
        metavar="ORCHESTRATOR",
        help="TYPE in its newest version, or TYPE/VERSION; arvo.orc. may be left out.",
        autocompletion=complete_orchestrator,
    ),
]
KeyOption = Annotated[
    str | None, typer.Option("--key", metavar="KEY", help="A key of yours: there is one orchestration of each.")
]
SenderOption = Annotated[
    str | None, typer.Option("--source", metavar="NAME", help="Who sends it, a name of three or more parts.")
]


def start(
    app: AppArgument,
    orchestrator: OrchestratorArgument,
    key: KeyOption = None,
    data: DataOption = None,
    source: SenderOption = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the end, and print what it comes to.")] = False,
    timeout: TimeoutOption = None,
    as_json: JsonOption = False,
    task_queue_name: QueueOption = None,
) -> None:
    """Start an orchestration, or find the one of this key; exit code 0 for both, 1 if it cannot be.

    With --wait it is 1 as well where the orchestration fails, and 3 where --timeout is over.
    """
    if timeout is not None and not wait:
        raise typer.BadParameter("--timeout goes with --wait: start APP ORCHESTRATOR --wait --timeout 5m")

    async def body(client: ArvoClient) -> int:
        contract = Composer(client.app).contract(orchestrator)
        payload = await read_data(data)
        try:
            begun = await client.start(contract, payload, key=key, source=_sender(source))
        except InvalidPayloadError as error:
            raise explained(error, contract.accepts) from error
        told: dict[str, Any] = {"started": begun.started, "workflow_id": begun.workflow_id, "subject": begun.subject}
        if not as_json:
            print_words("started" if begun.started else "found", begun.workflow_id)
            print_words(begun.subject)
            sys.stdout.flush()
        try:
            if wait:
                told["completion"] = completion_of(await client.result(begun.subject, timeout=timeout))
        finally:  # it has been started, whatever became of the wait
            if as_json:
                print_json(told)
        if wait and not as_json:
            print_json(told["completion"])
        return 0

    run_with_client(body, app, task_queue_name)


def send(
    what: Annotated[
        str,
        typer.Argument(
            metavar="ID|FILE|-",
            help="With --type the orchestration; without, a file of whole events, or - for standard input.",
            autocompletion=complete_orchestration,
        ),
    ],
    type_: TypeOption = None,
    data: DataOption = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait, and print what comes of each event.")] = False,
    timeout: TimeoutOption = None,
    as_json: JsonOption = False,
    app: AppOption = None,
    task_queue_name: QueueOption = None,
) -> None:
    """Send events to orchestrations; exit code 1 if one is not taken.

    With --type an event of a service, of which all but the data follows from the app. From @FILE or - the data may be
    an object, an array of them, or one in each line: an event for each.

    Without --type whole events: one as JSON, an array, or one in each line. An init event starts its orchestration.
    Several are on their way at once, those of one orchestration in their order.

    With --wait it ends with exit code 3 where nothing has come of an event within --timeout.
    """
    if timeout is not None and not wait:
        raise typer.BadParameter("--timeout goes with --wait: send FILE --wait --timeout 5m")
    if type_ is None and data is not None:
        raise typer.BadParameter("--data goes with --type: send ID --type TYPE --data JSON")
    if type_ is not None and app is None:
        raise typer.BadParameter("--type needs the app, whose contracts tell the rest of the event: --app MODULE:APP")

    async def body(client: ArvoClient) -> int:
        outcomes = Outcomes(as_json=as_json)
        events = _whole(what, outcomes) if type_ is None else _composed(client, what, type_, data, outcomes)
        try:
            async for sent in client.send_all(events, wait=wait, timeout=timeout):
                outcomes.tell(sent)
        except BaseException:  # the server is gone, or somebody has pressed Ctrl-C
            outcomes.abandon()
            raise
        return outcomes.conclude()

    run_with_client(body, app, task_queue_name)


def event(
    app: AppArgument,
    type_: Annotated[str, typer.Argument(metavar="TYPE", help="An orchestrator, or what a service of one emits.")],
    data: DataOption = None,
    key: KeyOption = None,
    subject: Annotated[
        str | None, typer.Option("--subject", metavar="SUBJECT", help="Of an answer: the orchestration that it is for.")
    ] = None,
    source: SenderOption = None,
) -> None:
    """Print a complete event, as send takes it; nothing is sent.

    TYPE is an orchestrator, as start takes it, for an init event (--key); else it is the type of an answer, which a
    service of the orchestration of --subject emits.
    """
    if subject is not None and (key is not None or source is not None):
        raise typer.BadParameter("--key and --source are for init events, --subject is for answers.")

    async def work() -> int:
        composer = Composer(load_app(app))
        payload = await read_data(data)
        if subject is None:
            made = _init(composer, type_, payload, key, _sender(source))
        else:
            made = _answer(composer, subject, type_, payload)
        print_json(made.to_json())
        return 0

    run_interruptible(work)


def _init(composer: Composer, type_: str, payload: Any, key: str | None, source: str) -> ArvoEvent:
    try:
        contract = composer.contract(type_)
    except AppError as error:
        raise AppError(f"{error} An answer of a service takes --subject, the orchestration that it is for.") from error
    try:
        return composer.init(contract, payload, key, source)
    except InvalidPayloadError as error:
        raise explained(error, contract.accepts) from error


def _answer(composer: Composer, subject: str, type_: str, payload: Any) -> ArvoEvent:
    try:
        return composer.answer(subject, type_, payload)
    except InvalidPayloadError as error:
        raise explained(error, composer.taken(subject, type_)) from error


async def _whole(file: str, outcomes: Outcomes) -> AsyncIterator[ArvoEvent]:
    """Yield the events of a file; of what is none the outcomes are told."""
    async for document in read_events(file):
        try:
            if document.problem is not None:
                raise EventFileError(document.problem)
            event = to_event(document.value)
        except ArvoError as error:
            outcomes.refuse(document, error)
        else:
            outcomes.expect(document)
            yield event


async def _composed(
    client: ArvoClient, orchestration: str, type_: str, data: str | None, outcomes: Outcomes
) -> AsyncIterator[ArvoEvent]:
    """Yield the events of a type with the data of an option, which may be many."""
    subject = await client.subject(orchestration)
    async for document in _payloads(data):
        try:
            if document.problem is not None:
                raise EventFileError(document.problem)
            event = await client.compose(subject, type_, document.value)
        except ArvoError as error:
            is_data = isinstance(error, InvalidPayloadError)
            expected = expected_words(Composer(client.app).taken(subject, type_)) if is_data else None
            outcomes.refuse(document, error, expected)
        else:
            outcomes.expect(document)
            yield event


async def _payloads(data: str | None) -> AsyncIterator[Document]:
    if data is None or not is_of_many(data):
        yield Document(1, await read_data(data))
        return
    async for document in read_many(data):
        yield document


def _sender(source: str | None) -> str:
    return SENDER if source is None else source


def completion_of(record: OrchestrationRecord) -> Any:
    """Return the data with which an orchestration has completed; its record where that is not in it."""
    orchestrator = ArvoOrchestrationSubject.parse(record["subject"]).orchestrator.name
    done = [one for one in record["events"]["produced"] if one["type"] == f"{orchestrator}.done"]
    return done[-1]["data"] if done else record

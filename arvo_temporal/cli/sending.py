"""The commands that send: start an orchestration, send it events, and make events for `send` to send."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated, Any

import typer

from adapter.app import ArvoApp
from adapter.errors import EventFileError
from adapter.payload import to_event
from arvo.contracts import ContractEvent, VersionedArvoContract
from arvo.errors import ArvoError, InvalidPayloadError
from arvo.events import ArvoEvent, ArvoOrchestrationSubject
from arvo.orchestration import OrchestrationRecord
from arvo_temporal.cli.app_loading import load_app
from arvo_temporal.cli.completion import complete_orchestration, complete_orchestrator
from arvo_temporal.cli.outcomes import Outcomes
from arvo_temporal.cli.printing import print_json, print_words
from arvo_temporal.cli.reading import Document, read_data, read_documents
from arvo_temporal.cli.running import (
    AppArgument,
    AppOption,
    JsonOption,
    QueueOption,
    run_interruptible,
    run_with_client,
)
from arvo_temporal.cli.schedule_options import read_span
from arvo_temporal.cli.schema_words import expected_words
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
            begun = await client.start(contract, payload, key=key, source=source or SENDER)
        except InvalidPayloadError as error:
            raise _explained(error, contract) from error
        if not as_json:
            print_words("started" if begun.started else "found", begun.workflow_id)
            print_words(begun.subject)
        completion = _completion(await client.result(begun.subject, timeout=timeout)) if wait else None
        if as_json:
            told = {"started": begun.started, "workflow_id": begun.workflow_id, "subject": begun.subject}
            print_json({**told, "completion": completion} if wait else told)
        elif wait:
            print_json(completion)
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
    as_json: JsonOption = False,
    app: AppOption = None,
    task_queue_name: QueueOption = None,
) -> None:
    """Send events to orchestrations; exit code 1 if one is not taken.

    With --type an event of a service, of which all but the data follows from the app. From @FILE or - the data may be
    an object, an array of them, or one in each line: an event for each.

    Without --type whole events: one as JSON, an array, or one in each line. An init event starts its orchestration.
    Several are on their way at once, those of one orchestration in their order.
    """
    if type_ is None and data is not None:
        raise typer.BadParameter("--data goes with --type: send ID --type TYPE --data JSON")
    if type_ is not None and app is None:
        raise typer.BadParameter("--type needs the app, whose contracts tell the rest of the event: --app MODULE:APP")

    async def body(client: ArvoClient) -> int:
        outcomes = Outcomes(as_json=as_json)
        events = _whole(what, outcomes) if type_ is None else _composed(client, what, type_, data, outcomes)
        async for sent in client.send_all(events, wait=wait):
            outcomes.tell(sent)
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
        if subject is not None:
            print_json(composer.answer(subject, type_, payload).to_json())
            return 0
        contract = composer.contract(type_)
        try:
            made = composer.init(contract, payload, key, source or SENDER)
        except InvalidPayloadError as error:
            raise _explained(error, contract) from error
        print_json(made.to_json())
        return 0

    run_interruptible(work)


async def _whole(file: str, outcomes: Outcomes) -> AsyncIterator[ArvoEvent]:
    """Yield the events of a file; of what is none the outcomes are told."""
    async for document in read_documents(file):
        try:
            if document.problem is not None:
                raise EventFileError(document.problem)
            event = to_event(document.value)
        except ArvoError as error:
            outcomes.refuse(document.line, error)
        else:
            outcomes.expect(document.line)
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
            outcomes.refuse(document.line, error, _expected(client.app, subject, type_) if is_data else None)
        else:
            outcomes.expect(document.line)
            yield event


async def _payloads(data: str | None) -> AsyncIterator[Document]:
    if data is None or not data.startswith(("-", "@")):
        yield Document(1, await read_data(data))
        return
    async for document in read_documents(data.removeprefix("@")):
        yield document


def _completion(record: OrchestrationRecord) -> Any:
    """Return the data with which an orchestration has completed; its record where that is not in it."""
    produced = record["events"]["produced"]
    done = [one for one in produced if str(one["type"]).endswith(".done")]
    return done[-1]["data"] if done else record


def _explained(error: InvalidPayloadError, contract: VersionedArvoContract) -> InvalidPayloadError:
    """Return an error about data that says in a second line what is expected."""
    return InvalidPayloadError(f"{error}\nExpected: {expected_words(contract.accepts)}", paths=error.paths)


def _expected(app: ArvoApp | None, subject: str, type_: str) -> str | None:
    """Return in words what the data of an event consists of; None for a type that the orchestration does not take."""
    named = ArvoOrchestrationSubject.parse(subject).orchestrator
    orchestrator = app.orchestrators.get(named.name) if app else None
    if orchestrator is None or named.version not in orchestrator.versions:
        return None
    accepted = orchestrator.inputs(named.version).get(type_)
    return expected_words(ContractEvent(type_, accepted.schema)) if accepted else None

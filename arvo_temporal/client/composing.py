"""Events as a sender means them: what it does not say follows from the app."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from temporalio.client import Client
from temporalio.common import RawValue
from temporalio.service import RPCError

from adapter.app import AnyOrchestrator, ArvoApp
from adapter.errors import AppError, OrchestrationNotFoundError
from adapter.payload import from_raw
from adapter.temporal_errors import is_not_found
from arvo.contracts import (
    PARENT_SUBJECT,
    ArvoContract,
    ContractEvent,
    VersionedArvoContract,
    create_arvo_event_factory,
    create_arvo_orchestrator_event_factory,
)
from arvo.errors import shorten
from arvo.events import ArvoEvent, ArvoOrchestrationSubject
from arvo.wire import ORCHESTRATORS, version_key

SENDER = "com.arvo.client"
"""Source of init events whose sender does not say who it is: one for all, so that a key names one execution."""


Startable = ArvoContract | VersionedArvoContract | str
"""What is to be started: a contract, a version of one, or the type of an orchestrator, with or without a version."""


class Composer:
    """Makes events for the orchestrations of an app.

    Args:
        app: The app; without it only a contract can be started.
    """

    def __init__(self, app: ArvoApp | None) -> None:
        self._app = app

    def init(self, what: Startable, data: Any, key: str | None, source: str) -> ArvoEvent:
        """Return the event that starts an orchestration without a parent.

        Args:
            what: What is to be started.
            data: Its payload, as a mapping or a model; `parentSubject$$` may be left out.
            key: The id of the execution; None for a fresh one.
            source: Who starts it.

        Raises:
            AppError: The app has no such orchestrator, or the data has no names.
            InvalidContractError: The contract is not that of an orchestrator.
            InvalidPayloadError: The data does not fit the contract.
            InvalidEventError: The source breaks its rule.
        """
        factory = create_arvo_orchestrator_event_factory(self.contract(what))
        return factory.init(source=source, data={PARENT_SUBJECT: None, **_members(data)}, execution_id=key)

    def answer(self, subject: str, type_: str, data: Any) -> ArvoEvent:
        """Return an event of a service for a running orchestration.

        Args:
            subject: The orchestration.
            type_: The type of the event, one that a service of the machine emits.
            data: Its payload.

        Raises:
            AppError: The app has not the machine, or no service of it emits such events.
            InvalidPayloadError: The data does not fit the service's contract.
        """
        orchestrator, _ = self._orchestrator(subject)
        contract = self._service(subject, type_)
        return create_arvo_event_factory(contract).emits(
            type=type_, source=contract.accepts.type, subject=subject, data=data, to=orchestrator.source
        )

    def taken(self, subject: str, type_: str) -> ContractEvent:
        """Return what an event consists of that `answer` makes.

        Raises:
            AppError: As `answer` does.
        """
        return ContractEvent(type_, self._service(subject, type_).emits[type_])

    def contract(self, what: Startable) -> VersionedArvoContract:
        """Return the version of a contract that is meant: of several the newest one.

        Args:
            what: As `init` takes it. A type may have its version behind a slash, and `arvo.orc.` be left out.

        Raises:
            AppError: The app has no such orchestrator, or no such version of it.
        """
        if isinstance(what, VersionedArvoContract):
            return what
        name, slash, version = what.partition("/") if isinstance(what, str) else (what.type, "", "")
        known = self._app.orchestrators if self._app else {}
        orchestrator = known.get(name) or known.get(f"{ORCHESTRATORS}{name}")
        if orchestrator is not None:
            version = version if slash else max(orchestrator.versions, key=version_key)
            if version in orchestrator.versions:
                return orchestrator.contract(version)
            raise AppError(
                f"The app has no version {shorten(version)} of '{orchestrator.source}'. It has "
                f"{', '.join(orchestrator.versions)}."
            )
        if isinstance(what, ArvoContract):
            return what.version("latest")
        has = ", ".join(known) if self._app else "no app: give it, as in ArvoClient(client, app)"
        raise AppError(f"There is no orchestrator of type {shorten(what)} to start. This client has {has or 'none'}.")

    def _service(self, subject: str, type_: str) -> VersionedArvoContract:
        """Return the contract of the service of an orchestration that emits a type."""
        orchestrator, version = self._orchestrator(subject)
        inputs = orchestrator.inputs(version)
        accepted = inputs.get(type_)
        if accepted is None or accepted.role == "self" or type_ not in accepted.contract.emits:
            known = [name for name, other in inputs.items() if name in other.contract.emits]
            raise AppError(
                f"No service of '{orchestrator.source}' {version} emits {shorten(type_)}. It takes "
                f"{', '.join(known) or 'nothing'}; start(...) begins one anew."
            )
        return accepted.contract

    def _orchestrator(self, subject: str) -> tuple[AnyOrchestrator, str]:
        """Return the orchestrator of a subject, and the version."""
        named = ArvoOrchestrationSubject.parse(subject).orchestrator
        found = self._app.orchestrators.get(named.name) if self._app else None
        if found is None or named.version not in found.versions:
            raise AppError(
                f"This client's app has no orchestrator '{named.name}' of version {named.version}, so it does not know "
                "its events. Give the app, as in ArvoClient(client, app), or deliver an event of a factory."
            )
        return found, named.version


async def subject_of(client: Client, workflow_id: str) -> str:
    """Return the subject of an orchestration, which its first event tells.

    Raises:
        OrchestrationNotFoundError: The server knows no such orchestration.
        InvalidEventError: The workflow was not started by an event.
    """
    handle = client.get_workflow_handle(workflow_id)
    try:
        async for event in handle.fetch_history_events(page_size=1):
            payloads = event.workflow_execution_started_event_attributes.input
            values = await client.data_converter.decode_wrapper(payloads, [RawValue])
            return from_raw(values[0]).subject
    except RPCError as error:
        if not is_not_found(error):
            raise
    raise OrchestrationNotFoundError(
        f"The server knows no orchestration '{workflow_id}'. Give its subject or its workflow id.",
        workflow_id=workflow_id,
    )


def _members(data: Any) -> Mapping[str, Any]:
    members = data.model_dump(by_alias=True) if isinstance(data, BaseModel) else data
    if not isinstance(members, Mapping):
        raise AppError(f"The data of an init event is a mapping or a model with named fields, not {shorten(data)}.")
    return members

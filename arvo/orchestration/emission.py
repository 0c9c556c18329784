"""Turns what an orchestration wants to send into ArvoEvents, by the rules of its contracts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel

from arvo.contracts import PARENT_SUBJECT, VersionedArvoContract, is_orchestrator_contract
from arvo.errors import (
    ContractViolation,
    ExecutionViolation,
    InvalidEventError,
    InvalidPayloadError,
    InvalidSubjectError,
)
from arvo.events import (
    ArvoEvent,
    ArvoOrchestrationSubject,
    Domains,
    SubjectContent,
    create_arvo_event,
    resolve_event_domain,
)
from arvo.telemetry import TraceHeaders
from arvo.wire import PayloadSchema, to_plain_json


class EmissionContext(NamedTuple):
    """What the events of one step have in common.

    Attributes:
        source: Source of the events; the orchestrator's type.
        self_contract: Own contract, in the version of the orchestration.
        services: Service contracts by the event type that calls the service.
        source_event: Event that the step consumes.
        subject: Parsed subject of that event.
        parent_subject: Subject of the orchestration that started this one, or None.
        init_event_id: Id of the event that started this orchestration.
        executionunits: Cost of a step, where an event names none of its own.
        service_domains: Domains of the events that name none.
        completion_domains: Domains of a completion that names none.
        trace: Headers of the span that the events continue.
    """

    source: str
    self_contract: VersionedArvoContract
    services: Mapping[str, VersionedArvoContract]
    source_event: ArvoEvent
    subject: SubjectContent
    parent_subject: str | None
    init_event_id: str
    executionunits: float
    service_domains: Domains
    completion_domains: Domains
    trace: TraceHeaders

    @property
    def completion_type(self) -> str:
        """Event type with which the orchestration completes."""
        return str(self.self_contract.metadata["completeEventType"])


class Emission(NamedTuple):
    """One event that is to be sent.

    Attributes:
        fields: What the orchestration wrote.
        domain: Its domain, or a symbol of `ArvoDomain`.
        completes: Whether it is the orchestration's completion.
        contract: The contract that it follows, if one has its type.
        schema: What that says of its data.
    """

    fields: Mapping[str, Any]
    domain: str | None
    completes: bool
    contract: VersionedArvoContract | None
    schema: PayloadSchema[Any] | None

    @property
    def type(self) -> Any:
        """Type of the event."""
        return self.fields.get("type")


def spread(emissions: Iterable[Mapping[str, Any]], context: EmissionContext) -> Iterator[Emission]:
    """Yield each emission once for every domain that it names."""
    for fields in emissions:
        type_ = fields.get("type")
        completes = type_ == context.completion_type
        contract, schema = _contract_of(type_, completes, context)
        for domain in dict.fromkeys(_domains(fields, context.service_domains)):
            yield Emission(fields, domain, completes, contract, schema)


def completion(output: Any, context: EmissionContext) -> dict[str, Any]:
    """The emission that reports the output of a finished orchestration to whoever started it."""
    options: Mapping[str, Any] = output if isinstance(output, Mapping) else {}
    return {
        "type": context.completion_type,
        "id": options.get("__id"),
        "data": output,
        "to": context.subject.meta.get("redirectto", context.subject.execution.initiator),
        "domain": _domains({"domain": options.get("__domain")}, context.completion_domains),
        "executionunits": options.get("__executionunits"),
    }


def build_event(emission: Emission, context: EmissionContext) -> ArvoEvent:
    """Build one event.

    Raises:
        ContractViolation: Its data does not fit the contract of the service or the own completion.
        ExecutionViolation: The `parentSubject$$` of a nested orchestration is no subject.
        InvalidEventError: A field of the event is not valid.
    """
    fields, contract, event = emission.fields, emission.contract, context.source_event
    data: Any = fields.get("data")
    redirectto = _given(fields, "redirectto", context.source)
    domain = _resolve(emission.domain, contract, context)
    if emission.completes:
        subject = context.parent_subject or event.subject
    elif contract is not None and is_orchestrator_contract(contract):
        subject = _nested_subject(contract, data, domain, redirectto, context)
    else:
        subject = event.subject
    dataschema = fields.get("dataschema")
    if contract is not None and emission.schema is not None:
        data, dataschema = _validated(data, emission.schema, contract), contract.dataschema
    return create_arvo_event(
        id=fields.get("id"),
        source=context.source,
        type=emission.type,
        subject=subject,
        dataschema=dataschema,
        data=data,
        to=_given(fields, "to", emission.type),
        accesscontrol=_given(fields, "accesscontrol", event.accesscontrol),
        redirectto=redirectto,
        executionunits=_given(fields, "executionunits", context.executionunits),
        parentid=context.init_event_id if emission.completes else event.id,
        domain=domain,
        extensions=fields.get("__extensions"),
        traceparent=context.trace.traceparent,
        tracestate=context.trace.tracestate,
    )


def _contract_of(
    type_: Any, completes: bool, context: EmissionContext
) -> tuple[VersionedArvoContract | None, PayloadSchema[Any] | None]:
    if completes:
        return context.self_contract, context.self_contract.emits[type_]
    service = context.services.get(type_)
    return (None, None) if service is None else (service, service.accepts.schema)


def _nested_subject(
    contract: VersionedArvoContract,
    data: Any,
    domain: str | None,
    redirectto: str,
    context: EmissionContext,
) -> str:
    parent = _parent_of(data, contract)
    meta = {"redirectto": redirectto}
    if parent and not ArvoOrchestrationSubject.is_valid(parent):
        raise ExecutionViolation(
            f"Invalid {PARENT_SUBJECT} for the event(type='{contract.accepts.type}', "
            f"uri='{contract.dataschema}'): it must be an orchestration subject. To fix: keep the subject of "
            f"the init event in the context (`input.subject`) and pass that."
        )
    try:
        if parent:
            return ArvoOrchestrationSubject.from_(
                orchestrator=contract.accepts.type,
                version=contract.version,
                subject=parent,
                domain=domain,
                meta=meta,
            )
        return ArvoOrchestrationSubject.new(
            orchestrator=contract.accepts.type,
            version=contract.version,
            initiator=context.source,
            domain=domain,
            meta=meta,
        )
    except InvalidSubjectError as error:
        raise ExecutionViolation(
            f"Orchestration subject creation failed for event '{contract.accepts.type}': {error}"
        ) from error


def _parent_of(data: Any, contract: VersionedArvoContract) -> Any:
    if data is None:
        raise InvalidEventError(f"Event '{contract.accepts.type}' is emitted without data.", paths=["data"])
    document = to_plain_json(data) if isinstance(data, BaseModel) else data
    return document.get(PARENT_SUBJECT) if isinstance(document, Mapping) else None


def _validated(data: Any, schema: PayloadSchema[Any], contract: VersionedArvoContract) -> Any:
    try:
        return schema.validate(data)
    except InvalidPayloadError as error:
        raise ContractViolation(
            f"[Emittable Event Creation] Invalid event data: Schema validation failed.\n"
            f"Contract: {contract.dataschema}\nDetails: {error}"
        ) from error


def _resolve(domain: str | None, contract: VersionedArvoContract | None, context: EmissionContext) -> str | None:
    return resolve_event_domain(
        domain,
        self_contract=context.self_contract,
        event_contract=contract,
        triggering_event=context.source_event,
        current_subject=context.source_event.subject,
        parent_subject=context.parent_subject,
    )


def _domains(emission: Mapping[str, Any], default: Domains) -> Domains:
    domains: str | Domains | None = emission.get("domain")
    if domains is None:
        return default
    return (domains,) if isinstance(domains, str) else domains


def _given(emission: Mapping[str, Any], key: str, default: Any) -> Any:
    value = emission.get(key)
    return default if value is None else value

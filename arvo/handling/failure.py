"""What handlers and orchestrations answer when their own code fails."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Final

from arvo.contracts import (
    EventFields,
    VersionedArvoContract,
    create_arvo_event_factory,
    create_arvo_orchestrator_event_factory,
    describe_error,
    is_orchestrator_contract,
)
from arvo.events import ArvoDomain, ArvoEvent, Domains, create_arvo_event, resolve_event_domain
from arvo.handling.execution import request_name
from arvo.surroundings import deterministic_ids, untraced
from arvo.telemetry import current_headers, open_span, parent_of
from arvo.wire import build_dataschema, parse_dataschema, system_error_type

_BROADCAST: Final = (ArvoDomain.FROM_TRIGGERING_EVENT, ArvoDomain.FROM_SELF_CONTRACT, ArvoDomain.LOCAL)


@dataclass(frozen=True, slots=True)
class SystemErrorContext:
    """What the system error events of one failure have in common.

    Attributes:
        source: Source of the events: the type of the handler or orchestrator that failed.
        contract: Its contract, if it has one.
        event: Event that it failed on.
        subject: Subject of the events.
        parent_subject: Subject of the orchestration that started this one, or None.
        to: Who is told.
        parentid: Id of the event that the failure belongs to.
        executionunits: Cost of the failed execution.
        domains: Where to send the events; None is the broadcast to the domain of the event, that of the contract,
            the local one, and that of whoever waits in another domain: the orchestration that started this one, or
            that asked this handler.
    """

    source: str
    contract: VersionedArvoContract | None
    event: ArvoEvent
    subject: str
    parent_subject: str | None
    to: str
    parentid: str
    executionunits: float
    domains: Domains | None


def stand_in_error(event: ArvoEvent, subject: str, name: str, message: str) -> ArvoEvent:
    """Return the system error event that answers `event` in place of whoever should have, in the trace of `event`.

    Args:
        event: The event that nobody takes, or that was not answered; it need not follow a contract.
        subject: The subject of the orchestration that has produced it.
        name: What went wrong, in a word.
        message: What went wrong, for people.
    """
    dataschema, trace = parse_dataschema(event.dataschema), parent_of(event)
    # Without a trace of the event there would be one that begins with its failure.
    with nullcontext() if trace else untraced(), open_span(f"Failure<{event.type}>", parent=trace) as span:
        span.set_attributes({"error.type": name, "exception.type": name, "exception.message": message})
        span.fail(f"{name}: {message}")
        headers = span.headers()
        continued = headers if headers.traceparent or not trace else event
        return create_arvo_event(
            id=deterministic_ids(*request_name(event), "failed")(),
            type=system_error_type(event.type),
            source=event.to or event.type,
            subject=subject,
            to=event.source,
            accesscontrol=event.accesscontrol,
            traceparent=continued.traceparent,
            tracestate=continued.tracestate,
            parentid=event.id,
            dataschema=build_dataschema(dataschema.uri) if dataschema else None,
            data={"errorName": name, "errorMessage": message, "errorStack": None},
        )


def build_system_errors(error: Exception, context: SystemErrorContext) -> list[ArvoEvent]:
    """One event for each domain, duplicates removed after resolution; they differ only in id and domain.

    Raises:
        InvalidEventError: A configured domain is not valid.
    """
    contract, trace = context.contract, current_headers()
    fields: EventFields = {
        "to": context.to,
        "accesscontrol": context.event.accesscontrol,
        "executionunits": context.executionunits,
        "parentid": context.parentid,
        "traceparent": trace.traceparent,
        "tracestate": trace.tracestate,
    }
    build = partial(_build_without_contract, context) if contract is None else partial(_build, context, contract)
    return [build(error, {**fields, "domain": domain}) for domain in dict.fromkeys(_domains(context))]


def _build(
    context: SystemErrorContext, contract: VersionedArvoContract, error: Exception, fields: EventFields
) -> ArvoEvent:
    is_orchestrator = is_orchestrator_contract(contract)
    create = create_arvo_orchestrator_event_factory if is_orchestrator else create_arvo_event_factory
    return create(contract).system_error(source=context.source, subject=context.subject, error=error, **fields)


def _build_without_contract(context: SystemErrorContext, error: Exception, fields: EventFields) -> ArvoEvent:
    return create_arvo_event(
        type=system_error_type(context.source),
        source=context.source,
        subject=context.subject,
        data=describe_error(error),
        **fields,
    )


def _domains(context: SystemErrorContext) -> Domains:
    is_orchestrator = context.contract is not None and is_orchestrator_contract(context.contract)
    waiting = ArvoDomain.FROM_PARENT_SUBJECT if is_orchestrator else ArvoDomain.ORCHESTRATION_CONTEXT
    return [
        resolve_event_domain(
            domain,
            self_contract=context.contract,
            event_contract=context.contract,
            triggering_event=context.event,
            current_subject=context.event.subject,
            parent_subject=context.parent_subject,
        )
        for domain in ((*_BROADCAST, waiting) if context.domains is None else context.domains)
    ]

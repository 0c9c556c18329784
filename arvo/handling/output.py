"""What handlers return, and which fields the event has that comes of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NotRequired, TypedDict

from pydantic import BaseModel

from arvo.contracts import EventFields, VersionedArvoContract
from arvo.events import ArvoDomain, ArvoEvent, Domains, resolve_event_domain
from arvo.telemetry import current_headers

_Extensions = TypedDict("_Extensions", {"__extensions": NotRequired[Mapping[str, Any]]})


class HandlerOutput(_Extensions):
    """An event that a handler returns; what it leaves out follows from the event handled.

    Attributes:
        type: One of the types that the contract emits.
        data: Payload: a mapping, or a pydantic model.
        to: Receiver; else the `redirectto` of the event handled, else its `source`.
        redirectto: Where an answer to this event is to go.
        domain: Domains to send it to, once each; members of `ArvoDomain` are resolved.
        accesscontrol: Else that of the event handled.
        executionunits: Else those of the handler.
        id: Id of the event, as text or as `{"deduplication": ..., "value": ...}`.
        time: When it was produced, RFC 3339 with an offset; else now.
        __extensions: CloudEvents extensions.
    """

    type: str
    data: Mapping[str, Any] | BaseModel
    to: NotRequired[str | None]
    redirectto: NotRequired[str | None]
    domain: NotRequired[Domains | None]
    accesscontrol: NotRequired[str | None]
    executionunits: NotRequired[float | None]
    id: NotRequired[Any]
    time: NotRequired[str | None]


HandlerResult = HandlerOutput | Sequence[HandlerOutput] | None
HandlerFunction = Callable[..., HandlerResult | Awaitable[HandlerResult]]


class HandlerEmissionDomains(TypedDict, total=False):
    """Domains of the events of a handler that name none themselves; members of `ArvoDomain` are resolved.

    Attributes:
        system_error: Of the events that report a failure.
        emits: Of all others.
    """

    system_error: Domains
    emits: Domains


def answer_domains(
    output: HandlerOutput, event: ArvoEvent, contract: VersionedArvoContract | None, defaults: HandlerEmissionDomains
) -> list[str | None]:
    """Return the domains that an output is sent to, each once.

    Args:
        output: The output.
        event: The event that is answered.
        contract: The contract of the handler, if it has one.
        defaults: The domains of outputs that name none.
    """
    domains = output.get("domain")
    if domains is None:
        domains = defaults.get("emits", (ArvoDomain.ORCHESTRATION_CONTEXT,))
    resolved = (
        resolve_event_domain(
            domain,
            self_contract=contract,
            event_contract=contract,
            triggering_event=event,
            current_subject=event.subject,
            parent_subject=None,
        )
        for domain in domains
    )
    return list(dict.fromkeys(resolved))


def answer_fields(output: HandlerOutput, event: ArvoEvent, domain: str | None, executionunits: float) -> EventFields:
    """Return the fields of the event that an output becomes, apart from its type, data, source and subject.

    Args:
        output: The output; what it leaves out follows from the event.
        event: The event that is answered.
        domain: The domain of the new event.
        executionunits: Cost of one execution of the handler.
    """
    trace = current_headers()
    return {
        "id": output.get("id"),
        "time": output.get("time"),
        "to": _first(output.get("to"), event.redirectto, event.source),
        "redirectto": output.get("redirectto"),
        "accesscontrol": _first(output.get("accesscontrol"), event.accesscontrol),
        "executionunits": _first(output.get("executionunits"), executionunits),
        "parentid": event.id,
        "domain": domain,
        "extensions": output.get("__extensions"),
        "traceparent": trace.traceparent,
        "tracestate": trace.tracestate,
    }


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)

"""Creates events: what is usual is filled in, what has to be a URI is encoded, and the trace goes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from arvo.events.event import ArvoEvent, ExtensionValue, build_event
from arvo.events.event_id import EventIdSpec, create_arvo_event_id
from arvo.events.fields import ARVO_CONTENT_TYPE
from arvo.surroundings import current
from arvo.telemetry import TraceHeaders, is_on, log, open_span
from arvo.wire import JsonObject, to_plain_json


def create_arvo_event(
    *,
    type: str,
    source: str,
    subject: str,
    data: Mapping[str, Any] | BaseModel,
    id: str | EventIdSpec | None = None,
    time: str | None = None,
    dataschema: str | None = None,
    to: str | None = None,
    accesscontrol: str | None = None,
    redirectto: str | None = None,
    executionunits: float | None = None,
    traceparent: str | None = None,
    tracestate: str | None = None,
    parentid: str | None = None,
    domain: str | None = None,
    specversion: str | None = None,
    datacontenttype: str | None = None,
    extensions: Mapping[str, ExtensionValue] | None = None,
    telemetry: bool = True,
) -> ArvoEvent:
    """Create an event: fill in id, time and receiver, and encode what has to be a URI.

    Args:
        type: Type of the event; also its receiver where `to` is not given.
        source: Who produces it. Encoded, like `subject`, `to`, `redirectto`, `dataschema` and `parentid`.
        subject: What it is about.
        data: The payload: a JSON object, or a pydantic model.
        id: The id, or how to make one; a fresh UUID by default.
        time: RFC 3339 with an offset; now by default.
        dataschema: See `ArvoEvent`, as for all the others.
        to: Receiver, by default the type.
        accesscontrol: See `ArvoEvent`.
        redirectto: See `ArvoEvent`.
        executionunits: See `ArvoEvent`.
        traceparent: See `ArvoEvent`.
        tracestate: See `ArvoEvent`.
        parentid: See `ArvoEvent`.
        domain: See `ArvoEvent`.
        specversion: `1.0`.
        datacontenttype: Arvo's own by default.
        extensions: Further CloudEvents extensions.
        telemetry: Whether the creation has a span of its own, whose trace the event carries on if it is given none.

    Raises:
        InvalidEventError: A field breaks its rule.
        InvalidPayloadError: A model that is given as data holds a secret, or what JSON cannot carry.
    """
    fields: JsonObject = {
        "id": create_arvo_event_id(id),
        "source": source,
        "specversion": "1.0" if specversion is None else specversion,
        "type": type,
        "subject": subject,
        "datacontenttype": ARVO_CONTENT_TYPE if datacontenttype is None else datacontenttype,
        "dataschema": dataschema or None,
        "data": to_plain_json(data) if isinstance(data, BaseModel) else data,
        "time": current().now().isoformat(timespec="milliseconds") if time is None else time,
        "to": to or type,
        "accesscontrol": accesscontrol,
        "redirectto": redirectto or None,
        "executionunits": executionunits,
        "traceparent": traceparent,
        "tracestate": tracestate,
        "parentid": parentid or None,
        "domain": domain,
    }
    if not (telemetry and is_on()):
        return build_event(fields, extensions)
    with open_span(f"createArvoEvent<{type}>") as span:
        if datacontenttype and datacontenttype != ARVO_CONTENT_TYPE:
            log("WARNING", f"The datacontenttype '{datacontenttype}' is not Arvo's own, '{ARVO_CONTENT_TYPE}'")
        _continue_trace(fields, span.headers())
        event = build_event(fields, extensions)
        span.describe_event(event)
    return event


def _continue_trace(fields: JsonObject, headers: TraceHeaders) -> None:
    for name, header in headers._asdict().items():
        if fields[name] is None:
            fields[name] = header

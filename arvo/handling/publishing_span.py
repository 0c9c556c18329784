"""The span around one call of a publisher, in the form of OpenTelemetry's conventions for messaging."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from opentelemetry.trace import SpanKind

from arvo.errors import error_name
from arvo.events import ArvoEvent
from arvo.telemetry import OPENINFERENCE_KIND, SPAN_KIND, is_on, open_span, parent_of

_SYSTEM: Final = {
    SPAN_KIND: "publisher",
    OPENINFERENCE_KIND: "CHAIN",
    "messaging.system": "arvo",
    "messaging.operation.name": "publish",
    "messaging.operation.type": "send",
}
_TRY: Final = "arvo.publisher.try"


@contextmanager
def publishing(event: ArvoEvent, number: int = 1) -> Iterator[None]:
    """Trace what happens inside the `with` block as one try to publish an event; what leaves it fails the span.

    Args:
        event: The event, whose trace the span continues.
        number: Which try it is, from 1.
    """
    if not is_on():
        yield
        return
    destination = event.domain or event.to or event.type
    attributes = {
        **event.otel_attributes,
        **_SYSTEM,
        "messaging.destination.name": destination,
        "messaging.message.id": event.id,
        "messaging.message.conversation_id": event.subject,
        _TRY: number,
    }
    with open_span(
        f"publish {destination}", kind=SpanKind.PRODUCER, attributes=attributes, parent=parent_of(event)
    ) as span:
        try:
            yield
        except BaseException as error:
            span.set_attributes({"error.type": error_name(error)})
            raise

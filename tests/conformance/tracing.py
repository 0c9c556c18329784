"""A tracer provider for a while, and the spans that it has seen in order of their start."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

Json = dict[str, Any]


class Recorder(SpanProcessor):
    """Keeps every span that is started."""

    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        self.spans.append(span)


class _Ids(RandomIdGenerator):
    """Ids without the flag `random-trace-id`, which the vectors' tracer did not set."""

    def is_trace_id_random(self) -> bool:
        return False


@contextmanager
def traced() -> Iterator[Recorder]:
    """Install a tracer provider inside the `with` block, and take it away again."""
    recorder, provider = Recorder(), TracerProvider(id_generator=_Ids())
    provider.add_span_processor(recorder)
    with patch("opentelemetry.trace._TRACER_PROVIDER", provider):
        yield recorder


def view(span: ReadableSpan) -> Json:
    """Return a span as the vectors write it."""
    context, parent, scope = span.get_span_context(), span.parent, span.instrumentation_scope
    return {
        "name": span.name,
        "kind": span.kind.name,
        "status": span.status.status_code.name,
        "trace": f"{context.trace_id:032x}" if context else None,
        "span": f"{context.span_id:016x}" if context else None,
        "parent": f"{parent.span_id:016x}" if parent else None,
        "attributes": dict(span.attributes or {}),
        "events": [_event(event.name, dict(event.attributes or {})) for event in span.events],
        "tracer": {"name": scope.name, "version": scope.version} if scope else None,
    }


def _event(name: str, attributes: Json) -> Json:
    if name == "log":
        return {"log": attributes["log.severity"], "keys": list(attributes)}
    return {"name": name, "keys": list(attributes), "type": attributes.get("exception.type")}

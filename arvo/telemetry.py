"""Arvo's telemetry: the one place where spans are opened, and what is written on them.

Only the API of OpenTelemetry is used: whoever runs the program installs a tracer provider. Without one, and where
the surroundings say so, nothing is opened and nothing is computed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from traceback import format_exception
from types import TracebackType
from typing import Final, Literal, NamedTuple, Protocol, Self

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import (
    INVALID_SPAN,
    ProxyTracerProvider,
    Span,
    SpanKind,
    Status,
    StatusCode,
    Tracer,
    TracerProvider,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from arvo.errors import error_name
from arvo.surroundings import current

__all__ = [
    "ActiveSpan",
    "Attributes",
    "CONTRACT_URI",
    "CONTRACT_VERSION",
    "continued",
    "current_headers",
    "INTERNAL",
    "is_logging",
    "is_on",
    "log",
    "LogLevel",
    "open_factory_span",
    "open_span",
    "OPENINFERENCE_KIND",
    "parent_of",
    "prefixed",
    "record",
    "set_attributes",
    "SPAN_KIND",
    "Traced",
    "TraceHeaders",
]

SPAN_KIND: Final = "arvo.span.kind"
OPENINFERENCE_KIND: Final = "openinference.span.kind"
CONTRACT_URI: Final = "arvo.contract.uri"
CONTRACT_VERSION: Final = "arvo.contract.version"
INTERNAL: Final[Mapping[str, str]] = {SPAN_KIND: "internal"}

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
Attributes = Mapping[str, str | bool | int | float]

_propagator = TraceContextTextMapPropagator()


class Traced(Protocol):
    """An event, for what telemetry reads of it."""

    @property
    def traceparent(self) -> str | None:
        """Its W3C trace context."""

    @property
    def tracestate(self) -> str | None:
        """Its W3C trace state."""

    @property
    def otel_attributes(self) -> Attributes:
        """The attributes that describe it on a span."""


class TraceHeaders(NamedTuple):
    """The W3C headers of a span; None where there is no span."""

    traceparent: str | None
    tracestate: str | None


_active: ContextVar[ActiveSpan | None] = ContextVar("arvo_active_span", default=None)
_OK: Final = Status(StatusCode.OK)


class ActiveSpan:
    """A span that is current inside its `with` block.

    It ends as OK, or as ERROR where an exception leaves the block or `fail` was called.

    Attributes:
        span: OpenTelemetry's own span.
        is_recording: Whether it is worth computing attributes.
    """

    __slots__ = (
        "_context",
        "_failure",
        "_kind",
        "_name",
        "_outer",
        "_start_attributes",
        "_token",
        "is_recording",
        "span",
    )

    def __init__(self, name: str, kind: SpanKind, attributes: Attributes, context: Context | None) -> None:
        self._name = name
        self._kind = kind
        self._start_attributes = attributes
        self._context = context
        self._failure: str | None = None
        self.span: Span = INVALID_SPAN
        self.is_recording = False

    def set_attributes(self, attributes: Attributes) -> None:
        """Add attributes."""
        self.span.set_attributes(attributes)

    def describe_event(self, event: Traced) -> None:
        """Add the attributes of an event."""
        if self.is_recording:
            self.span.set_attributes(event.otel_attributes)

    def describe_emittables(self, events: Iterable[Traced]) -> None:
        """Add the attributes of the events that come out of what the span stands for."""
        if self.is_recording:
            for position, event in enumerate(events):
                self.span.set_attributes(prefixed(event.otel_attributes, f"emittables.{position}."))

    def record(self, error: BaseException) -> None:
        """Write an exception on the span."""
        _record(self.span, error)

    def fail(self, message: str) -> None:
        """Let the span end as ERROR with this message."""
        self._failure = message

    def headers(self) -> TraceHeaders:
        """Return the headers with which an event continues this span."""
        return _headers(self.span)

    def __enter__(self) -> Self:
        tracer = _tracer_of(trace.get_tracer_provider())
        self.span = tracer.start_span(
            self._name, context=self._context, kind=self._kind, attributes=self._start_attributes
        )
        self.is_recording = self.span.is_recording()
        self._token = otel_context.attach(trace.set_span_in_context(self.span))
        self._outer = _active.set(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, stack: TracebackType | None
    ) -> None:
        _active.reset(self._outer)
        otel_context.detach(self._token)
        if error is not None and self._failure is None:
            self.record(error)
            self.fail(str(error))
        if self.is_recording:
            self.span.set_status(_OK if self._failure is None else Status(StatusCode.ERROR, self._failure))
        self.span.end()


class _NoSpan(ActiveSpan):
    __slots__ = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        return None

    def record(self, error: BaseException) -> None:
        return None

    def fail(self, message: str) -> None:
        return None


_NO_SPAN: Final = _NoSpan("", SpanKind.INTERNAL, {}, None)


def is_on() -> bool:
    """Tell whether spans are opened at all: a tracer provider is installed, and the surroundings allow it."""
    # The public function reads the environment at every call as long as nothing is installed, which takes longer
    # than all else that an event's creation has to do with telemetry.
    return (trace._TRACER_PROVIDER is not None or _is_named_by_environment()) and current().tracing


@lru_cache(1)
def _is_named_by_environment() -> bool:
    return not isinstance(trace.get_tracer_provider(), ProxyTracerProvider)


def open_span(
    name: str,
    *,
    kind: SpanKind = SpanKind.INTERNAL,
    attributes: Attributes = INTERNAL,
    parent: Context | None = None,
) -> ActiveSpan:
    """Return a span to be entered with `with`; one that does nothing where telemetry is off.

    Args:
        name: Name of the span.
        kind: Its kind for OpenTelemetry.
        attributes: What is known at its start.
        parent: Where it belongs, by default into the span that is current.
    """
    if not is_on() or (parent is None and _is_inside_unrecorded()):
        return _NO_SPAN
    return ActiveSpan(name, kind, attributes, parent)


def open_factory_span(name: str, *, uri: str, version: str) -> ActiveSpan:
    """Return the span in which a factory creates an event of a contract version."""
    if not is_on() or _is_inside_unrecorded():
        return _NO_SPAN
    attributes = {
        **INTERNAL,
        OPENINFERENCE_KIND: "INTERNAL",
        CONTRACT_URI: uri,
        CONTRACT_VERSION: version,
    }
    return ActiveSpan(name, SpanKind.INTERNAL, attributes, None)


def parent_of(event: Traced | TraceHeaders, inherit_from: Literal["EVENT", "CONTEXT"] = "EVENT") -> Context | None:
    """Return where the span that processes an event belongs: into the trace of the event.

    None is the current one: of an event that has none, or none that can be read.
    """
    if inherit_from == "CONTEXT" or not event.traceparent:
        return None
    headers = {"traceparent": event.traceparent}
    if event.tracestate:
        headers["tracestate"] = event.tracestate
    parent = _propagator.extract(headers)
    return parent if trace.get_current_span(parent).get_span_context().is_valid else None


def current_headers() -> TraceHeaders:
    """Return the headers of the current span, with which an event continues it; none where telemetry is off."""
    return _headers(trace.get_current_span()) if is_on() else TraceHeaders(None, None)


@contextmanager
def continued(headers: TraceHeaders) -> Iterator[None]:
    """Let events that are created inside the `with` block continue a span of elsewhere; of no span, nothing changes."""
    if headers.traceparent is None:
        yield
        return
    carrier = {"traceparent": headers.traceparent}
    if headers.tracestate:
        carrier["tracestate"] = headers.tracestate
    token = otel_context.attach(_propagator.extract(carrier))
    try:
        yield
    finally:
        otel_context.detach(token)


def is_logging() -> bool:
    """Tell whether the innermost of Arvo's own spans takes what is written on it."""
    active = _active.get()
    return active is not None and active.is_recording


def set_attributes(attributes: Attributes) -> None:
    """Add attributes to the innermost of Arvo's own spans."""
    active = _active.get()
    if active is not None and active.is_recording and current().tracing:
        active.span.set_attributes(attributes)


def log(level: LogLevel, message: str, **details: str | bool | int | float) -> None:
    """Write a line of log, with further attributes, on the innermost of Arvo's own spans."""
    active = _active.get()
    if active is None or not active.is_recording:
        return
    here = current()
    if here.tracing:
        moment = here.now().timestamp() * 1000
        line = {"log.severity": level, "log.message": message, "log.timestamp": moment, **details}
        active.span.add_event("log", line)


def record(error: BaseException) -> None:
    """Write an exception on the current span, which it does not fail."""
    if is_on():
        _record(trace.get_current_span(), error)


def _record(span: Span, error: BaseException) -> None:
    if span.is_recording():
        described = {"exception.type": error_name(error), "exception.message": str(error)}
        span.set_attributes(described)
        stack = "".join(format_exception(error))
        span.add_event("exception", {**described, "exception.stacktrace": stack})


def prefixed(attributes: Attributes, prefix: str) -> Attributes:
    """Return attributes with a prefix before each name."""
    return dict(zip(_prefixed_names(prefix, tuple(attributes)), attributes.values(), strict=True))


@lru_cache(64)
def _prefixed_names(prefix: str, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(prefix + name for name in names)


def _is_inside_unrecorded() -> bool:
    active = _active.get()
    return active is not None and not active.is_recording


@lru_cache(4)
def _tracer_of(provider: TracerProvider) -> Tracer:
    return provider.get_tracer("arvo-instrumentation", "1.0.0")


def _headers(span: Span) -> TraceHeaders:
    context = span.get_span_context()
    if not context.is_valid:
        return TraceHeaders(None, None)
    traceparent = _traceparent(context.trace_id, context.span_id, context.trace_flags)
    return TraceHeaders(traceparent, context.trace_state.to_header() if context.trace_state else None)


@lru_cache(64)  # several events continue one span
def _traceparent(trace_id: int, span_id: int, trace_flags: int) -> str:
    return f"00-{trace_id:032x}-{span_id:016x}-{trace_flags:02x}"

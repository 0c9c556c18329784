"""The span around the execution of one event, in the form that Arvo gives it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from opentelemetry.trace import SpanKind

from arvo.errors import ViolationError
from arvo.events import ArvoEvent
from arvo.handling.execution import TelemetryOptions
from arvo.telemetry import (
    CONTRACT_URI,
    OPENINFERENCE_KIND,
    SPAN_KIND,
    ActiveSpan,
    is_on,
    log,
    open_span,
    parent_of,
    prefixed,
)

EXECUTION_STATUS = "arvo.handler.execution.status"
SUBJECT_NAME = "arvo.parsed.subject.orchestrator.name"
SUBJECT_VERSION = "arvo.parsed.subject.orchestrator.version"


@dataclass(frozen=True, slots=True)
class ExecutionKind:
    """What is executing.

    Attributes:
        title: Beginning of the span's name; all of it where there is no contract.
        logic: What people call what executes.
        execution_type: `handler`, `orchestrator` or `resumable`.
        arvo_kind: Arvo's kind of the span.
        span_kind: OpenTelemetry's kind of the span.
        names_event: Whether the name of the span ends with the type of the event.
        shows_status: Whether the span has the status of the orchestration.
    """

    title: str
    logic: str
    execution_type: str
    arvo_kind: str
    span_kind: SpanKind
    names_event: bool = True
    shows_status: bool = False


HANDLER = ExecutionKind("Handler", "handler", "handler", "handler.simple", SpanKind.CONSUMER, names_event=False)
MULTI_HANDLER = replace(HANDLER, title="MutliArvoEventHandler")
"""Its span is spelt so by Arvo."""
ROUTER = replace(HANDLER, title="ArvoEventRouter")
ORCHESTRATOR = ExecutionKind(
    "Orchestrator", "machine", "orchestrator", "handler.orchestrator.statemachine", SpanKind.PRODUCER, shows_status=True
)
RESUMABLE = ExecutionKind("Resumable", "resumable", "resumable", "handler.orchestrator.imperative", SpanKind.PRODUCER)


def open_execution_span(
    kind: ExecutionKind,
    event: ArvoEvent,
    source: str,
    uri: str | None,
    options: TelemetryOptions | None,
    *,
    trigger: str | None = None,
) -> ActiveSpan:
    """The span in which an event is executed, to be entered with `with`; it does nothing where telemetry is off.

    Args:
        kind: What is executing.
        event: The event, whose trace the span continues.
        source: The event type that the executing one accepts.
        uri: The uri of its contract, if it has one.
        options: Where the trace comes from; by default from the event.
        trigger: What the name of the span ends with; by default the type of the event.
    """
    if not is_on():
        return open_span("")
    attributes = {
        **prefixed(event.otel_attributes, "consumable.0."),
        SPAN_KIND: kind.arvo_kind,
        OPENINFERENCE_KIND: "CHAIN",
        "arvo.handler.source": source,
        **({} if uri is None else {CONTRACT_URI: uri}),
        "arvo.handler.execution.type": kind.execution_type,
        EXECUTION_STATUS: "normal",
    }
    name = kind.title if uri is None else f"{kind.title}<{uri}>"
    return open_span(
        f"{name}@<{trigger or event.type}>" if kind.names_event else name,
        kind=kind.span_kind,
        attributes=attributes,
        parent=parent_of(event, "EVENT" if options is None else options["inheritFrom"]),
    )


def note_failure(span: ActiveSpan, error: Exception, message: str | None = None) -> None:
    """Write on the span that the execution has failed, and let it end as an error."""
    span.set_attributes({EXECUTION_STATUS: "failure"})
    span.record(error)
    span.fail(str(error) if message is None else message)


def note_outcome(span: ActiveSpan, events: Sequence[ArvoEvent], error: Exception | None) -> None:
    """Write on the span which events the execution has produced, and what its own code raised."""
    if error is not None:
        note_failure(span, error)
    span.describe_emittables(events)


def note_violation(span: ActiveSpan, error: ViolationError) -> None:
    """Write on the span that the event has been refused, and let it end as an error."""
    note_failure(span, error)
    log("CRITICAL", f"Violation: {error}")

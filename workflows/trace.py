"""The trace of an orchestration: where that belongs which arrives without one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import context as otel_context

from arvo.events import ArvoEvent
from arvo.telemetry import TraceHeaders, is_on, open_span, parent_of


class OrchestrationTrace:
    """The trace of one orchestration: that of its init event, or one of its own where that has none.

    Args:
        init: The init event.
        carried: The trace of its own that an earlier run has begun.

    Attributes:
        headers: The headers of the span that begins it; none where nothing was traced yet.
    """

    def __init__(self, init: ArvoEvent, carried: TraceHeaders) -> None:
        self._init = init
        self.headers = TraceHeaders(init.traceparent, init.tracestate) if parent_of(init) else carried

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Let spans inside the block that have no other parent belong to this trace, where there are spans at all."""
        if not is_on():
            yield
            return
        if self.headers.traceparent is None:
            self._begin()
        token = otel_context.attach(parent_of(self.headers) or otel_context.get_current())
        try:
            yield
        finally:
            otel_context.detach(token)

    def _begin(self) -> None:
        with open_span(f"Orchestration<{self._init.type}>") as span:
            span.describe_event(self._init)
            self.headers = span.headers()

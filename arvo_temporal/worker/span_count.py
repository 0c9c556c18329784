"""How many spans have ended, and how many of them were taken by whoever collects them."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult


class SpanCount(SpanProcessor):
    """Counts the spans that are to be sent, and those that were; spans end on any thread.

    Attributes:
        ended: How many sampled spans have ended.
        sent: How many of them were taken.
    """

    def __init__(self) -> None:
        self.ended = 0
        self.sent = 0
        self._lock = Lock()

    @property
    def lost(self) -> int:
        """How many have not been sent."""
        return self.ended - self.sent

    def on_end(self, span: ReadableSpan) -> None:
        """See the base class."""
        if span.context is not None and span.context.trace_flags.sampled:
            with self._lock:
                self.ended += 1

    def note_sent(self, number: int) -> None:
        """Count spans that were taken."""
        with self._lock:
            self.sent += number


class CountingExporter(SpanExporter):
    """An exporter, with a count of what it has got rid of.

    Args:
        exporter: Who sends.
        count: Where it is counted.
    """

    def __init__(self, exporter: SpanExporter, count: SpanCount) -> None:
        self._exporter = exporter
        self._count = count

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """See the base class."""
        result = self._exporter.export(spans)
        if result is SpanExportResult.SUCCESS:
            self._count.note_sent(len(spans))
        return result

    def shutdown(self) -> None:
        """See the base class."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """See the base class."""
        return self._exporter.force_flush(timeout_millis)

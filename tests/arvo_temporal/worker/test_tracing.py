"""Where the spans of a worker go, by OpenTelemetry's own settings."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from types import SimpleNamespace

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.util._once import Once

from arvo_temporal.worker.exporter_log import OncePerMinute
from arvo_temporal.worker.tracing import TelemetryError, tracing_by_settings
from tests.collector import collector
from workflows.throttle import Throttle

EXPORTER = "opentelemetry.exporter.otlp.proto.grpc.trace_exporter"
HTTP_EXPORTER = "opentelemetry.exporter.otlp.proto.http.trace_exporter"


class KeepingExporter(InMemorySpanExporter):
    """Keeps what it got after its shutdown."""

    has_shut_down = False

    def shutdown(self) -> None:
        self.has_shut_down = True


@pytest.fixture
def no_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process without settings and without a tracer provider."""
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(trace, "_TRACER_PROVIDER_SET_ONCE", Once())
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", None)


@pytest.fixture
def exporter(no_provider: None, monkeypatch: pytest.MonkeyPatch) -> KeepingExporter:
    """The exporter that would send by OTLP."""
    made = KeepingExporter()
    monkeypatch.setitem(sys.modules, EXPORTER, SimpleNamespace(OTLPSpanExporter=lambda: made))
    return made


def work() -> None:
    with trace.get_tracer("test").start_as_current_span("work"):
        pass


@pytest.mark.parametrize("variable", ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"])
async def test_with_an_endpoint_all_spans_are_sent_by_the_end(
    exporter: KeepingExporter, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "http://127.0.0.1:4317")
    async with tracing_by_settings():
        work()
    assert [span.name for span in exporter.get_finished_spans()] == ["work"]
    assert exporter.has_shut_down


async def test_what_was_traced_is_sent_also_when_the_worker_fails(
    exporter: KeepingExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317")
    with suppress(KeyError):
        async with tracing_by_settings():
            work()
            raise KeyError
    assert len(exporter.get_finished_spans()) == 1


@pytest.mark.parametrize(
    ("variable", "given", "name"),
    [
        ("OTEL_SERVICE_NAME", "", "arvo-worker"),
        ("OTEL_SERVICE_NAME", "orders", "orders"),
        ("OTEL_RESOURCE_ATTRIBUTES", "service.name=orders", "orders"),
    ],
)
async def test_the_service_has_the_name_that_the_settings_give(
    exporter: KeepingExporter, monkeypatch: pytest.MonkeyPatch, variable: str, given: str, name: str
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317")
    monkeypatch.setenv(variable, given)
    async with tracing_by_settings():
        work()
    assert [span.resource.attributes["service.name"] for span in exporter.get_finished_spans()] == [name]


async def test_without_an_endpoint_no_provider_is_installed(exporter: KeepingExporter) -> None:
    async with tracing_by_settings():
        work()
    assert exporter.get_finished_spans() == ()
    assert isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


async def test_without_the_exporter_it_says_how_to_get_it(
    exporter: KeepingExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317")
    monkeypatch.setitem(sys.modules, EXPORTER, None)
    with pytest.raises(TelemetryError, match=r"pip install 'arvo-temporal\[otlp\]'"):
        async with tracing_by_settings():
            pass


async def test_http_needs_its_own_exporter_and_says_so(
    exporter: KeepingExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
    monkeypatch.setitem(sys.modules, HTTP_EXPORTER, None)
    with pytest.raises(TelemetryError, match="pip install opentelemetry-exporter-otlp-proto-http"):
        async with tracing_by_settings():
            pass
    monkeypatch.setitem(sys.modules, HTTP_EXPORTER, SimpleNamespace(OTLPSpanExporter=lambda: exporter))
    async with tracing_by_settings():
        work()
    assert len(exporter.get_finished_spans()) == 1


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "grpc, http/protobuf"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "soon", "OTEL_EXPORTER_OTLP_"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "zip", "OTEL_EXPORTER_OTLP_"),
    ],
)
async def test_settings_that_cannot_be_used_are_one_error(
    no_provider: None, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317")
    monkeypatch.setenv(variable, value)
    with pytest.raises(TelemetryError, match=said):
        async with tracing_by_settings():
            pass


@pytest.mark.parametrize(("variable", "value"), [("OTEL_SDK_DISABLED", "true"), ("OTEL_TRACES_EXPORTER", "none")])
async def test_traces_are_switched_off_by_opentelemetrys_own_settings(
    exporter: KeepingExporter, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317")
    monkeypatch.setenv(variable, value)
    async with tracing_by_settings():
        work()
    assert exporter.get_finished_spans() == ()
    assert isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


class StuckExporter(InMemorySpanExporter):
    """Sends to somebody who takes what comes and never answers, until he is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.is_asked = threading.Event()
        self.may_go_on = threading.Event()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.is_asked.set()
        self.may_go_on.wait(60)
        return SpanExportResult.FAILURE


@pytest.fixture
def stuck(exporter: KeepingExporter, monkeypatch: pytest.MonkeyPatch) -> Iterator[StuckExporter]:
    made = StuckExporter()
    monkeypatch.setitem(sys.modules, EXPORTER, SimpleNamespace(OTLPSpanExporter=lambda: made))
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317")
    yield made
    made.may_go_on.set()


async def test_an_endpoint_that_never_answers_delays_the_end_by_seconds_and_blocks_nothing(
    stuck: StuckExporter, caplog: pytest.LogCaptureFixture
) -> None:
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            await asyncio.sleep(0.1)
            beats += 1

    beating = asyncio.create_task(beat())
    async with tracing_by_settings():
        work()
        work()
        beats = 0
    beating.cancel()
    assert not stuck.may_go_on.is_set()
    assert beats >= 5
    assert "2 of 2 spans were not sent: http://127.0.0.1:4317" in caplog.text


async def test_a_cancellation_ends_the_sending_at_once(stuck: StuckExporter) -> None:
    """As a second signal does; the exporter is still stuck when the worker has ended."""

    async def body() -> None:
        async with tracing_by_settings():
            work()

    ending = asyncio.create_task(body())
    await asyncio.to_thread(stuck.is_asked.wait, 30)
    ending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ending


async def test_an_endpoint_that_is_down_loses_spans_and_says_how_many(
    no_provider: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
    async with tracing_by_settings():
        work()
    assert f"1 of 1 spans were not sent: {address}" in caplog.text


async def test_nothing_is_said_where_all_was_sent(
    no_provider: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with collector() as running:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", running.endpoint)
        async with tracing_by_settings():
            work()
    assert [span.name for span in running.spans] == ["work"]
    assert caplog.text == ""


class RefusedExporter(InMemorySpanExporter):
    """Sends to somebody who refuses each batch, and says so each time, as those of OpenTelemetry do."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        logging.getLogger(__name__).error("Failed to export spans: %s", spans[0].name)
        return SpanExportResult.FAILURE


async def test_that_each_batch_is_refused_is_one_line_and_not_one_for_each(
    exporter: KeepingExporter, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, EXPORTER, SimpleNamespace(OTLPSpanExporter=RefusedExporter))
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317")
    monkeypatch.setenv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "1")
    async with tracing_by_settings():
        for _ in range(5):
            work()
    assert [record.getMessage() for record in caplog.records if record.name == __name__] == [
        "Failed to export spans: work"
    ]
    assert "5 of 5 spans were not sent" in caplog.text


def test_after_a_minute_it_is_said_again_with_how_many_were_left_out() -> None:
    now = [0.0]
    let_through = OncePerMinute(Throttle(clock=lambda: now[0])).filter

    def said(level: int = logging.ERROR, code: int = 404) -> str | None:
        record = logging.LogRecord("exporter", level, "", 1, "code %s", (code,), None)
        return record.getMessage() if let_through(record) else None

    assert [said(), said(), said(code=500), said(logging.WARNING)] == ["code 404", None, None, "code 404"]
    now[0] = 61
    assert [said(), said()] == ["code 404 (2 more of this kind since the last line)", None]

"""Where the spans of a worker go, by OpenTelemetry's own settings."""

from __future__ import annotations

import sys
from contextlib import suppress
from types import SimpleNamespace

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.util._once import Once

from arvo_temporal.worker.tracing import TelemetryError, tracing_by_settings

EXPORTER = "opentelemetry.exporter.otlp.proto.grpc.trace_exporter"
VARIABLES = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_SERVICE_NAME")


class KeepingExporter(InMemorySpanExporter):
    """Keeps what it got after its shutdown."""

    has_shut_down = False

    def shutdown(self) -> None:
        self.has_shut_down = True


@pytest.fixture
def exporter(monkeypatch: pytest.MonkeyPatch) -> KeepingExporter:
    """The exporter that would send by OTLP, in a process without settings and without a tracer provider."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(trace, "_TRACER_PROVIDER_SET_ONCE", Once())
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", None)
    made = KeepingExporter()
    monkeypatch.setitem(sys.modules, EXPORTER, SimpleNamespace(OTLPSpanExporter=lambda: made))
    return made


def work() -> None:
    with trace.get_tracer("test").start_as_current_span("work"):
        pass


@pytest.mark.parametrize("variable", ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"])
def test_with_an_endpoint_all_spans_are_sent_by_the_end(
    exporter: KeepingExporter, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "http://127.0.0.1:4317")
    with tracing_by_settings():
        work()
    assert [span.name for span in exporter.get_finished_spans()] == ["work"]
    assert exporter.has_shut_down


def test_what_was_traced_is_sent_also_when_the_worker_fails(
    exporter: KeepingExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317")
    with suppress(KeyError), tracing_by_settings():
        work()
        raise KeyError
    assert len(exporter.get_finished_spans()) == 1


@pytest.mark.parametrize(("given", "name"), [(None, "arvo-worker"), ("orders", "orders")])
def test_the_service_has_the_name_that_the_settings_give(
    exporter: KeepingExporter, monkeypatch: pytest.MonkeyPatch, given: str | None, name: str
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317")
    if given is not None:
        monkeypatch.setenv("OTEL_SERVICE_NAME", given)
    with tracing_by_settings():
        work()
    assert [span.resource.attributes["service.name"] for span in exporter.get_finished_spans()] == [name]


def test_without_an_endpoint_no_provider_is_installed(exporter: KeepingExporter) -> None:
    with tracing_by_settings():
        work()
    assert exporter.get_finished_spans() == ()
    assert isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


def test_without_the_exporter_it_says_how_to_get_it(exporter: KeepingExporter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317")
    monkeypatch.setitem(sys.modules, EXPORTER, None)
    with pytest.raises(TelemetryError, match=r"pip install 'arvo-temporal\[otlp\]'"), tracing_by_settings():
        pass

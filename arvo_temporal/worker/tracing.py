"""Traces of a worker: installs a tracer provider that is safe in workflows, by OpenTelemetry's own settings.

Spans of workflow code would come again with each replay; Temporal's provider keeps those of a replay back, and takes
the ids of spans from the workflow, so that a replay continues the same trace.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from temporalio.contrib.opentelemetry import ReplaySafeTracerProvider, create_tracer_provider

from arvo.errors import ArvoError

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_DEFAULT_SERVICE = "arvo-worker"


class TelemetryError(ArvoError):
    """Traces are asked for and cannot be sent."""

    code = "ARVO324"


def install_tracing(exporter: SpanExporter) -> ReplaySafeTracerProvider:
    """Make `exporter` get the spans of this process, once for each of them, replays or not.

    Returns:
        The tracer provider, which is now the global one; `shutdown` sends what it still has.
    """
    resource = Resource.create({"service.name": os.environ.get("OTEL_SERVICE_NAME", _DEFAULT_SERVICE)})
    provider = create_tracer_provider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return provider


@contextmanager
def tracing_by_settings() -> Iterator[None]:
    """Send spans by OTLP inside the block where `OTEL_EXPORTER_OTLP_ENDPOINT` says where to; else send none.

    Raises:
        TelemetryError: The exporter is not installed.
    """
    if not any(os.environ.get(name) for name in _ENDPOINTS):
        yield
        return
    provider = install_tracing(_otlp_exporter())
    try:
        yield
    finally:
        provider.shutdown()


def _otlp_exporter() -> SpanExporter:
    try:
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    except ImportError as error:
        raise TelemetryError(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, but the OTLP exporter is not installed: install it with "
            "pip install 'arvo-temporal[otlp]', or unset the variable."
        ) from error
    exporter: SpanExporter = OTLPSpanExporter()
    return exporter

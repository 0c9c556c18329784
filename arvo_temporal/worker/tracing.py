"""Traces of a worker: installs a tracer provider that is safe in workflows, by OpenTelemetry's own settings.

Spans of workflow code would come again with each replay; Temporal's provider keeps those of a replay back, and takes
the ids of spans from the workflow, so that a replay continues the same trace.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from threading import Thread

from opentelemetry import trace
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from temporalio.contrib.opentelemetry import ReplaySafeTracerProvider, create_tracer_provider

from arvo.errors import ArvoError
from arvo_temporal.worker.exporter_log import log_once_per_minute
from arvo_temporal.worker.span_count import CountingExporter, SpanCount

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_EXPORTERS = {
    "grpc": ("opentelemetry.exporter.otlp.proto.grpc.trace_exporter", "'arvo-temporal[otlp]'"),
    "http/protobuf": (
        "opentelemetry.exporter.otlp.proto.http.trace_exporter",
        "opentelemetry-exporter-otlp-proto-http",
    ),
}
_DEFAULT_SERVICE = "arvo-worker"
_UNNAMED = "unknown_service"
_SEND_WITHIN = 3.0
"""Seconds that sending the last spans may take at the end."""

_logger = logging.getLogger(__name__)


class TelemetryError(ArvoError):
    """Traces are asked for and cannot be sent."""

    code = "ARVO324"


def install_tracing(exporter: SpanExporter) -> ReplaySafeTracerProvider:
    """Make `exporter` get the spans of this process, once for each of them, replays or not.

    Returns:
        The tracer provider, which is now the global one; `shutdown` sends what it still has.
    """
    provider = create_tracer_provider(resource=_resource(), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return provider


@asynccontextmanager
async def tracing_by_settings() -> AsyncIterator[None]:
    """Send spans by OTLP inside the block where `OTEL_EXPORTER_OTLP_ENDPOINT` says where to; else send none.

    At the end the last spans are sent, for a few seconds at most: a log line says how many were lost. A cancellation
    ends the waiting at once.

    Raises:
        TelemetryError: The exporter is not installed, or its settings cannot be used.
    """
    endpoint = _endpoint()
    if endpoint is None:
        yield
        return
    count, exporter = SpanCount(), _otlp_exporter()
    log_once_per_minute(exporter)
    provider = install_tracing(CountingExporter(exporter, count))
    provider.add_span_processor(count)
    try:
        yield
    finally:
        try:
            await _shut_down(provider)
        finally:
            _tell_of_lost(count, endpoint)


async def _shut_down(provider: ReplaySafeTracerProvider) -> None:
    """Send the last spans, on a thread that is left behind where that takes too long: it holds nobody up."""
    loop, is_over = asyncio.get_running_loop(), asyncio.Event()

    def shut_down() -> None:
        provider.shutdown()
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(is_over.set)

    Thread(target=shut_down, name="arvo-last-spans", daemon=True).start()
    with suppress(TimeoutError):
        async with asyncio.timeout(_SEND_WITHIN):
            await is_over.wait()


def _tell_of_lost(count: SpanCount, endpoint: str) -> None:
    if count.lost:
        _logger.warning(
            "%d of %d spans were not sent: %s has not taken them. See that it is up and speaks OTLP by the protocol "
            "that OTEL_EXPORTER_OTLP_PROTOCOL says.",
            count.lost,
            count.ended,
            endpoint,
        )


def _endpoint() -> str | None:
    """Return where spans go, by the settings; None where none are wanted."""
    if _setting("OTEL_TRACES_EXPORTER") == "none" or (_setting("OTEL_SDK_DISABLED") or "").lower() == "true":
        return None
    return _setting(*_ENDPOINTS)


def _setting(*names: str) -> str | None:
    return next((value for name in names if (value := os.environ.get(name, "").strip())), None)


def _resource() -> Resource:
    """Return what the settings say of this process, with a name for it where they have none."""
    resource = Resource.create()
    if str(resource.attributes.get(SERVICE_NAME, _UNNAMED)).startswith(_UNNAMED):
        return resource.merge(Resource({SERVICE_NAME: _DEFAULT_SERVICE}))
    return resource


def _otlp_exporter() -> SpanExporter:
    protocol = _setting(*_PROTOCOLS) or "grpc"
    if protocol not in _EXPORTERS:
        raise TelemetryError(
            f"OTEL_EXPORTER_OTLP_PROTOCOL is '{protocol}', which is not known here: set it to one of "
            f"{', '.join(_EXPORTERS)}, or unset it for grpc."
        )
    module, package = _EXPORTERS[protocol]
    try:
        exporter: SpanExporter = importlib.import_module(module).OTLPSpanExporter()
    except ImportError as error:
        raise TelemetryError(
            f"OTEL_EXPORTER_OTLP_ENDPOINT is set, but the OTLP exporter for {protocol} is not installed: install it "
            f"with pip install {package}, or unset the variable."
        ) from error
    except Exception as error:
        raise TelemetryError(
            f"The OTLP exporter cannot use its settings ({type(error).__name__}: {error}): correct the variables whose "
            "names begin with OTEL_EXPORTER_OTLP_."
        ) from error
    return exporter

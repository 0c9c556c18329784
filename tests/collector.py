"""A collector of traces as OpenTelemetry's own are: a gRPC server on loopback that takes spans by OTLP."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

_SERVICE = "opentelemetry.proto.collector.trace.v1.TraceService"


@dataclass(frozen=True, slots=True)
class Collected:
    """A span as it came over the wire; ids are in hexadecimal, and empty for no parent."""

    name: str
    kind: str
    trace: str
    id: str
    parent: str
    failed: bool
    message: str
    attributes: dict[str, Any]


@dataclass
class Collector:
    """Where spans go.

    Attributes:
        endpoint: Its address, as `OTEL_EXPORTER_OTLP_ENDPOINT` takes it.
        spans: What has come.
    """

    endpoint: str
    spans: list[Collected] = field(default_factory=list)

    def named(self, name: str) -> list[Collected]:
        """Return the spans of this name."""
        return [span for span in self.spans if span.name == name]


@contextmanager
def collector() -> Iterator[Collector]:
    """Run a collector inside the `with` block."""
    server = grpc.server(ThreadPoolExecutor(max_workers=2))
    port = server.add_insecure_port("127.0.0.1:0")
    collected = Collector(f"http://127.0.0.1:{port}")
    export = grpc.unary_unary_rpc_method_handler(
        lambda request, context: _keep(collected, request),
        request_deserializer=ExportTraceServiceRequest.FromString,
        response_serializer=ExportTraceServiceResponse.SerializeToString,
    )
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(_SERVICE, {"Export": export})])
    server.start()
    try:
        yield collected
    finally:
        server.stop(grace=None).wait()


def _keep(collected: Collector, request: ExportTraceServiceRequest) -> ExportTraceServiceResponse:
    for resource in request.resource_spans:
        for scope in resource.scope_spans:
            collected.spans.extend(map(_read, scope.spans))
    return ExportTraceServiceResponse()


def _read(span: Span) -> Collected:
    return Collected(
        name=span.name,
        kind=Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
        trace=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        failed=span.status.code == Status.STATUS_CODE_ERROR,
        message=span.status.message,
        attributes={item.key: _value(item.value) for item in span.attributes},
    )


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    return None if kind is None else getattr(value, kind)

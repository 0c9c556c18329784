"""The runtime of Temporal's SDK in a worker process: its log, and the endpoint of its metrics."""

from __future__ import annotations

import socket

from temporalio.runtime import LoggingConfig, PrometheusConfig, Runtime, TelemetryConfig

from adapter.plain_text import plain_text
from arvo.errors import ArvoError
from arvo_temporal.metrics import prometheus_config
from arvo_temporal.worker.listen_address import ListenAddress

_TRIES = 5
"""So often a free port is looked for: another process may take it before the SDK does."""
_WORDS = ("Failed starting Prometheus exporter: ", "Invalid Prometheus address: ")


class MetricsEndpointError(ArvoError):
    """The endpoint of the metrics cannot listen at its address."""

    code = "ARVO328"


def use_runtime(log: LoggingConfig, metrics: ListenAddress | None = None) -> str | None:
    """Give the SDK its runtime; call it before anything uses Temporal.

    Args:
        log: How the SDK logs.
        metrics: Where its metrics are served, port 0 for a free one; None for nowhere.

    Returns:
        The URL of the metrics; None without.

    Raises:
        MetricsEndpointError: They cannot be served there.
    """
    if metrics is None:
        _set_default(log, None)
        return None
    for rest in reversed(range(_TRIES if metrics.port == 0 else 1)):
        try:
            address = _bindable(metrics)
            _set_default(log, prometheus_config(str(address)))
        except (OSError, ValueError) as error:
            if not rest:
                raise MetricsEndpointError(
                    f"The metrics cannot be served at {metrics}: {_reason(error)}. Give another address with --metrics "
                    "or ARVO_METRICS; port 0 takes a free one."
                ) from error
        else:
            return f"http://{address}/metrics"
    raise AssertionError("the last try has raised")


def _set_default(log: LoggingConfig, metrics: PrometheusConfig | None) -> None:
    telemetry = TelemetryConfig(logging=log, metrics=metrics, attach_service_name=False)
    Runtime.set_default(Runtime(telemetry=telemetry), error_if_already_set=False)


def _bindable(address: ListenAddress) -> ListenAddress:
    """Return an address as the SDK takes it: with an IP address, and a port, as it does not tell which it has taken."""
    found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    family, kind, protocol, _, place = min(found, key=lambda one: one[0] != socket.AF_INET)  # as the health endpoint
    if address.port:
        return ListenAddress(str(place[0]), address.port)
    with socket.socket(family, kind, protocol) as taken:
        taken.bind(place)
        host, port = taken.getsockname()[:2]
    return ListenAddress(str(host), int(port))


def _reason(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error)
    for words in _WORDS:
        text = text.removeprefix(words)
    return plain_text(text)

"""How metrics leave a process: at an endpoint of the SDK's own runtime, which Prometheus asks."""

from __future__ import annotations

from temporalio.runtime import PrometheusConfig

from workflows.meters import EMISSION_TIME, STATE_TIME, STEP_TIME

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86_400.0
_BUCKETS = {
    STEP_TIME: (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0),
    EMISSION_TIME: (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, _MINUTE, 5 * _MINUTE, _HOUR, _DAY),
    STATE_TIME: (
        *(0.1, 1.0, 10.0, _MINUTE, 5 * _MINUTE, 15 * _MINUTE),
        *(_HOUR, 4 * _HOUR, 12 * _HOUR, _DAY, 3 * _DAY, 7 * _DAY, 30 * _DAY),
    ),
}
"""Upper bounds in seconds: a step within a workflow task, a call of a service with its tries, days of waiting."""


def prometheus_config(bind_address: str) -> PrometheusConfig:
    """Return the configuration of an endpoint at which Prometheus reads the metrics of the SDK and of orchestrations.

    Their names are those of `docs/grafana.json` and `docs/alerts.yml`: times in seconds, with the suffixes that
    Prometheus wants. For a program of your own:
    `Runtime.set_default(Runtime(telemetry=TelemetryConfig(metrics=prometheus_config("127.0.0.1:9464"))))`.

    Args:
        bind_address: IP address and port, such as `127.0.0.1:9464`; of an IPv6 address `[::1]:9464`.
    """
    return PrometheusConfig(
        bind_address=bind_address,
        counters_total_suffix=True,
        unit_suffix=True,
        durations_as_seconds=True,
        histogram_bucket_overrides=_BUCKETS,
    )

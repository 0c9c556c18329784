"""A Temporal runtime that says nothing of large events, where they are meant to be."""

from __future__ import annotations

from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter


def quiet() -> Runtime:
    """Return a runtime that logs errors alone."""
    logging = LoggingConfig(filter=TelemetryFilter(core_level="ERROR", other_level="ERROR"))
    return Runtime(telemetry=TelemetryConfig(logging=logging))

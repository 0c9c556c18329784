"""Whether spans are opened hangs on a private name of OpenTelemetry, `trace._TRACER_PROVIDER`: it has to mean the same.

The public function would answer too, and reads the environment at each call. A provider is installed once per process.
"""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from arvo import create_arvo_event
from arvo.telemetry import is_on

def event():
    return create_arvo_event(type="com.some.thing", source="com.test.app", subject="any", to="com.some.thing", data={})

print(is_on(), event().traceparent)
trace.set_tracer_provider(TracerProvider())
with trace.get_tracer("test").start_as_current_span("a span") as span:
    print(is_on(), f"{span.get_span_context().trace_id:032x}" in event().traceparent)
"""


def test_a_provider_that_is_installed_turns_telemetry_on() -> None:
    assert subprocess.check_output([sys.executable, "-c", PROGRAM], text=True).split("\n")[:2] == [
        "False None",
        "True True",
    ]

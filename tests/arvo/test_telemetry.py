"""Whether spans are opened at all: the program installs a tracer provider, or the environment names one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VARIABLE = "OTEL_PYTHON_TRACER_PROVIDER"
PROGRAM = """
from pydantic import BaseModel
from arvo import create_arvo_event_factory, create_simple_arvo_contract

class Nothing(BaseModel):
    pass

versions = {"1.0.0": {"accepts": Nothing, "emits": Nothing}}
greet = create_simple_arvo_contract(uri="#/greet", type="test.greet", versions=versions)
event = create_arvo_event_factory(greet.version("1.0.0")).accepts(source="com.test", subject="greeting", data={})
print(event.traceparent)
"""


@pytest.mark.parametrize(("named", "traced"), [("sdk_tracer_provider", True), (None, False)])
def test_a_tracer_provider_named_by_the_environment_opens_spans(named: str | None, traced: bool) -> None:
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    environment |= {"PYTHONPATH": str(ROOT)} | ({VARIABLE: named} if named else {})
    run = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-0[13]\n" if traced else r"None\n", run.stdout)

"""Reads the metrics of a worker as Prometheus does."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterable
from typing import NamedTuple

from temporalio.runtime import Runtime, TelemetryConfig

from arvo_temporal import prometheus_config
from arvo_temporal.dev_server.ports import free_port
from tests.polling import PATIENCE

_SAMPLE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


class Sample(NamedTuple):
    """One line of what an endpoint answers."""

    name: str
    labels: dict[str, str]
    value: float


def scrape(url: str) -> list[Sample]:
    """Return all that an endpoint has."""
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
        lines = answer.read().decode().splitlines()
    found = [_SAMPLE.match(line) for line in lines if line and not line.startswith("#")]
    assert all(found), lines
    return [Sample(one[1], dict(_LABEL.findall(one[2] or "")), float(one[3])) for one in found if one]


def total(samples: Iterable[Sample], name: str, **labels: str) -> float:
    """Add up the samples of a name that have these labels."""
    wanted = labels.items()
    return sum(one.value for one in samples if one.name == name and wanted <= one.labels.items())


def metered_runtime() -> tuple[Runtime, str]:
    """Return a runtime whose metrics are those of a worker of this project, and where they are read."""
    address = f"127.0.0.1:{free_port()}"
    runtime = Runtime(telemetry=TelemetryConfig(metrics=prometheus_config(address)))
    return runtime, f"http://{address}/metrics"

"""From the samples of all rounds to figures, ratios and a table."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table

from benchmarks.temporal.measuring import HistoryCost, Sample
from benchmarks.temporal.scenarios import Scenario


@dataclass(frozen=True, slots=True)
class Figures:
    """What one side has come to in one round of a scenario.

    Attributes:
        rate: Orchestrations or events per second.
        p50: Median latency, milliseconds.
        p95: 95th percentile of the latency, milliseconds.
        workflow_tasks: Per orchestration, children included, like the next three.
        history_events: History events.
        history_bytes: Bytes of history.
        event_bytes: JSON bytes of the ArvoEvents consumed and produced.
        cpu: CPU seconds of the worker.
        client_cpu: CPU seconds of the sender.
        server_cpu: CPU seconds of the server.
        memory: Peak memory of the worker, MB.
    """

    rate: float
    p50: float
    p95: float
    workflow_tasks: float
    history_events: float
    history_bytes: float
    event_bytes: float
    cpu: float
    client_cpu: float
    server_cpu: float
    memory: float


ROWS = {
    "rate": "{unit} per second",
    "p50": "latency p50, ms",
    "p95": "latency p95, ms",
    "workflow_tasks": "workflow tasks",
    "history_events": "history events",
    "history_bytes": "history bytes",
    "cpu": "worker CPU, s",
    "client_cpu": "sender CPU, s",
    "server_cpu": "server CPU, s",
    "memory": "worker peak memory, MB",
}


def figures(sample: Sample) -> Figures:
    """Return the figures of one round."""
    cost = HistoryCost.median(sample.histories)
    return Figures(
        rate=sample.done / sample.seconds,
        p50=_percentile(sample, 50),
        p95=_percentile(sample, 95),
        workflow_tasks=cost.workflow_tasks,
        history_events=cost.events,
        history_bytes=cost.size,
        event_bytes=cost.event_json,
        cpu=sample.cpu,
        client_cpu=sample.client_cpu,
        server_cpu=sample.server_cpu,
        memory=sample.memory,
    )


def _percentile(sample: Sample, percent: int) -> float:
    return statistics.quantiles(sample.latencies, n=100, method="inclusive")[percent - 1] * 1000


class Comparison:
    """Both sides of a scenario, round by round.

    Args:
        scenario: The scenario.
        a: Samples of the adapter, one for each round.
        b: Samples of what is written by hand, of the same rounds.
    """

    def __init__(self, scenario: Scenario, a: Sequence[Sample], b: Sequence[Sample]) -> None:
        self._scenario = scenario
        self._rounds = [(figures(one), figures(other)) for one, other in zip(a, b, strict=True)]

    def medians(self, side: int) -> Figures:
        """Return the medians of one side, 0 or 1, over the rounds."""
        rounds = [asdict(pair[side]) for pair in self._rounds]
        return Figures(**{name: statistics.median(figures[name] for figures in rounds) for name in rounds[0]})

    def ratios(self) -> dict[str, float]:
        """Return A/B of each figure: the median over the rounds, in each of which both sides ran back to back."""
        return {
            name: statistics.median(_ratio(getattr(a, name), getattr(b, name)) for a, b in self._rounds)
            for name in ROWS
        }

    def bytes_per_event_byte(self) -> float:
        """Return the bytes of history of side A for each JSON byte of its ArvoEvents."""
        a = self.medians(0)
        return a.history_bytes / a.event_bytes

    def asks(self) -> list[dict[str, Any]]:
        """Return what is asked and whether it is met."""
        ratios = self.ratios()
        asked = [
            _judge(f"{self._row(name)}, A/B", sign, limit, ratios[name])
            for name, (sign, limit) in self._scenario.asked.items()
        ]
        most = self._scenario.bytes_asked
        if most is None:
            return asked
        what = "history bytes of A / JSON bytes of its events"
        return [*asked, _judge(what, "<=", most, self.bytes_per_event_byte())]

    def table(self) -> Table:
        """Return the table of the scenario."""
        shown = Table(title=f"{self._scenario.name}: {self._scenario.title}", title_justify="left", title_style="bold")
        shown.add_column("", no_wrap=True)
        for column in ("A adapter", "B by hand", "A/B"):
            shown.add_column(column, justify="right")
        a, b = self.medians(0), self.medians(1)
        for name, ratio in self.ratios().items():
            shown.add_row(self._row(name), _number(getattr(a, name)), _number(getattr(b, name)), f"{ratio:.2f}")
        return shown

    def to_json(self) -> dict[str, Any]:
        """Return everything as JSON."""
        return {
            "A": asdict(self.medians(0)),
            "B": asdict(self.medians(1)),
            "A/B": self.ratios(),
            "asks": self.asks(),
            "rounds": [{"A": asdict(a), "B": asdict(b)} for a, b in self._rounds],
        }

    def _row(self, name: str) -> str:
        return ROWS[name].format(unit=self._scenario.unit)


def asks_table(results: Mapping[str, Comparison]) -> Table:
    """Return the table of everything that is asked."""
    shown = Table(title="Asked", title_justify="left", title_style="bold")
    for column in ("scenario", "what", "asked", "measured", ""):
        shown.add_column(column)
    for name, comparison in results.items():
        for ask in comparison.asks():
            verdict = "met" if ask["met"] else "[bold red]not met"
            shown.add_row(name, ask["what"], f"{ask['sign']} {ask['limit']:g}", f"{ask['value']:.2f}", verdict)
    return shown


def _judge(what: str, sign: str, limit: float, value: float) -> dict[str, Any]:
    value = round(value, 2)
    met = value >= limit if sign == ">=" else value <= limit
    return {"what": what, "sign": sign, "limit": limit, "value": value, "met": met}


def _ratio(a: float, b: float) -> float:
    return a / b if b else 1.0


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"

"""What is counted from 0 on: Prometheus does not see the first one of a counter that begins at 1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import pytest
from temporalio.common import MetricCounter, MetricHistogramFloat, MetricMeter

from adapter.ledger import Fate
from adapter.troubles import TroubleKind
from arvo_temporal import ArvoApp
from tests import resumables
from tests.errands import COURIER, errands
from tests.metered import metered_app
from workflows.meters import EMISSIONS, EVENTS, TROUBLE_BEGUN, TROUBLE_ENDED, begin_at_zero

NOBODY: Mapping[str, Any] = {}


class Counted(MetricMeter):
    """A meter that remembers what was counted, with all labels."""

    def __init__(self, labels: Mapping[str, Any] = NOBODY, found: list[tuple[str, int, dict[str, Any]]] | None = None):
        self.labels = labels
        self.found = [] if found is None else found
        self.measured: list[tuple[str, float, dict[str, Any]]] = []

    def create_counter(self, name: str, description: str | None = None, unit: str | None = None) -> MetricCounter:
        return _Counter(name, self)

    def with_additional_attributes(self, additional_attributes: Mapping[str, Any]) -> MetricMeter:
        return Counted({**self.labels, **additional_attributes}, self.found)

    def _never(self, name: str, description: str | None = None, unit: str | None = None) -> Any:
        raise AssertionError(f"{name} has no beginning")

    def create_histogram_float(
        self, name: str, description: str | None = None, unit: str | None = None
    ) -> MetricHistogramFloat:
        return _Histogram(name, self)

    create_histogram = create_histogram_timedelta = _never
    create_gauge = create_gauge_float = create_up_down_counter = _never


class _Instrument:
    description = unit = property(lambda self: None)

    def __init__(self, name: str, meter: Counted) -> None:
        self._name, self._meter = name, meter

    @property
    def name(self) -> str:
        return self._name

    def labels(self, more: Mapping[str, Any] | None) -> dict[str, Any]:
        return {**self._meter.labels, **(more or {})}

    def with_additional_attributes(self, additional_attributes: Mapping[str, Any]) -> Self:
        raise AssertionError("not used")


class _Counter(_Instrument, MetricCounter):
    def add(self, value: int, additional_attributes: Mapping[str, Any] | None = None) -> None:
        self._meter.found.append((self._name, value, self.labels(additional_attributes)))


class _Histogram(_Instrument, MetricHistogramFloat):
    def record(self, value: float, additional_attributes: Mapping[str, Any] | None = None) -> None:
        self._meter.measured.append((self._name, value, self.labels(additional_attributes)))


def begun(app: ArvoApp) -> list[tuple[str, int, dict[str, Any]]]:
    meter = Counted()
    begin_at_zero(meter, app)
    return meter.found


def ways(app: ArvoApp, orchestrator: str) -> set[tuple[str, str]]:
    """Return the ways of failed emissions that are counted, with who takes them there."""
    of_it = [labels for name, _, labels in begun(app) if name == EMISSIONS and labels["orchestrator"] == orchestrator]
    assert {labels["outcome"] for labels in of_it} == {"failed"}
    assert {labels["version"] for labels in of_it} == {"1.0.0"}
    return {(labels["route"], labels["to"]) for labels in of_it}


def test_all_of_it_begins_at_zero_with_the_labels_of_its_orchestrator() -> None:
    app = metered_app()
    found = begun(app)
    assert {value for _, value, _ in found} == {0}
    for name in app.orchestrators:
        own = [(counter, labels) for counter, _, labels in found if labels["orchestrator"] == name]
        assert {labels["workflow_type"] for _, labels in own} == {name}
        assert [labels["fate"] for counter, labels in own if counter == EVENTS] == [fate.value for fate in Fate]
        for counter in (TROUBLE_BEGUN, TROUBLE_ENDED):
            assert [labels["kind"] for one, labels in own if one == counter] == [kind.value for kind in TroubleKind]


def test_a_failed_emission_begins_at_zero_for_each_way_to_a_service() -> None:
    publishers = {("publisher", "delphi"), ("publisher", ""), ("nowhere", "")}
    nested = {("child", "arvo.orc.counter"), ("orchestration", "arvo.orc.counter")}
    asker = {("child", "arvo.orc.supervisor"), ("orchestration", "arvo.orc.supervisor")}
    assert ways(metered_app(), "arvo.orc.asker") == {*publishers, ("handler", "com.oracle.ask")}
    assert ways(metered_app(), "arvo.orc.supervisor") == publishers | nested
    assert ways(metered_app(), "arvo.orc.counter") == publishers | asker


@pytest.mark.parametrize("kind", ["machine", "resumable"])
def test_those_of_resumables_begin_at_zero_as_those_of_machines(kind: resumables.Kind) -> None:
    name = "arvo.orc.supervisor"
    app = ArvoApp(orchestrators=[resumables.orchestrator_of(type_, kind) for type_ in (name, "arvo.orc.counter")])
    assert ways(app, name) == {("nowhere", ""), ("child", "arvo.orc.counter"), ("orchestration", "arvo.orc.counter")}


@pytest.mark.parametrize("queues", [{}, {COURIER: "far"}])
def test_a_service_of_another_app_is_one_too(queues: dict[str, str]) -> None:
    app = ArvoApp(orchestrators=[errands()], task_queues=queues)
    assert (("handler", COURIER) in ways(app, "arvo.orc.errand")) is bool(queues)


def test_there_are_as_many_as_there_are_names() -> None:
    """Two services more are a few series more of each orchestrator, not a product of all names."""
    found = begun(metered_app())
    assert len(found) == len({(name, tuple(sorted(labels.items()))) for name, _, labels in found}) < 100

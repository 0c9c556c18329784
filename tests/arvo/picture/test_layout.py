"""Nothing overlaps, sticks out or misses its box: in machines of the examples, of the vectors, and of chance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from arvo.picture import draw
from arvo.picture.charting import chart_of
from arvo.picture.layout import Layout, layout_of
from arvo.picture.source import source_of
from arvo.statechart import DefinitionError
from examples.number_modifier.machines import decrement_machine, increment_machine, modifier_machine
from examples.orders.order import order_machine
from examples.orders.shipment import shipment_machine
from tests.arvo.picture.geometry import violations
from tests.arvo.picture.machines import FETCH, LONG_NAMES, NARROW, PLAYER, SCRIPTS, TRAFFIC_LIGHT, chain, nest, wizard
from tests.arvo.picture.reading import drawn
from tests.conformance.folders import vector_folder
from tests.conformance.random_machines import RandomMachine
from tests.conformance.statechart import read_cases

EXAMPLES = {
    "order": order_machine,
    "shipment": shipment_machine,
    "modifier": modifier_machine,
    "increment": increment_machine,
    "decrement": decrement_machine,
    "traffic light": TRAFFIC_LIGHT,
    "player": PLAYER,
    "fetch": FETCH,
    "long names": LONG_NAMES,
    "other scripts": SCRIPTS,
    "titles broader than what they hold": NARROW,
    "wizard": wizard(),
    "nest": nest(),
    "200 states": chain(200),
}
SEEDS = range(1_000, 1_015)


def wrong(machine: Any) -> list[str]:
    """Return what is wrong with the drawing of a machine, by its layout and by its SVG."""
    chart = chart_of(source_of(machine))
    layout = layout_of(chart)
    return [*violations(chart, layout), *violations(chart, drawn(draw(machine, font=False), layout))]


def configs(file: str) -> Iterator[tuple[str, Any]]:
    """Yield name and config of each machine of a file of vectors that is a machine."""
    for case in read_cases(vector_folder("statechart") / file):
        try:
            source_of(case["config"])
        except DefinitionError:
            continue
        yield case["name"], case["config"]


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_is_drawn_without_a_flaw(name: str) -> None:
    assert wrong(EXAMPLES[name]) == []


@pytest.mark.parametrize("file", sorted(path.name for path in vector_folder("statechart").glob("*.jsonl")))
def test_every_machine_of_the_vectors_is_drawn_without_a_flaw(file: str) -> None:
    found = {name: flaws for name, config in configs(file) if (flaws := wrong(config))}
    assert found == {}


def test_at_least_300_machines_of_the_vectors_are_drawn() -> None:
    files = vector_folder("statechart").glob("*.jsonl")
    assert sum(1 for path in files for _ in configs(path.name)) > 600


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_machine_is_drawn_without_a_flaw(seed: int) -> None:
    assert wrong(RandomMachine(seed).case()["config"]) == []


def moved(layout: Layout, state: str, x: float, y: float) -> Layout:
    box = layout.boxes[state]
    return replace(layout, boxes={**layout.boxes, state: replace(box, x=box.x + x, y=box.y + y)})


@pytest.mark.parametrize(
    ("state", "x", "y", "flaw"),
    [
        ("order.fulfilled", 0, -180, "order.shipping and order.fulfilled overlap"),
        ("order.securing.stock", -60, 0, "order.securing.stock is not within order.securing"),
        ("order.rejected", 0, 9, "states.undoing.always does not end at the border of order.rejected"),
        ("order", 0, 40, "order is outside the picture"),
        ("order.fulfilled", 0, -60, "the label of states.shipping.always is on the title of order.fulfilled"),
    ],
)
def test_a_flaw_is_found(state: str, x: float, y: float, flaw: str) -> None:
    chart = chart_of(source_of(order_machine))
    assert flaw in violations(chart, moved(layout_of(chart), state, x, y))

"""Whatever JSON is given as a config: it is drawn without a flaw, or refused as a definition."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arvo.picture import draw
from arvo.picture.charting import chart_of
from arvo.picture.layout import layout_of
from arvo.picture.source import config_source
from arvo.statechart import DefinitionError
from tests.arvo.picture.geometry import violations
from tests.conformance.random_machines import RandomMachine

NAMES = st.sampled_from(["a", "b", ".a", "#m", "1", "", "<é&\"'>", "订单", "x.y", "*", "line\nbreak", "\x00"])
TYPES = st.sampled_from(["parallel", "final", "history", "atomic", "compound"])
KEYS = st.sampled_from(
    ["initial", "states", "on", "after", "always", "onDone", "entry", "exit", "invoke", "src", "target", "guard"]
) | st.sampled_from(
    ["actions", "reenter", "tags", "description", "history", "type", "id", "params", "context", "output", "meta"]
)
PLAIN = st.none() | st.booleans() | st.integers(-5, 5_000) | st.floats() | NAMES | TYPES | st.text(max_size=5)
JSON = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | NAMES, inner, max_size=3), max_leaves=6
)
CHANGES = st.lists(st.tuples(st.integers(0, 10_000), st.booleans(), KEYS | NAMES, JSON), max_size=3)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 5_000), CHANGES)
def test_a_machine_with_anything_changed_is_drawn_or_refused(
    seed: int, changes: list[tuple[int, bool, str, Any]]
) -> None:
    config = RandomMachine(seed).case()["config"]
    for position, replaces, key, value in changes:
        places = list(_places(config))
        holder, old = places[position % len(places)]
        if replaces:
            holder[old] = value
        elif isinstance(holder, dict):
            holder[key] = value
    _check(config)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(JSON)
def test_any_json_is_drawn_or_refused(config: Any) -> None:
    _check(config)


def _check(config: Any) -> None:
    try:
        source = config_source(config)
    except DefinitionError:
        return
    chart = chart_of(source)
    assert violations(chart, layout_of(chart)) == []
    draw(config, font=False, notes=True)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place in a config where another value could stand."""
    pairs = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    for key, inner in pairs:
        yield value, key
        if isinstance(inner, dict | list):
            yield from _places(inner)

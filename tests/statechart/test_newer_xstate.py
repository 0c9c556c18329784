"""Where XState changed after 5.24.0, the engine answers as 5.24.0; the table in docs/statechart.md says so."""

from __future__ import annotations

from typing import Any

import pytest

from arvo.statechart import DefinitionError, DefinitionWarning, assign, create_machine, initial_transition, transition


def value_after(config: dict[str, Any], event: str) -> Any:
    machine = create_machine(config)
    return transition(machine, initial_transition(machine)[0], {"type": event})[0].value


@pytest.mark.parametrize("exact", [{"guard": lambda: False, "target": "b"}, []])
def test_wildcards_are_not_tried_after_an_exact_descriptor(exact: Any) -> None:
    states = {"a": {"on": {"foo.bar": exact, "foo.*": "c"}}, "b": {}, "c": {}}
    assert value_after({"initial": "a", "states": states}, "foo.bar") == "a"
    assert value_after({"initial": "a", "states": states}, "foo.baz") == "c"


def test_history_of_a_parallel_state_that_was_never_visited_leads_nowhere() -> None:
    region = {"initial": "x", "states": {"x": {}}}
    on = {"type": "parallel", "states": {"r": region, "h": {"type": "history"}}}
    with pytest.warns(DefinitionWarning, match="before the first visit"):
        value = value_after({"initial": "off", "states": {"off": {"on": {"GO": "on.h"}}, "on": on}}, "GO")
    assert value == "off"


def test_an_error_at_the_start_is_raised() -> None:
    def fail() -> dict[str, Any]:
        raise ValueError("boom")

    with pytest.raises(ValueError, match="boom"):
        initial_transition(create_machine({"entry": assign(fail)}))


def test_a_route_is_refused_with_a_cure() -> None:
    with pytest.raises(DefinitionError, match=r"states\.a\.route(.|\n)*write a transition in 'on'"):
        create_machine({"initial": "a", "states": {"a": {"id": "a", "route": {}}}})

"""Which states a machine can ever be in: what whoever waits for one is told before it waits."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arvo.statechart import create_machine, initial_transition, matches

MACHINE = create_machine(
    {
        "id": "m",
        "type": "parallel",
        "states": {
            "pay.ment": {
                "initial": "pending",
                "states": {
                    "pending": {},
                    "v1.0": {"initial": "in", "states": {"in": {}}},
                    "last": {"type": "history"},
                },
            },
            "stock": {},
        },
    }
)


@pytest.mark.parametrize(
    "value",
    [
        *("stock", "pay.ment", "pay.ment.pending", r"pay\.ment.v1\.0.in", "pay.ment.v1.0.in"),
        *(
            {},
            {"stock": {}},
            {"pay.ment": "pending"},
            {"pay.ment": {}},
            {"pay.ment": {"v1.0": "in"}},
            {"pay.ment": "v1.0.in", "stock": {}},
        ),
    ],
)
def test_states_that_there_are(value: Any) -> None:
    assert MACHINE.has_states(value)


@pytest.mark.parametrize(
    "value",
    [
        *("", "m", "pending", "stock.pending", "pay", "pay.ment.", {"pay": "ment"}, {"stock": "x"}, None, 3, ["stock"]),
        *("pay.ment.last", {"pay.ment": "last"}, {"pay.ment": {"last": {}}}),
    ],
)
def test_states_that_there_are_not(value: Any) -> None:
    assert not MACHINE.has_states(value)


@pytest.mark.parametrize(
    "value",
    [{"pay.ment": {"v1.0": {}}}, {"pay.ment": {"pending": {}}}, {"pay.ment": {"v1.0": "in", "pending": {}}}],
)
def test_a_value_that_its_states_never_have_is_none(value: Any) -> None:
    """A leaf is a text in the value of its parent, which has one of its states at a time."""
    assert not MACHINE.has_states(value)


PARTS = st.recursive(
    st.sampled_from(["pay.ment", "stock", "pending", "v1.0", "in", "pay.ment.v1.0", "last", ""]),
    lambda inner: st.dictionaries(st.sampled_from(["pay.ment", "stock", "pending", "v1.0", "in", "last"]), inner),
)


@given(PARTS)
def test_it_has_what_it_can_match_and_nothing_else(value: Any) -> None:
    values = [{"pay.ment": inner, "stock": {}} for inner in ("pending", {"v1.0": "in"})]
    assert MACHINE.has_states(value) == any(matches(value, each) for each in values)


def test_what_it_is_in_it_has() -> None:
    snapshot, _ = initial_transition(MACHINE)
    for value in ("stock", "pay.ment.pending", {"pay.ment": "pending"}, snapshot.value):
        assert matches(value, snapshot.value)
        assert MACHINE.has_states(value)


def test_the_tags_of_a_state_value_are_those_of_its_states() -> None:
    machine = create_machine(
        {
            "id": "t",
            "initial": "a",
            "states": {"a": {"tags": ["outer"], "initial": "b", "states": {"b": {"tags": "inner"}, "c": {}}}},
        }
    )
    assert machine.tags({"a": "b"}) == machine.tags(initial_transition(machine)[0]) == {"outer", "inner"}
    assert machine.tags({"a": "c"}) == {"outer"}

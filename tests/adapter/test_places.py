"""Places that somebody waits for: what is one, which a machine has, and when it is there."""

from __future__ import annotations

from typing import Any

import pytest

from adapter.places import LONGEST_WHERE_TIME_IS_SKIPPED, Place
from arvo import ExecutionViolation, setup_arvo_machine
from tests.apps import counter_contract
from tests.stages import stages_machine


@pytest.mark.parametrize(
    ("state", "tag"),
    [
        *((state, None) for state in (3, ["first"], {"a": None}, {"a": 3}, {1: "a"}, object(), float("nan"), "\ud800")),
        *(({"a": {"b": {"c"}}}, None), ({"\udfff": "a"}, None), ({"a": "\udfff"}, None)),
        *((None, tag) for tag in (3, ["busy"], {"busy"}, b"busy", "\ud800")),
    ],
)
def test_what_is_no_place_is_refused_before_anybody_is_asked(state: Any, tag: Any) -> None:
    with pytest.raises(ExecutionViolation, match=r"A state is a path|A tag is a text"):
        Place.of(state, tag)


@pytest.mark.parametrize("state", ["a", "a.b", "", "\U0001f600", {"a": "b"}, {"a": {"b": {}}}, {}])
def test_a_state_is_a_path_or_a_value(state: Any) -> None:
    assert Place.of(state, None) == Place(state)
    assert Place.of(None, "busy") == Place(tag="busy")


@pytest.mark.parametrize("place", [Place("first"), Place({"second": {"left": "one"}}), Place(tag="busy"), Place("")])
def test_a_place_is_asked_for_as_it_is_read(place: Place) -> None:
    assert Place.read(place.to_json(30)) == (place, 30)
    assert Place.read(place.to_json(10**9)) == (place, 120)
    assert Place.read(place.to_json(1, skips_time=True)) == (place, LONGEST_WHERE_TIME_IS_SKIPPED)


@pytest.mark.parametrize(
    "wanted",
    [{"tag": "busy", "seconds": -1}, {"tag": "x", "seconds": 1, "skipsTime": False}, {"seconds": 1}, {"state": "x"}],
)
def test_another_argument_is_refused(wanted: Any) -> None:
    with pytest.raises(ExecutionViolation, match="takes"):
        Place.read(wanted)


@pytest.mark.parametrize(
    ("place", "value", "is_there"),
    [
        (Place("second"), {"second": {"left": "one", "right": "only"}}, True),
        (Place("second.left.one"), {"second": {"left": "one", "right": "only"}}, True),
        (Place("second.left.two"), {"second": {"left": "one", "right": "only"}}, False),
        (Place("sec"), {"second": {"left": "one", "right": "only"}}, False),
        (Place({"second": {"left": "one", "right": "only"}}), {"second": {"right": "only", "left": "one"}}, True),
        (Place(tag="busy"), {"second": {"left": "one", "right": "only"}}, True),
        (Place(tag="late"), {"second": {"left": "one", "right": "only"}}, False),
        (Place(tag="early"), "first", True),
    ],
)
def test_a_place_is_there_when_its_state_is_active(place: Place, value: Any, is_there: bool) -> None:
    assert place.is_reached(stages_machine, {"value": value}) is is_there


@pytest.mark.parametrize("place", [Place("first"), Place(tag="early")])
@pytest.mark.parametrize("record", [None, {}, {"status": "active"}])
def test_nothing_is_there_without_a_value(place: Place, record: Any) -> None:
    assert not place.is_reached(stages_machine, record)


def test_without_its_machine_no_tag_is_there() -> None:
    assert not Place(tag="early").is_reached(None, {"value": "first"})
    assert Place("first").is_reached(None, {"value": "first"})


@pytest.mark.parametrize("place", [Place("second.left.two"), Place({"second": {}}), Place(tag="settled")])
def test_what_the_machine_has_is_not_refused(place: Place) -> None:
    place.check(stages_machine)


@pytest.mark.parametrize(
    ("place", "message"),
    [
        (Place("stages"), "has not the state 'stages'"),
        (Place({"second": {"left": "only"}}), r"has not the state '{\"second\": {\"left\": \"only\"}}'"),
        (Place("kep"), "The machine 'stages' 1.0.0 has not the state 'kep'. .* Is 'kept' meant"),
        (Place(tag="first"), "has not the tag 'first'. It has busy, early, late, settled"),
    ],
)
def test_what_the_machine_has_not_is_refused_with_what_it_has(place: Place, message: str) -> None:
    with pytest.raises(ExecutionViolation, match=message):
        place.check(stages_machine)


def test_of_many_states_some_are_told() -> None:
    setup = setup_arvo_machine(contracts={"self": counter_contract.version("1.0.0"), "services": {}})
    machine = setup.create_machine(
        {"id": "many", "initial": "s0", "states": {f"s{number}": {} for number in range(30)}, "output": lambda: {}}
    )
    with pytest.raises(ExecutionViolation, match=r"It has s0, .*, s19 and more\."):
        Place("lost").check(machine)

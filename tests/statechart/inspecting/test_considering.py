"""What a machine considers when an event comes: the order of candidates, and what is not known."""

from __future__ import annotations

from typing import Any

import pytest

from arvo.statechart import LoopError, create_machine, initial_transition, transition
from arvo.statechart.inspecting import UndecidedError, consider
from tests.conformance.random_machines import RandomMachine
from tests.conformance.statechart import Player


class Unknown:
    """An event of which only the type is known."""

    def __init__(self, type_: str) -> None:
        self.type = type_

    @property
    def data(self) -> Any:
        raise UndecidedError


def asked(on: Any, event: Any, **outer: Any) -> Any:
    machine = create_machine(
        {"context": {"n": 1}, "initial": "a", "states": {"a": {"on": {"GO": on}}, "b": {}}, "on": outer},
        guards={
            "reads": lambda event: event.data["x"],
            "big": lambda context: context["n"] > 0,
            "small": lambda context: context["n"] < 0,
            "raises": lambda: bool(1 / 0),
        },
    )
    return consider(initial_transition(machine)[0], event)


READS, ELSE = {"guard": "reads", "target": "b"}, {"target": "b"}


@pytest.mark.parametrize(
    ("on", "outer", "verdicts", "accepts"),
    [
        ([READS, ELSE], {}, ["undecided", "passes"], True),
        ([READS], {}, ["undecided"], None),
        ([READS], {"GO": {"target": ".b"}}, ["undecided", "passes"], True),
        ([READS, {}], {}, ["undecided", "passes"], None),
        ([{"guard": "small", "target": "b"}, READS], {}, ["fails", "undecided"], None),
        ([{"guard": "big", "target": "b"}, READS], {}, ["passes", "not asked"], True),
        ([{"guard": "small", "target": "b"}], {}, ["fails"], False),
        ([{}], {"GO": {"target": ".b"}}, ["passes"], False),
        ([], {}, [], False),
    ],
)
def test_what_is_not_known_is_undecided(on: Any, outer: Any, verdicts: list[str], accepts: bool | None) -> None:
    found = asked(on, Unknown("GO"), **outer)
    assert [one.verdict for one in found.candidates] == verdicts
    assert found.accepts is accepts


def test_a_guard_that_raises_is_told() -> None:
    found = asked([{"guard": "raises", "target": "b"}, ELSE], {"type": "GO"})
    assert [one.verdict for one in found.candidates] == ["raises", "not asked"]
    assert found.raised == "ZeroDivisionError: division by zero"


RAISES = {"guard": "raises", "target": "b"}


@pytest.mark.parametrize(
    ("on", "outer"),
    [([READS, RAISES], {}), ([{"guard": "reads"}, RAISES], {}), ([READS], {"GO": RAISES | {"target": ".b"}})],
)
def test_behind_one_that_is_undecided_a_guard_may_raise_or_not_be_asked(on: Any, outer: Any) -> None:
    found = asked(on, Unknown("GO"), **outer)
    assert [one.verdict for one in found.candidates] == ["undecided", "raises"]
    assert (found.accepts, found.raised) == (None, None)


@pytest.mark.parametrize(("first", "raised"), [("raises", "ZeroDivisionError: division by zero"), ("reads", None)])
def test_in_each_region_a_guard_may_raise(first: str, raised: str | None) -> None:
    def region(*guards: str) -> Any:
        return {
            "initial": "a",
            "states": {"a": {"on": {"GO": [{"guard": one, "target": "b"} for one in guards]}}, "b": {}},
        }

    machine = create_machine(
        {"type": "parallel", "states": {"one": region("yes"), "two": region(first, "raises")}},
        guards={"reads": lambda event: event.data["x"], "yes": lambda: True, "raises": lambda: bool(1 / 0)},
    )
    found = consider(initial_transition(machine)[0], Unknown("GO"))
    assert found.raised == raised
    assert raised or found.accepts is None


def test_regions_are_asked_one_by_one() -> None:
    def region(guard: str) -> Any:
        return {"initial": "a", "states": {"a": {"on": {"GO": {"guard": guard, "target": "b"}}}, "b": {}}}

    machine = create_machine(
        {"type": "parallel", "states": {"one": region("reads"), "two": region("no")}, "on": {"GO": {"actions": "act"}}},
        guards={"reads": lambda event: event.data["x"], "no": lambda: False},
        actions={"act": lambda: None},
    )
    found = consider(initial_transition(machine)[0], Unknown("GO"))
    assert [one.verdict for one in found.candidates] == ["undecided", "fails", "passes"]
    assert found.accepts is True


@pytest.mark.parametrize("seed", range(60))
def test_of_a_known_event_it_says_what_the_machine_does(seed: int) -> None:
    case = RandomMachine(seed).case()
    machine = Player(case, live=True).machine
    try:
        snapshot, _ = initial_transition(machine)
        for step in case["steps"][1:]:
            if snapshot.status == "active":
                assert consider(snapshot, step["event"]).accepts is snapshot.can(step["event"])
            snapshot, _ = transition(machine, snapshot, step["event"])
    except LoopError:
        return

"""Since when an orchestration is where it stands, and its last steps."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from arvo.statechart import StateValue
from arvo.statechart.inspecting import active_names
from tests.apps import counted, start_count
from workflows.chronicle import CarriedChronicle, Chronicle

VALUES: st.SearchStrategy[StateValue] = st.recursive(
    st.sampled_from("abc"), lambda inner: st.dictionaries(st.sampled_from("abc"), inner, min_size=1), max_leaves=6
)
EVENT = counted(start_count(goal=1).subject)


def note(chronicle: Chronicle, number: int, value: Any, events: int = 0) -> dict[str, float]:
    return chronicle.note(number, f"evt.no{number}", value, [EVENT] * events, fate="applied", time=float(number))


def test_what_is_left_is_told_with_its_time_and_what_stays_is_not() -> None:
    chronicle = Chronicle()
    assert note(chronicle, 1, {"paying": "card"}) == {}
    assert note(chronicle, 2, {"paying": "card"}) == {}
    assert note(chronicle, 4, {"paying": "bank"}) == {"paying.card": 3.0}
    later = Chronicle(CarriedChronicle.model_validate_json(chronicle.carry().model_dump_json()), {"paying": "bank"})
    assert note(later, 9, "paid") == {"paying": 8.0, "paying.bank": 5.0}
    assert note(later, 8, "over") == {"paid": 0.0}, "a clock that goes back gives no negative time"
    assert note(later, 9, None) == {"over": 1.0}
    assert note(later, 10, None) == {}


@given(values=st.lists(VALUES, min_size=1, max_size=12))
def test_times_in_states_add_up_whatever_the_way(values: list[StateValue]) -> None:
    chronicle, spent, expected = Chronicle(), Counter[str](), Counter[str]()
    for number, value in enumerate((*values, None)):
        spent.update({path: round(seconds) for path, seconds in note(chronicle, number, value).items()})
    for value in values:
        expected.update(active_names(value))
    assert spent == expected


def test_a_state_counts_from_the_step_that_entered_it() -> None:
    chronicle = Chronicle()
    note(chronicle, 1, {"a": "x", "b": "y"})
    note(chronicle, 2, {"a": "x", "b": "z"})
    note(chronicle, 3, {"b": "z", "a": "x"})
    assert chronicle.since == {"a": 1.0, "a.x": 1.0, "b": 1.0, "b.z": 2.0}
    assert chronicle.changed == 2.0


def test_a_state_that_was_left_counts_anew() -> None:
    chronicle = Chronicle()
    for number, value in enumerate(("a", "b", "a"), 1):
        note(chronicle, number, value)
    assert chronicle.since == {"a": 3.0}


def test_the_last_five_steps_are_kept_and_carried() -> None:
    chronicle = Chronicle()
    for number in range(1, 8):
        note(chronicle, number, f"s{number}")
    carried = CarriedChronicle.model_validate_json(chronicle.carry().model_dump_json())
    later = Chronicle(carried, "s7")
    note(later, 8, "s7", events=12)
    steps = later.steps()
    assert [(step.number, step.before, step.after) for step in steps] == [
        *((number, f"s{number - 1}", f"s{number}") for number in range(4, 8)),
        (8, "s7", "s7"),
    ]
    assert (steps[-1].produced, steps[-1].more_produced) == (["evt.tally.counted"] * 10, 2)
    assert later.since == {"s7": 7.0}


def test_what_is_carried_is_short() -> None:
    chronicle = Chronicle()
    long = replace(EVENT, type=f"evt.{'x' * 500}.y")
    chronicle.note(1, "y" * 5000, "a", [long], fate="applied", time=1.0)
    (step,) = chronicle.carry().steps
    assert (step.type, step.produced) == ("y" * 300, [f"evt.{'x' * 296}"])


def test_a_function_counts_from_its_last_step() -> None:
    chronicle = Chronicle()
    note(chronicle, 1, None)
    note(chronicle, 2, None)
    assert (chronicle.changed, chronicle.since) == (2.0, {})

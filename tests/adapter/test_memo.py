"""What a run remembers of the limits that it began with, in few bytes."""

from __future__ import annotations

import pytest

from adapter.definition import definition_digest
from adapter.limits import Limits
from adapter.memo import (
    MEMO,
    machine_memo,
    outbox_memo,
    remembered_depth,
    remembered_limits,
    remembered_machine,
    remembers_state,
)
from arvo_temporal import ArvoApp
from tests.apps import counter_app, counter_machine, start_count


def remembered(limits: Limits, present: Limits) -> Limits:
    """Return the limits of a run that began with some, on a worker that has others."""
    memo = machine_memo(counter_app(limits), start_count(goal=1))
    assert memo is not None
    return remembered_limits(memo[MEMO], present)


def test_a_run_keeps_the_limits_that_it_began_with() -> None:
    other = Limits(remembered_ids=1, deliveries_per_run=2, history_bytes=3, emissions_at_once=4, event_bytes=5)
    assert remembered(Limits(), other) == Limits()
    assert remembered(other, Limits()) == other


@pytest.mark.parametrize("known", [{}, {"nesting": -1, "emissions_at_once": 10**9, "history_bytes": True}])
def test_what_somebody_has_made_up_leaves_the_limits_of_the_app(known: dict[str, object]) -> None:
    present = Limits(nesting=3, emissions_at_once=4, history_bytes=5)
    assert remembered_limits({"limits": known}, present) == present


@pytest.mark.parametrize("depth", [-1, True, "3", 1.5, None])
def test_what_is_no_depth_is_none(depth: object) -> None:
    assert remembered_depth({"depth": depth}) == 0
    assert remembered_depth(depth) == 0


def test_what_is_usual_takes_no_room() -> None:
    memo = machine_memo(counter_app(), start_count(goal=1))
    assert memo is not None
    assert memo[MEMO].keys() == {"version", "definition", "limits"}
    assert memo[MEMO]["limits"] == {}


def test_a_limit_that_is_too_much_to_be_remembered_is_that_of_the_app() -> None:
    large = Limits(remembered_ids=2_000_000, nesting=7)
    assert remembered(large, large) == large


def test_an_outbox_keeps_the_limits_of_its_orchestration() -> None:
    limits = Limits(remembered_ids=7, nesting=5)
    assert remembered_limits(outbox_memo(limits, 0)[MEMO], Limits(event_bytes=9)) == limits
    assert remembered_limits(outbox_memo(Limits(), 0)[MEMO], Limits(event_bytes=9)) == Limits()


def test_a_run_remembers_its_machine() -> None:
    memo = machine_memo(counter_app(), start_count(goal=1))
    assert memo is not None
    assert len(memo[MEMO]["definition"]) < len(counter_machine.definition) / 2, "each history has it"
    then = remembered_machine(memo[MEMO])
    assert then is not None
    assert (then.version, then.digest) == ("1.0.0", definition_digest(counter_machine))
    assert remembered_machine({"version": "1.0.0", "digest": "abc"}) is not None
    for made_up in ({"version": "1.0.0"}, {"version": "1.0.0", "digest": 7}, {"digest": "abc"}, {"definition": "x"}):
        assert remembered_machine(made_up) is None


def test_a_run_remembers_whether_its_state_is_a_search_attribute() -> None:
    app = ArvoApp(orchestrators=counter_app().orchestrators.values(), search_attributes=["state"])
    memo = machine_memo(app, start_count(goal=1))
    assert memo is not None
    assert remembers_state(memo[MEMO])
    for value in (None, {}, {"attributes": "state"}, {"attributes": [["state"]]}, {"attributes": {"state": True}}):
        assert not remembers_state(value)

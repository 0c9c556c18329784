"""What a run remembers of the limits that it began with, in few bytes."""

from __future__ import annotations

import pytest

from adapter.limits import Limits
from adapter.memo import MEMO, machine_memo, remembered_depth, remembered_limits
from tests.apps import counter_app, start_count


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
    assert set(memo[MEMO]["limits"]) == {"remembered_ids", "deliveries_per_run", "event_bytes", "record_bytes"}

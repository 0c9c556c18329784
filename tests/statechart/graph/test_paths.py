"""Paths through machines: what they are called, when their timers fire, and why some lead nowhere."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from arvo.statechart import StateMachine, TraversalError, assign, create_machine, raise_, state_in
from arvo.statechart.graph import Coverage, covering_paths, shortest_paths, target_name

DAY_MS = 86_400_000
REVIEW: dict[str, Any] = {
    "id": "review",
    "initial": "open",
    "context": {"votes": 0},
    "states": {
        "open": {
            "on": {
                "approve": {"target": "approved", "guard": "enough"},
                "vote": {"actions": "count", "guard": "few"},
                "reject": "closed.rejected",
            },
            "after": {"3 days": "closed"},
        },
        "approved": {"on": {"pay": [{"target": "paid", "guard": "covers"}, {"target": "open"}]}},
        "paid": {"type": "final"},
        "closed": {"initial": "late", "states": {"late": {}, "rejected": {}}},
    },
}


def review() -> StateMachine[Any]:
    return create_machine(
        REVIEW,
        actions={"count": assign({"votes": lambda context: context["votes"] + 1})},
        guards={
            "enough": lambda context: context["votes"] >= 2,
            "few": lambda context: context["votes"] < 3,
            "covers": lambda event: event["amount"] >= 10,
        },
    )


def by_target(coverage: Coverage[Any]) -> dict[str, str]:
    return {target_name(target): str(path) for path in coverage.paths for target in path.targets}


def unreached(coverage: Coverage[Any]) -> dict[str, str]:
    return {target_name(one.target): one.reason for one in coverage.unreached}


def test_each_state_and_transition_has_its_shortest_path() -> None:
    coverage = covering_paths(review(), events=[{"type": "pay", "amount": 10}, {"type": "pay", "amount": 1}])
    assert by_target(coverage) == {
        "open": "open",
        "open: vote [few]": "vote -> open",
        "open: reject": "reject -> closed.rejected",
        "closed": "reject -> closed.rejected",
        "closed.rejected": "reject -> closed.rejected",
        "open: after 3 days": "after 3 days -> closed.late",
        "closed.late": "after 3 days -> closed.late",
        "open: approve [enough]": "vote -> vote -> approve -> approved",
        "approved": "vote -> vote -> approve -> approved",
        "approved: pay 1 [covers]": "vote -> vote -> approve -> pay -> paid",
        "paid": "vote -> vote -> approve -> pay -> paid",
        "approved: pay 2 [else]": "vote -> vote -> approve -> pay -> open",
    }
    assert coverage.unreached == ()


def test_what_no_path_leads_to_is_said_with_the_reason() -> None:
    coverage = covering_paths(review(), events=[{"type": "pay", "amount": 1}])
    assert unreached(coverage) == {
        "paid": "no transition that leads to it was taken",
        "approved: pay 1 [covers]": "its guard covers was never true with these events, "
        "or another transition came before it",
    }


def test_what_an_event_raises_is_part_of_the_reason() -> None:
    assert "pay raised GuardError: 'amount'" in unreached(covering_paths(review()))["approved: pay 1 [covers]"]


def test_shortest_paths_lead_to_every_snapshot() -> None:
    paths = shortest_paths(review(), events=[{"type": "pay", "amount": 10}])
    found = {(str(path.state.value), path.state.context["votes"]): path.weight for path in paths}
    assert [found["open", votes] for votes in range(4)] == [0, 1, 2, 3]
    assert found["paid", 2] == 4
    assert found["paid", 3] == 5
    assert len(paths) == len(found)


def test_paths_to_the_states_that_one_asks_for() -> None:
    paths = shortest_paths(review(), to_state=lambda snapshot: snapshot.matches("closed"))
    assert {path.state.value["closed"] for path in paths if isinstance(path.state.value, dict)} == {"late", "rejected"}


def test_events_may_depend_on_the_snapshot() -> None:
    def events(snapshot: Any) -> list[Any]:
        return [{"type": "vote"}] if snapshot.context["votes"] < 2 else [{"type": "reject"}]

    paths = [str(path) for path in shortest_paths(review(), events=events)]
    assert "vote -> vote -> reject -> closed.rejected" in paths
    assert "reject -> closed.rejected" not in paths


def test_a_walk_without_end_stops_with_what_it_lacks() -> None:
    config = {
        "id": "m",
        "context": {"n": 0},
        "initial": "a",
        "states": {"a": {"on": {"UP": {"actions": "up"}, "GO": {"target": "b", "guard": "never"}}}, "b": {}},
    }
    machine = create_machine(
        config,
        actions={"up": assign({"n": lambda context: context["n"] + 1})},
        guards={"never": lambda: False},
    )
    with pytest.raises(TraversalError, match=r"'m' can come to more than 50 .* Not reached until then: 'b', 'a: GO"):
        covering_paths(machine, limit=50)
    assert len(covering_paths(machine, limit=50, serialize=lambda one: one.value).unreached) == 2


def test_of_two_timers_the_longer_one_never_fires_first() -> None:
    machine = create_machine(
        {
            "id": "m",
            "initial": "a",
            "states": {"a": {"after": {"3 days": "c", "1 day": "b"}}, "b": {}, "c": {}},
        }
    )
    coverage = covering_paths(machine)
    assert by_target(coverage)["b"] == "after 1 day -> b"
    assert unreached(coverage).keys() == {"c", "a: after 3 days"}


def test_of_two_timers_due_at_once_the_first_one_fires() -> None:
    regions = {key: {"initial": "w", "states": {"w": {"after": {10: "v"}}, "v": {}}} for key in ("p", "q")}
    coverage = covering_paths(create_machine({"id": "m", "type": "parallel", "states": regions}))
    assert by_target(coverage)["q.v"] == "after 10 ms -> after 10 ms -> (p.v, q.v)"


def test_an_event_comes_as_late_as_a_later_timer_needs_it() -> None:
    """Only if X starts the shorter timer anew after a day: of two due at once, the one set first fires first."""
    waiting = {"after": {"2 days": "late"}, "on": {"X": {"target": "a", "reenter": True}}}
    deadline = {"after": {"3 days": [{"guard": state_in({"p": "a"}), "target": "v"}, {"target": "u"}]}}
    regions = {
        "p": {"initial": "a", "states": {"a": waiting, "late": {}}},
        "q": {"initial": "w", "states": {"w": deadline, "u": {}, "v": {}}},
    }
    machine = create_machine({"id": "m", "type": "parallel", "states": regions})
    path = next(one for one in covering_paths(machine).paths if "q.v" in map(target_name, one.targets))
    assert str(path) == "X -> after 3 days -> (p.a, q.v)"
    assert [step.wait_ms for step in path.steps] == [0, DAY_MS, 2 * DAY_MS]


def test_a_raised_event_with_a_delay_is_a_timer_and_a_cancelled_one_is_none() -> None:
    machine = create_machine(
        {
            "id": "m",
            "initial": "a",
            "states": {
                "a": {
                    "entry": raise_({"type": "REMIND"}, delay=timedelta(hours=1), id="r"),
                    "on": {"STOP": {"target": "b"}},
                },
                "b": {"on": {"REMIND": "c"}},
                "c": {"type": "final"},
            },
        }
    )
    path = next(
        one
        for one in covering_paths(machine, events=lambda _: [{"type": "STOP"}]).paths
        if "c" in map(target_name, one.targets)
    )
    assert str(path) == "STOP -> REMIND -> c"
    assert [step.wait_ms for step in path.steps] == [0, 0, 3_600_000]


def test_states_passed_through_in_one_step_count() -> None:
    machine = create_machine(
        {"id": "m", "initial": "a", "states": {"a": {"on": {"E": "b"}}, "b": {"always": "c"}, "c": {}}}
    )
    assert by_target(covering_paths(machine))["b"] == "E -> c"


def test_several_inputs_are_several_starts() -> None:
    machine = create_machine(
        {
            "id": "m",
            "context": lambda input: {"big": input},
            "initial": "a",
            "states": {"a": {"always": [{"guard": "big", "target": "b"}, {"target": "c"}]}, "b": {}, "c": {}},
        },
        guards={"big": lambda context: context["big"]},
    )
    assert unreached(covering_paths(machine, inputs=[True])).keys() == {"c", "a: always 2 [else]"}
    assert covering_paths(machine, inputs=[False, True]).unreached == ()


def test_looking_for_paths_leaves_the_check_of_purity_on() -> None:
    counter = count()
    machine = create_machine(
        {"id": "m", "initial": "a", "states": {"a": {"on": {"E": {"target": "b", "guard": "odd"}}}, "b": {}}},
        guards={"odd": lambda: next(counter) % 2 == 1},
        check_purity=True,
    )
    assert "E raised PurityError" in unreached(covering_paths(machine))["a: E [odd]"]

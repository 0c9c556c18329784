"""`transitions_taken`: which transitions an event takes, without changing what it does."""

from __future__ import annotations

from typing import Any

import pytest

from arvo.statechart import (
    LoopError,
    StateMachine,
    create_machine,
    initial_transition,
    raise_,
    transition,
    transitions_taken,
)
from arvo.statechart.running import noted_step
from tests.conformance.random_machines import RandomMachine
from tests.conformance.statechart import Player

DOOR = create_machine(
    {
        "id": "door",
        "initial": "closed",
        "context": {"locked": False},
        "states": {
            "closed": {
                "on": {
                    "OPEN": [
                        {"guard": "is_locked", "target": "stuck"},
                        {"target": "open", "actions": raise_({"type": "CREAK"})},
                    ],
                    "NOTHING": {},
                },
                "after": {1000: "open"},
            },
            "stuck": {"always": {"target": "closed"}},
            "open": {
                "type": "parallel",
                "on": {"CREAK": {"actions": []}},
                "states": {
                    "left": {"initial": "a", "states": {"a": {"on": {"GO": "b"}}, "b": {"type": "final"}}},
                    "right": {"initial": "a", "states": {"a": {"on": {"GO": "b"}}, "b": {"type": "final"}}},
                },
                "onDone": "gone",
            },
            "gone": {"type": "final"},
        },
    },
    guards={"is_locked": lambda context: context["locked"]},
)


def taken(machine: StateMachine[Any], snapshot: Any, event: Any) -> list[str]:
    return [one.path for one in transitions_taken(machine, snapshot, event)]


def test_guards_choose_and_raised_events_follow() -> None:
    start, _ = initial_transition(DOOR)
    assert taken(DOOR, start, {"type": "OPEN"}) == ["states.closed.on.OPEN[1]", "states.open.on.CREAK"]
    locked = DOOR.restore({**start.to_json(), "context": {"locked": True}})
    assert taken(DOOR, locked, {"type": "OPEN"}) == ["states.closed.on.OPEN[0]", "states.stuck.always"]


def test_regions_take_one_each_and_completion_follows() -> None:
    start, _ = initial_transition(DOOR)
    opened, _ = transition(DOOR, start, {"type": "OPEN"})
    assert taken(DOOR, opened, {"type": "GO"}) == [
        "states.open.states.left.states.a.on.GO",
        "states.open.states.right.states.a.on.GO",
        "states.open.onDone",
    ]


def test_timers_count_and_what_is_not_enabled_does_not() -> None:
    start, _ = initial_transition(DOOR)
    assert taken(DOOR, start, {"type": "xstate.after.1000.door.closed"}) == ["states.closed.after.1000"]
    assert taken(DOOR, start, {"type": "ELSE"}) == []
    gone = DOOR.restore({"status": "done", "value": "gone", "context": {}})
    assert taken(DOOR, gone, {"type": "OPEN"}) == []


def test_the_start_takes_what_follows_at_once() -> None:
    machine = create_machine(
        {
            "initial": "a",
            "context": lambda input: {"skips": input["skips"]},
            "states": {"a": {"always": {"guard": lambda context: context["skips"], "target": "b"}}, "b": {}},
        }
    )
    assert taken(machine, None, {"skips": True}) == ["states.a.always"]
    assert taken(machine, None, {"skips": False}) == []


def test_what_conflicts_is_not_taken() -> None:
    machine = create_machine(
        {
            "type": "parallel",
            "states": {
                "one": {"initial": "a", "states": {"a": {"on": {"GO": "#(machine).two.b"}}, "b": {}}},
                "two": {"initial": "a", "states": {"a": {"on": {"GO": "#(machine).one.b"}}, "b": {}}},
            },
        }
    )
    start, _ = initial_transition(machine)
    assert taken(machine, start, {"type": "GO"}) == ["states.one.states.a.on.GO"]


@pytest.mark.parametrize("seed", range(60))
def test_noting_changes_nothing(seed: int) -> None:
    case = RandomMachine(seed).case()
    machine = Player(case, live=True).machine
    snapshot = None
    for step in case["steps"]:
        try:
            after, effects = transition(machine, snapshot, step["event"]) if snapshot else initial_transition(machine)
        except LoopError:
            return
        seen = noted_step(machine.compiled, snapshot, step["event"] if snapshot else None)
        assert (seen.snapshot, seen.effects) == (after, effects)
        if snapshot and after != snapshot and after.status == "active":
            assert seen.transitions
        snapshot = after

"""Observers are told what each step has reached: once, afterwards, and only while they observe."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from arvo.statechart import create_machine, initial_transition, observed_by, transition
from arvo.statechart.running import CompiledMachine, Microstep, noted_macrostep

CONFIG: dict[str, Any] = {
    "id": "m",
    "initial": "a",
    "states": {
        "a": {"on": {"GO": "b", "FALL": {"target": "b", "actions": "fall"}, "STAY": {}}},
        "b": {"always": "c"},
        "c": {"on": {"BACK": {"target": "c", "reenter": True}}},
    },
}


class Seen(list[str]):
    """Notes transitions by their paths, and states by their ids."""

    def observe(self, machine: CompiledMachine[Any], microsteps: Sequence[Microstep]) -> None:
        for step in microsteps:
            self.extend(one.path for one in step.transitions)
            self.extend(f"#{node.id}" for node in step.entered)


@pytest.mark.parametrize("check_purity", [False, True])
def test_what_is_taken_and_entered_is_told_once(check_purity: bool) -> None:
    machine, seen = create_machine(CONFIG, strict=False, check_purity=check_purity), Seen()
    with observed_by(seen.observe):
        snapshot, _ = initial_transition(machine)
        assert seen == ["#m", "#m.a"]
        seen.clear()
        snapshot, _ = transition(machine, snapshot, {"type": "GO"})
        assert seen == ["states.a.on.GO", "#m.b", "states.b.always", "#m.c"]
        seen.clear()
        transition(machine, snapshot, {"type": "BACK"})
        assert seen == ["states.c.on.BACK", "#m.c"]
        seen.clear()
        transition(machine, snapshot, {"type": "UNKNOWN"})
        assert seen == []
    transition(machine, snapshot, {"type": "BACK"})
    assert seen == []


def test_a_transition_that_loses_a_conflict_is_not_taken() -> None:
    """Both regions want to leave the parallel state: the first one does."""
    regions = {"r": {"on": {"OUT": "#p"}}, "s": {"on": {"OUT": "#q"}}}
    states = {"both": {"type": "parallel", "states": regions}, "x": {"id": "p"}, "y": {"id": "q"}}
    config = {"id": "m", "initial": "both", "states": states}
    machine, seen = create_machine(config), Seen()
    snapshot, _ = initial_transition(machine)
    with observed_by(seen.observe):
        transition(machine, snapshot, {"type": "OUT"})
    assert seen == ["states.both.states.r.on.OUT", "#p"]


def test_a_step_that_fails_is_not_told() -> None:
    machine, seen = create_machine(CONFIG, actions={"fall": lambda: 1 / 0}), Seen()
    snapshot, _ = initial_transition(machine)
    with observed_by(seen.observe), pytest.raises(ZeroDivisionError):
        transition(machine, snapshot, {"type": "FALL"})
    assert seen == []


def test_nothing_is_noted_while_nobody_observes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(noted_macrostep.NotedMacrostep, "__init__")
    monkeypatch.setattr(noted_macrostep.NotedMacrostep, "_take", None)
    machine = create_machine(CONFIG, strict=False)
    snapshot, _ = transition(machine, initial_transition(machine)[0], {"type": "GO"})
    assert snapshot.value == "c"

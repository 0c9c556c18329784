"""A parallel state without regions: XState runs it, as a state with nothing inside."""

from __future__ import annotations

from typing import Any

import pytest

from arvo.picture import tree
from arvo.statechart import Snapshot, StateMachine, assign, create_machine, initial_transition, transition
from tests.arvo.counting import answer, count_orchestrator, start

EMPTY: dict[str, Any] = {"type": "parallel"}
ENDING = {"initial": "x", "states": {"x": {"on": {"END": "y"}}, "y": {"type": "final"}}}


def first(config: dict[str, Any]) -> tuple[StateMachine[Any], Snapshot[Any]]:
    machine = create_machine({"id": "m", **config})
    return machine, initial_transition(machine)[0]


@pytest.mark.parametrize("empty", [EMPTY, {**EMPTY, "states": {}}])
def test_its_value_is_an_empty_object(empty: dict[str, Any]) -> None:
    machine, snapshot = first({"initial": "p", "states": {"p": {**empty, "on": {"GO": "q"}}, "q": {}}})
    assert snapshot.value == {"p": {}}
    assert machine.restore(snapshot.to_json()) == snapshot
    assert transition(machine, snapshot, {"type": "GO"})[0].value == "q"


def test_as_the_whole_machine_it_has_an_empty_value_and_takes_events() -> None:
    counting = {"actions": assign({"n": lambda context: context["n"] + 1})}
    machine, snapshot = first({**EMPTY, "context": {"n": 0}, "on": {"GO": counting}})
    assert snapshot.value == {}
    assert snapshot.status == "active"
    after, _ = transition(machine, machine.restore(snapshot.to_json()), {"type": "GO"})
    assert (after.value, after.context) == ({}, {"n": 1})


@pytest.mark.parametrize("restored", [False, True])
def test_as_a_region_it_does_not_keep_the_others_from_being_done(restored: bool) -> None:
    states = {"p": {**EMPTY, "onDone": "q", "states": {"a": EMPTY, "b": ENDING}}, "q": {}}
    machine, snapshot = first({"initial": "p", "states": states})
    assert snapshot.value == {"p": {"a": {}, "b": "x"}}
    snapshot = machine.restore(snapshot.to_json()) if restored else snapshot
    assert transition(machine, snapshot, {"type": "END"})[0].value == "q"


@pytest.mark.parametrize("restored", [False, True])
def test_deep_history_of_nothing_leads_where_one_without_a_record_does(restored: bool) -> None:
    inside = {"r": {"on": {"GO": "p"}}, "p": EMPTY, "h": {"type": "history", "history": "deep"}}
    states = {"c": {"initial": "r", "states": inside, "on": {"OUT": "d"}}, "d": {"on": {"BACK": "c.h"}}}
    machine, snapshot = first({"initial": "c", "states": states})
    for event in ("GO", "OUT", "BACK"):
        snapshot = machine.restore(snapshot.to_json()) if restored else snapshot
        snapshot, _ = transition(machine, snapshot, {"type": event})
    assert snapshot.value == {"c": "r"}


def test_it_is_drawn_as_the_active_state() -> None:
    machine, snapshot = first({"initial": "p", "states": {"p": EMPTY, "q": {}}})
    assert "class s1 active" in machine.to_mermaid(snapshot)
    assert "● p (parallel)" in tree(machine, at=snapshot)


def test_an_orchestrator_runs_it() -> None:
    config = {"id": "m", "initial": "p", "states": {"p": {**EMPTY, "on": {"evt.number.add.success": "q"}}, "q": {}}}
    orchestrator, init = count_orchestrator(config), start()
    record = orchestrator.step(init, None).record
    assert record is not None
    assert record["value"] == {"p": {}}
    record = orchestrator.step(answer(init, 1), record).record
    assert record is not None
    assert record["value"] == "q"

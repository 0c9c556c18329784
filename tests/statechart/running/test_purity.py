"""Transitions are pure: nothing is mutated, equal inputs give equal results, and JSON makes no difference."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arvo.statechart import (
    LoopError,
    PurityError,
    Snapshot,
    StateMachine,
    assign,
    create_machine,
    emit,
    initial_transition,
    transition,
)
from tests.statechart.machines import configs, events, machine_of


def walk(machine: StateMachine[Any], sent: list[dict[str, Any]]) -> Iterator[tuple[Snapshot[Any], dict[str, Any]]]:
    """Snapshots before each event; ends where a machine does not come to rest."""
    try:
        snapshot, _ = initial_transition(machine)
        for event in sent:
            yield snapshot, event
            snapshot, _ = transition(machine, snapshot, event)
    except LoopError:
        return


@settings(max_examples=80, deadline=None)
@given(configs(), st.lists(events(), max_size=8))
def test_a_transition_leaves_its_input_as_it_was(config: dict[str, Any], sent: list[dict[str, Any]]) -> None:
    machine = machine_of(config)
    for snapshot, event in walk(machine, sent):
        before, event_before = deepcopy(snapshot.to_json()), deepcopy(event)
        attempt(machine, snapshot, event)
        assert snapshot.to_json() == before
        assert event == event_before


@settings(max_examples=80, deadline=None)
@given(configs(), st.lists(events(), max_size=8))
def test_equal_inputs_give_equal_results(config: dict[str, Any], sent: list[dict[str, Any]]) -> None:
    machine, again = machine_of(config), machine_of(config)
    for (snapshot, event), (same, _) in zip(walk(machine, sent), walk(again, sent), strict=True):
        assert snapshot.to_json() == same.to_json()
        assert attempt(machine, snapshot, event) == attempt(machine, snapshot, deepcopy(event))


@settings(max_examples=80, deadline=None)
@given(configs(), st.lists(events(), max_size=8))
def test_a_restored_snapshot_behaves_like_the_live_one(config: dict[str, Any], sent: list[dict[str, Any]]) -> None:
    machine = machine_of(config)
    for snapshot, event in walk(machine, sent):
        restored = machine.restore(json.loads(json.dumps(snapshot.to_json())))
        assert restored == snapshot
        assert restored.to_json() == snapshot.to_json()
        assert (restored.tags, restored.get_meta()) == (snapshot.tags, snapshot.get_meta())
        assert attempt(machine, restored, event) == attempt(machine, snapshot, event)


@settings(max_examples=40, deadline=None)
@given(configs(), st.lists(events(), max_size=5))
def test_checking_purity_changes_nothing_for_pure_machines(config: dict[str, Any], sent: list[dict[str, Any]]) -> None:
    machine, checked = machine_of(config), machine_of(config, check_purity=True)
    for (snapshot, event), (same, _) in zip(walk(machine, sent), walk(checked, sent), strict=True):
        assert snapshot.to_json() == same.to_json()
        assert described(attempt(machine, snapshot, event)) == described(attempt(checked, same, event))


def attempt(machine: StateMachine[Any], snapshot: Snapshot[Any], event: Any) -> Any:
    try:
        return transition(machine, snapshot, event)
    except LoopError as error:
        return str(error)


def described(result: Any) -> Any:
    return result if isinstance(result, str) else (result[0].to_json(), result[1])


def roll() -> float:
    return random.random()


def now(context: dict[str, Any]) -> dict[str, Any]:
    return {"type": "told", "at": time.perf_counter_ns()}


def count_up(context: dict[str, Any]) -> bool:
    context["n"] += 1
    return True


def rename(event: dict[str, Any]) -> dict[str, Any]:
    event["type"] = "OTHER"
    return {}


CALLS: list[int] = []


def remember() -> dict[str, Any]:
    CALLS.append(1)
    return {"n": len(CALLS)}


@pytest.mark.parametrize(
    ("handler", "culprit"),
    [
        ({"actions": assign({"n": roll})}, "roll gave .* and then, for the same arguments"),
        ({"actions": emit(now)}, "now gave"),
        ({"guard": count_up}, "count_up changed the context it was given from"),
        ({"actions": assign(rename)}, "rename changed the event"),
        ({"actions": assign(remember)}, "remember gave"),
    ],
)
def test_check_purity_names_the_callable_that_did_it(handler: dict[str, Any], culprit: str) -> None:
    config = {"initial": "a", "context": {"n": 0}, "states": {"a": {"on": {"E": handler}}}}
    machine = create_machine(config, check_purity=True)
    snapshot, _ = initial_transition(machine)
    with pytest.raises(PurityError, match=culprit) as caught:
        transition(machine, snapshot, {"type": "E"})
    assert caught.value.callable_name in culprit


def test_check_purity_looks_at_the_start_too() -> None:
    machine = create_machine(
        {"initial": "a", "context": {"n": 0}, "entry": assign({"n": roll}), "states": {"a": {}}}, check_purity=True
    )
    with pytest.raises(PurityError, match="roll"):
        initial_transition(machine)


def test_a_snapshot_cannot_be_changed_from_outside() -> None:
    machine = create_machine(
        {"initial": "a", "context": {"n": 0}, "states": {"a": {"initial": "b", "states": {"b": {}}}}}
    )
    snapshot: Any = initial_transition(machine)[0]
    with pytest.raises(AttributeError):
        snapshot.status = "done"
    value, data = snapshot.value, snapshot.to_json()
    assert isinstance(value, dict)
    value["a"] = "elsewhere"
    data["value"]["a"] = "elsewhere"
    data["context"]["n"] = 9
    assert snapshot.value == {"a": "b"}
    assert snapshot.context == {"n": 0}
    assert initial_transition(machine)[0] == snapshot

"""What a machine can be asked without running it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arvo.statechart import LoopError, assign, create_machine, initial_transition, transition
from tests.statechart.inspecting.order import IMPLEMENTED, ORDER
from tests.statechart.machines import configs, events, machine_of


def test_states_and_transitions_are_listed_in_document_order() -> None:
    machine = create_machine(ORDER, **IMPLEMENTED)
    assert [node.id for node in machine.states()][:5] == [
        "order",
        "order.new",
        "order.work",
        "order.work.ship",
        "order.work.ship.a",
    ]
    listed = [
        (one.source.key, one.event, [to.key for to in one.target or ()], one.path) for one in machine.transitions()
    ]
    assert listed[:3] == [
        ("order", "CANCEL", ["stuck"], "on.CANCEL"),
        ("order", "log.*", [], 'on["log.*"]'),
        ("new", "PAY", ["work"], "states.new.on.PAY"),
    ]
    assert ("work", "xstate.after.5000.order.work", ["new"], "states.work.after.5000") in listed


def test_reachable_configurations() -> None:
    found = create_machine(ORDER, **IMPLEMENTED).reachable()
    assert found.complete
    assert list(found.values) == [
        "new",
        {"work": {"ship": "a", "bill": "a"}},
        "stuck",
        "ready",
        {"work": {"ship": "b", "bill": "a"}},
        {"work": {"ship": "a", "bill": "b"}},
        {"work": {"ship": "b", "bill": "b"}},
    ]


def test_the_walk_is_bounded() -> None:
    def ring(key: str) -> dict[str, Any]:
        return {"initial": "0", "states": {str(n): {"on": {f"{key}{n}": str((n + 1) % 8)}} for n in range(8)}}

    wide = create_machine({"type": "parallel", "states": {key: ring(key) for key in "abcdef"}})
    found = wide.reachable(limit=500)
    assert not found.complete
    assert 0 < len(found.values) <= 520


def test_too_many_ways_out_of_one_configuration_are_not_all_either() -> None:
    region = {"always": {"guard": lambda: False, "actions": assign({})}}
    wide = create_machine({"type": "parallel", "states": dict.fromkeys("abcdefgh", region)})
    assert not wide.reachable(limit=100).complete
    assert wide.reachable(limit=1000).complete


@settings(max_examples=60, deadline=None)
@given(configs(), st.lists(events(), max_size=6))
def test_every_state_value_that_occurs_is_reachable(config: dict[str, Any], sent: list[dict[str, Any]]) -> None:
    machine = machine_of(config)
    found = machine.reachable(limit=3000)
    unreachable = set(machine.unreachable_states())
    try:
        snapshot, _ = initial_transition(machine)
        for event in sent:
            assert not unreachable & set(snapshot._configuration.nodes)
            assert snapshot.value in found.values or not found.complete
            snapshot, _ = transition(machine, snapshot, event)
    except LoopError:
        return


def test_unreachable_states_and_dead_ends() -> None:
    machine = create_machine(ORDER, **IMPLEMENTED)
    assert [node.id for node in machine.unreachable_states()] == ["order.never"]
    assert [node.id for node in machine.dead_ends()] == ["order.stuck"]
    ends = create_machine({"initial": "a", "states": {"a": {"on": {"E": "b", "F": "a"}}, "b": {"on": {"E": "b"}}}})
    assert [node.id for node in ends.dead_ends()] == ["(machine).b"]


@pytest.mark.parametrize(
    ("inner", "outer", "accepted"),
    [
        ({"guard": "g"}, {"target": ".b"}, True),
        ({}, {"target": ".b"}, False),
        ({"guard": "g"}, {}, False),
        ({"guard": "g", "actions": "act"}, {}, True),
    ],
)
def test_what_a_region_forbids_hides_what_is_around_it(
    inner: dict[str, Any], outer: dict[str, Any], accepted: bool
) -> None:
    config = {
        "type": "parallel",
        "on": {"GO": outer},
        "states": {"a": {"on": {"GO": inner}}, "b": {"on": {"GO": {"guard": "g"}}}},
    }
    machine = create_machine(config, guards={"g": lambda: True}, actions={"act": lambda: None})
    assert (machine.accepted_events({"a": {}, "b": {}}) == ("GO",)) is accepted


def test_accepted_events_of_many_regions_are_found_at_once() -> None:
    region = {"initial": "a", "states": {"a": {"on": {"GO": {"guard": "g"}}}}}
    machine = create_machine(
        {"type": "parallel", "states": {f"r{number}": region for number in range(60)}}, guards={"g": lambda: True}
    )
    assert machine.accepted_events(initial_transition(machine)[0]) == ()


def test_accepted_events_of_a_value_and_of_a_snapshot() -> None:
    machine = create_machine(ORDER, **IMPLEMENTED)
    assert machine.accepted_events("new") == ("PAY", "log.*")
    assert machine.accepted_events({"work": {"ship": "a", "bill": "b"}}) == ("SHIP", "CANCEL", "log.*")
    assert machine.accepted_events(initial_transition(machine)[0]) == ("PAY", "log.*")

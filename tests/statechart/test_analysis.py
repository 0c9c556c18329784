"""What a machine can be asked without running it."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from arvo.statechart import (
    LoopError,
    and_,
    assign,
    create_machine,
    emit,
    initial_transition,
    raise_,
    state_in,
    transition,
)
from tests.statechart.machines import configs, events, machine_of

ORDER: dict[str, Any] = {
    "id": "order",
    "initial": "new",
    "context": {"n": 0},
    "on": {"CANCEL": ".stuck", "log.*": {"actions": "note"}},
    "states": {
        "new": {"on": {"PAY": {"target": "work", "guard": "paid"}, "CANCEL": {}}},
        "work": {
            "type": "parallel",
            "onDone": "ready",
            "after": {5000: "new"},
            "states": {
                "ship": {"initial": "a", "states": {"a": {"on": {"SHIP": "b"}}, "b": {"type": "final"}}},
                "bill": {
                    "initial": "a",
                    "states": {"a": {"on": {"BILL": "b"}}, "b": {"type": "final"}, "h": {"type": "history"}},
                },
            },
        },
        "ready": {"type": "final"},
        "stuck": {"on": {"CANCEL": None, "POKE": {"actions": "note"}}},
        "never": {"on": {"GO": "ready"}},
    },
}
IMPLEMENTED: dict[str, Any] = {"actions": {"note": lambda: None}, "guards": {"paid": lambda: True}}


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


def test_accepted_events_of_a_value_and_of_a_snapshot() -> None:
    machine = create_machine(ORDER, **IMPLEMENTED)
    assert machine.accepted_events("new") == ("PAY", "log.*")
    assert machine.accepted_events({"work": {"ship": "a", "bill": "b"}}) == ("SHIP", "CANCEL", "log.*")
    assert machine.accepted_events(initial_transition(machine)[0]) == ("PAY", "log.*")


DRAWN = """\
stateDiagram-v2
    state "order<br/>CANCEL → stuck<br/>log.* / note" as s0
    state s0 {
        state "new" as s1
        state "work" as s2
        state s2 {
            state "ship" as s3
            state s3 {
                state "a" as s4
                state "b" as s5
                [*] --> s4
                s5 --> [*]
                s4 --> s5: SHIP
            }
            --
            state "bill" as s6
            state s6 {
                state "a" as s7
                state "b" as s8
                state "H" as s9
                [*] --> s7
                s8 --> [*]
                s7 --> s8: BILL
            }
        }
        state "ready" as s10
        state "stuck<br/>POKE / note" as s11
        state "never" as s12
        [*] --> s1
        s10 --> [*]
        s1 --> s2: PAY [paid]
        s2 --> s10: done
        s2 --> s1: after 5000
        s12 --> s10: GO
    }
    classDef active fill:#ffd54f,stroke:#f57f17
    class s4,s8 active
"""


def test_mermaid_shows_nesting_regions_history_labels_and_the_active_states() -> None:
    machine = create_machine(ORDER, **IMPLEMENTED)
    assert machine.to_mermaid({"work": {"ship": "a", "bill": "b"}}) == DRAWN
    assert machine.to_mermaid() == DRAWN.partition("    classDef")[0]


def test_mermaid_draws_a_machine_without_transitions_of_its_root_without_a_box() -> None:
    machine = create_machine(
        {
            "initial": "a",
            "states": {"a": {"on": {"say:it;": "a"}, "always": {"target": "b", "guard": lambda: False}}, "b": {}},
        }
    )
    assert machine.to_mermaid().splitlines()[1:] == [
        '    state "a" as s1',
        '    state "b" as s2',
        "    [*] --> s1",
        "    s1 --> s1: say#58;it#59;",
        "    s1 --> s2: always [<lambda>]",
    ]


def test_json_of_a_definition_names_its_callables() -> None:
    def paid(context: dict[str, Any]) -> bool:
        return bool(context["n"])

    config = {
        "id": "m",
        "initial": "a",
        "context": {"n": 0},
        "states": {
            "a": {
                "entry": assign({"n": lambda context: 1}),
                "after": {10: "b"},
                "on": {"E": {"target": "b", "guard": and_([paid, state_in("a")]), "actions": [emit({"type": "x"})]}},
            },
            "b": {"type": "final", "exit": raise_({"type": "T"}, delay=5, id="t")},
        },
    }
    machine = create_machine(config)
    data = machine.to_json()
    assert json.loads(json.dumps(data)) == data
    a = data["states"]["a"]
    assert a["entry"] == {"type": "xstate.assign", "params": {"assignment": {"n": "<lambda>"}}}
    assert a["after"] == {"10": "b"}
    assert a["on"]["E"]["guard"] == {
        "type": "xstate.and",
        "params": {"guards": ["paid", {"type": "xstate.stateIn", "params": {"stateValue": "a"}}]},
    }
    assert data["states"]["b"]["exit"]["params"] == {"event": {"type": "T"}, "delay": 5, "id": "t"}


def test_json_with_named_implementations_is_the_same_machine() -> None:
    def note(context: dict[str, Any]) -> None: ...

    def paid() -> bool:
        return True

    inline = json.loads(json.dumps(ORDER | {"on": {}}))
    inline["states"]["new"]["on"]["PAY"] = {"target": "work", "guard": paid}
    inline["states"]["stuck"]["on"]["POKE"] = {"actions": note}
    written = create_machine(inline)
    read = create_machine(json.loads(json.dumps(written.to_json())), actions={"note": note}, guards={"paid": paid})
    assert read.to_json() == written.to_json()
    one, two = initial_transition(written)[0], initial_transition(read)[0]
    for kind in ("PAY", "SHIP", "BILL"):
        one, two = transition(written, one, {"type": kind})[0], transition(read, two, {"type": kind})[0]
        assert one.to_json() == two.to_json()
    assert one.status == "done"

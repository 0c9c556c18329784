"""State keys and ids with dots: targets lead to them, and history below them survives a restore."""

from __future__ import annotations

import json
from typing import Any

import pytest

from arvo.statechart import Snapshot, StateMachine, create_machine, initial_transition, state_in, transition

INNER: dict[str, Any] = {
    "initial": "x",
    "on": {"OFF": "#off"},
    "states": {"x": {"on": {"N": "y.z"}}, "y.z": {}, "h": {"type": "history"}},
}
INNER["states"]["x"]["on"]["N"] = r"y\.z"


def machine_of(key: str, on: str, **own: str) -> StateMachine[Any]:
    """A machine whose first state has a key, or an id, with dots; `ON` leads from `off` into its history."""
    states = {key: {**INNER, **own}, "off": {"id": "off", "on": {"ON": on}}}
    return create_machine({"id": "m", "initial": key, "states": states})


def run(machine: StateMachine[Any], *events: str, restored: bool) -> Snapshot[Any]:
    snapshot, _ = initial_transition(machine)
    for event in events:
        if restored:
            snapshot = machine.restore(json.loads(json.dumps(snapshot.to_json())))
        snapshot, _ = transition(machine, snapshot, {"type": event})
    return snapshot


@pytest.mark.parametrize("restored", [False, True])
@pytest.mark.parametrize(
    ("key", "on", "own"),
    [
        ("v1.0", r"v1\.0.h", {}),
        ("v1.0", r"#m.v1\.0.h", {}),
        ("v1", "#big.one.h", {"id": "big.one"}),
        ("v1", r"#big\.one.h", {"id": "big.one"}),
        ("v.1", "#big.one.of.all.h", {"id": "big.one.of.all"}),
        ("...", r"\.\.\..h", {}),
        (r"back\slash.", r"back\\slash\..h", {}),
    ],
)
def test_history_below_survives_a_restore(key: str, on: str, own: dict[str, str], restored: bool) -> None:
    machine = machine_of(key, on, **own)
    assert run(machine, "N", "OFF", "ON", restored=restored).value == {key: "y.z"}


@pytest.mark.parametrize("restored", [False, True])
def test_two_paths_that_read_alike_are_two_states(restored: bool) -> None:
    """XState gives both one id, so that what history has recorded is lost or mistaken."""
    below: dict[str, Any] = {"initial": "p", "states": {"p": {}, "q": {}}, "on": {"OFF": "#off", "Q": ".q"}}
    remembering = {**below, "states": {**below["states"], "h": {"type": "history"}}}
    config: dict[str, Any] = {
        "id": "m",
        "initial": "foo",
        "states": {
            "foo.bar": remembering,
            "foo": {"initial": "bar", "states": {"bar": remembering}},
            "off": {"id": "off", "on": {"DOT": r"foo\.bar.h", "PATH": "foo.bar.h", "IN": r"foo\.bar"}},
        },
    }
    machine = create_machine(config)
    assert {node.id for node in machine.nodes if node.key in ("bar", "foo.bar")} == {"m.foo.bar", r"m.foo\.bar"}
    assert run(machine, "Q", "OFF", "DOT", restored=restored).value == {"foo.bar": "p"}
    assert run(machine, "Q", "OFF", "PATH", restored=restored).value == {"foo": {"bar": "q"}}
    both = run(machine, "Q", "OFF", "IN", "Q", "OFF", "PATH", "OFF", "DOT", restored=restored)
    assert both.value == {"foo.bar": "q"}
    assert both.history_value == {"m.foo.bar.h": ["m.foo.bar.q"], r"m.foo\.bar.h": [r"m.foo\.bar.q"]}


def test_done_and_delayed_events_tell_them_apart() -> None:
    ended = {"initial": "f", "states": {"f": {"type": "final"}}}
    config: dict[str, Any] = {
        "id": "m",
        "type": "parallel",
        "states": {
            "a.b": {**ended, "onDone": {"actions": "dotted"}},
            "a": {"type": "parallel", "states": {"b": {**ended, "onDone": {"actions": "path"}}}},
            "c": {},
        },
    }
    seen: list[str] = []
    actions = {"dotted": lambda: seen.append("dotted"), "path": lambda: seen.append("path")}
    initial_transition(create_machine(config, actions=actions))
    assert sorted(seen) == ["dotted", "path"]


def test_a_target_prefers_the_way_of_xstate() -> None:
    config = {
        "id": "m",
        "initial": "a",
        "states": {
            "a": {"on": {"PATH": "#foo.bar", "ID": r"#foo\.bar"}},
            "dotted": {"id": "foo.bar"},
            "foo": {"id": "foo", "initial": "bar", "states": {"bar": {}}},
        },
    }
    machine = create_machine(config)
    assert run(machine, "PATH", restored=True).value == {"foo": "bar"}
    assert run(machine, "ID", restored=True).value == "dotted"


def test_a_machine_whose_id_has_dots_takes_targets_by_it() -> None:
    inner = {"initial": "d", "states": {"c": {}, "d": {}}}
    states = {"a": {"on": {"E": "#com.acme.order.b.c"}}, "b": inner}
    machine = create_machine({"id": "com.acme.order", "initial": "a", "states": states})
    assert run(machine, "E", restored=True).value == {"b": "c"}


@pytest.mark.parametrize("path", ["v1.0", r"v1\.0", r"v1\.0.y\.z", {"v1.0": "y.z"}, r"v1\.0.y.z", "v1.0.y.z"])
def test_a_snapshot_matches_keys_with_dots(path: Any) -> None:
    machine = machine_of("v1.0", "#off")
    snapshot = run(machine, "N", restored=True)
    assert snapshot.matches(path)
    assert not any(map(snapshot.matches, (r"v1\.0.x", "v1", "v1.0.y", "0.y.z")))
    leave = {"target": "b", "guard": state_in(r"v1\.0")}
    leaf = create_machine({"initial": "v1.0", "states": {"v1.0": {"on": {"E": leave}}, "b": {}}})
    assert initial_transition(leaf)[0].matches("v1.0")
    assert initial_transition(leaf)[0].matches(r"v1\.0")
    assert run(leaf, "E", restored=True).value == "b"


def test_a_history_that_xstate_has_written_is_read() -> None:
    machine = machine_of("v1.0", r"v1\.0.h")
    written = {"status": "active", "value": "off", "context": {}, "historyValue": {"m.v1.0.h": [{"id": "m.v1.0.y.z"}]}}
    snapshot, _ = transition(machine, machine.restore(written), {"type": "ON"})
    assert snapshot.value == {"v1.0": "y.z"}

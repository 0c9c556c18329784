"""Definitions as JSON, with callables by name."""

from __future__ import annotations

import json
from typing import Any

from arvo.statechart import and_, assign, create_machine, emit, initial_transition, raise_, state_in, transition
from tests.statechart.inspecting.order import ORDER


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

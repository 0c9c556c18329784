"""A macrostep that never ends stops at a limit, and the states of the loop are named."""

from __future__ import annotations

from typing import Any

import pytest

from arvo.statechart import LoopError, StateMachine, assign, create_machine, initial_transition, raise_, transition

PING_PONG = {
    "id": "game",
    "initial": "idle",
    "states": {"idle": {"on": {"PLAY": "ping"}}, "ping": {"always": "pong"}, "pong": {"always": "ping"}},
}


def test_a_cycle_of_eventless_transitions_names_its_states() -> None:
    machine = create_machine(PING_PONG)
    snapshot, _ = initial_transition(machine)
    with pytest.raises(LoopError) as caught:
        transition(machine, snapshot, {"type": "PLAY"})
    assert set(map(str, caught.value.states)) == {"ping", "pong"}
    assert "Machine 'game' does not come to rest: over 1000 microsteps" in str(caught.value)
    assert "'ping' (on 'PLAY')" in str(caught.value)
    assert snapshot.value == "idle"


def start_and_go(machine: StateMachine[dict[str, Any]]) -> None:
    snapshot, _ = initial_transition(machine)
    transition(machine, snapshot, {"type": "GO"})


@pytest.mark.parametrize(
    "state",
    [
        {"on": {"GO": {"actions": raise_({"type": "GO"})}}},
        {"on": {"*": {"actions": raise_({"type": "GO"})}}},
        {"on": {"GO": {"actions": "count"}}, "always": {"actions": "count"}},
        {"initial": "f", "onDone": {"target": "a", "reenter": True}, "states": {"f": {"type": "final"}}},
    ],
    ids=["raises itself", "wildcard raises", "always assigns", "restarts into its final state"],
)
def test_every_kind_of_loop_is_stopped(state: dict[str, Any]) -> None:
    config = {"initial": "a", "context": {"n": 0}, "states": {"a": state}}
    machine = create_machine(config, actions={"count": assign({"n": lambda context: context["n"] + 1})})
    with pytest.raises(LoopError, match="does not come to rest") as caught:
        start_and_go(machine)
    assert caught.value.states


def test_the_limit_can_be_raised_for_long_chains() -> None:
    long = {str(n): {"always": str(n + 1)} for n in range(1500)}
    config = {"id": "long", "initial": "0", "states": {**long, "1500": {}}}
    with pytest.raises(LoopError, match="raise max_microsteps"):
        initial_transition(create_machine(config))
    snapshot, _ = initial_transition(create_machine(config, max_microsteps=2000))
    assert snapshot.value == "1500"


def chain(length: int, **root: Any) -> dict[str, Any]:
    """A machine that takes `length` microsteps to come to rest."""
    states = {f"s{n}": {"always": f"s{n + 1}"} for n in range(length)}
    return {"id": "chain", "initial": "s0", "states": {**states, f"s{length}": {}}, **root}


@pytest.mark.parametrize("limit", [1, 2, 99, 100, 101, 250])
def test_the_limit_is_exact_and_can_be_given_as_xstate_has_it(limit: int) -> None:
    for given, options in ((limit, {}), (None, {"maxIterations": limit})):
        machine = create_machine(chain(limit, options=options), max_microsteps=given)
        assert initial_transition(machine)[0].value == f"s{limit}"
        with pytest.raises(LoopError, match=f"over {limit} microsteps"):
            initial_transition(create_machine(chain(limit + 1, options=options), max_microsteps=given))


def test_the_argument_comes_before_the_option() -> None:
    machine = create_machine(chain(3, options={"maxIterations": 2}), max_microsteps=3)
    assert machine.max_microsteps == 3
    assert initial_transition(machine)[0].value == "s3"

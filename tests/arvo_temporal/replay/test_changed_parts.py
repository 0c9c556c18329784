"""Which steps go through what has changed in a machine: pure, over the two definitions and the states of a step."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from arvo import assign, emit, log, raise_, setup_arvo_machine
from arvo.orchestration import ArvoMachine
from arvo.statechart import StateValue
from arvo_temporal.replay.changed_parts import ChangedParts
from tests.trips import TRIP

Config = Mapping[str, Any]

PLAIN: Config = {"a": {"on": {"x": "b", "y.z": "c"}}, "b": {"on": {"x": "a"}}, "c": {}, "d": {}}
NESTED: Config = {
    "a": {"on": {"x": "p"}},
    "p": {"initial": "one", "states": {"one": {"on": {"x": "two"}}, "two": {}}, "on": {"y": "a"}},
}
PARALLEL: Config = {
    "a": {"on": {"x": "p"}},
    "p": {
        "type": "parallel",
        "states": {
            "left": {"initial": "l1", "states": {"l1": {"on": {"x": "l2"}}, "l2": {}}},
            "right": {"initial": "r1", "states": {"r1": {"on": {"y": "r2"}}, "r2": {"type": "final"}}},
        },
    },
}
ROUTED: Config = {
    "a": {"on": {"x": "route", "y": "b"}},
    "route": {"always": [{"guard": "yes", "target": "b"}, {"target": "c"}]},
    "b": {},
    "c": {},
}
COMPLETED: Config = {
    "p": {
        "initial": "one",
        "states": {"one": {"on": {"x": "end", "y": "two"}}, "two": {}, "end": {"type": "final"}},
        "onDone": "b",
    },
    "b": {},
}
RAISED: Config = {
    "a": {"on": {"x": {"target": "m"}}},
    "m": {"entry": [raise_({"type": "go"})], "on": {"go": "b"}},
    "b": {},
}
SWITCHED: Config = {
    "a": {"on": {"x": {"actions": "send"}}, "always": {"guard": "yes", "target": "route"}},
    "route": {"always": "b"},
    "b": {},
}
SEND = emit({"type": "com.hotel.book", "data": {"days": 1}})


def machine(states: Config, **config: Any) -> ArvoMachine:
    return setup_arvo_machine(
        contracts={"self": TRIP.version("1.0.0"), "services": {}},
        guards={"yes": lambda: True},
        actions={"send": SEND},
    ).create_machine({"id": "m", "initial": next(iter(states)), "states": states, **config})


def with_state(tree: Config, path: str, /, **parts: Any) -> Config:
    """Return states with parts of one of them changed."""
    first, _, rest = path.partition(".")
    state = dict(tree.get(first, {}))
    changed = {**state, "states": with_state(state["states"], rest, **parts)} if rest else {**state, **parts}
    return {**tree, first: changed}


def goes_through(then: Config, now: Config, before: StateValue | None, event: str, after: StateValue) -> bool:
    parts = ChangedParts(json.loads(machine(then).definition), machine(now))
    return bool(parts.on_the_way(before, event, after))


THROUGH = [
    pytest.param(PLAIN, "a", {"on": {"x": "c"}}, "a", "x", "c", id="the transition leads elsewhere"),
    pytest.param(PLAIN, "a", {"on": {"y.z": "c"}}, "a", "x", "a", id="the transition is gone"),
    pytest.param(PLAIN, "c", {"on": {"x": "a"}}, "c", "x", "a", id="the transition is new"),
    pytest.param(PLAIN, "c", {"on": {"*": "a"}}, "c", "x", "a", id="a wildcard is new"),
    pytest.param(PLAIN, "c", {"on": {"y.*": "a"}}, "c", "y.z", "a", id="a partial wildcard is new"),
    pytest.param(PLAIN, "a", {"always": {"guard": "yes", "target": "d"}}, None, "init", "d", id="always, at the start"),
    pytest.param(PLAIN, "b", {"always": "d"}, "a", "x", "d", id="always, in a state that is left at once"),
    pytest.param(PLAIN, "b", {"after": {1000: "a"}}, "a", "x", "b", id="a timer is new"),
    pytest.param(PLAIN, "b", {"entry": "send"}, "a", "x", "b", id="entry"),
    pytest.param(PLAIN, "a", {"entry": "send"}, None, "init", "a", id="entry of the first state"),
    pytest.param(PLAIN, "a", {"exit": "send"}, "a", "x", "b", id="exit"),
    pytest.param(NESTED, "p", {"initial": "two"}, "a", "x", {"p": "two"}, id="initial"),
    pytest.param(NESTED, "p.one", {"entry": "send"}, "a", "x", {"p": "one"}, id="entry of a nested state"),
    pytest.param(NESTED, "p", {"on": {"y": "a", "z": "a"}}, {"p": "two"}, "z", "a", id="a transition around the state"),
    pytest.param(NESTED, "p.two", {"exit": "send"}, {"p": "two"}, "y", "a", id="exit with the state around it"),
    pytest.param(
        PARALLEL, "p.right.r1", {"entry": "send"}, "a", "x", {"p": {"left": "l1", "right": "r1"}}, id="a region's entry"
    ),
    pytest.param(
        PARALLEL,
        "p.right.r1",
        {"on": {"x": "r2"}},
        {"p": {"left": "l1", "right": "r1"}},
        "x",
        {"p": {"left": "l2", "right": "r2"}},
        id="another region takes the event too",
    ),
    pytest.param(
        PARALLEL,
        "p.third",
        {"initial": "t", "states": {"t": {}}},
        "a",
        "x",
        {"p": {"left": "l1", "right": "r1", "third": "t"}},
        id="a region is new",
    ),
    pytest.param(ROUTED, "route", {"entry": "send"}, "a", "x", "b", id="entry of a state that is left at once"),
    pytest.param(ROUTED, "route", {"exit": "send"}, "a", "x", "c", id="exit of a state that is left at once"),
    pytest.param(ROUTED, "route", {"always": "c"}, "a", "x", "c", id="always of a state that is left at once"),
    pytest.param(ROUTED, "route", {"always": []}, "a", "x", "route", id="an always without a guard is gone"),
    pytest.param(SWITCHED, "route", {"entry": "send"}, "a", "x", "b", id="an always that the event lets pass"),
    pytest.param(COMPLETED, "p", {"onDone": {"target": "b", "actions": "send"}}, {"p": "one"}, "x", "b", id="onDone"),
    pytest.param(COMPLETED, "p.end", {"entry": "send"}, {"p": "one"}, "x", "b", id="entry of a final state"),
    pytest.param(RAISED, "m", {"on": {"go": {"target": "b", "actions": "send"}}}, "a", "x", "b", id="a raised event"),
]
BESIDE = [
    pytest.param(PLAIN, "a", {"on": {"x": "c", "y.z": "c"}}, "b", "x", "a", id="a transition of another state"),
    pytest.param(PLAIN, "a", {"on": {"x": "c", "y.z": "c"}}, "a", "y.z", "c", id="a transition for another event"),
    pytest.param(PLAIN, "a", {"on": {"x": "b", "y.z": "c", "*": "d"}}, "a", "x", "b", id="a wildcard beside the type"),
    pytest.param(PLAIN, "c", {"on": {"y.*": "a"}}, "c", "x", "c", id="a partial wildcard for others"),
    pytest.param(PLAIN, "c", {"always": "d"}, "a", "x", "b", id="always of another state"),
    pytest.param(PLAIN, "b", {"always": {"guard": "yes", "target": "d"}}, "a", "x", "b", id="an always not taken"),
    pytest.param(SWITCHED, "a", {"always": []}, "a", "x", "a", id="an always that its guard may not have let pass"),
    pytest.param(PLAIN, "a", {"after": {1000: "d"}}, "a", "x", "b", id="a timer of a state that is left"),
    pytest.param(PLAIN, "a", {"entry": "send"}, "a", "x", "b", id="entry of a state that is left"),
    pytest.param(PLAIN, "b", {"exit": "send"}, "a", "x", "b", id="exit of a state that is entered"),
    pytest.param(PLAIN, "e", {"on": {"x": "a"}}, "a", "x", "b", id="a state is new elsewhere"),
    pytest.param(NESTED, "p", {"initial": "two"}, {"p": "one"}, "x", {"p": "two"}, id="initial of a state that stays"),
    pytest.param(NESTED, "p", {"entry": "send"}, {"p": "one"}, "x", {"p": "two"}, id="entry of a state that stays"),
    pytest.param(
        NESTED, "p", {"on": {"y": "a", "x": "a"}}, {"p": "one"}, "x", {"p": "two"}, id="an inner state takes the event"
    ),
    pytest.param(
        PARALLEL,
        "p.right.r2",
        {"entry": "send"},
        {"p": {"left": "l1", "right": "r1"}},
        "x",
        {"p": {"left": "l2", "right": "r1"}},
        id="a region that does not move",
    ),
    pytest.param(ROUTED, "route", {"entry": "send"}, "a", "y", "b", id="a way around the state"),
    pytest.param(ROUTED, "c", {"entry": "send"}, "a", "x", "b", id="the other way of a fork"),
    pytest.param(COMPLETED, "p", {"onDone": "b", "on": {"z": "b"}}, {"p": "one"}, "x", "b", id="not asked for z"),
    pytest.param(COMPLETED, "p", {"onDone": "p"}, {"p": "one"}, "y", {"p": "two"}, id="onDone of what is not done"),
]


@pytest.mark.parametrize(("states", "path", "parts", "before", "event", "after"), THROUGH)
def test_a_step_goes_through(
    states: Config, path: str, parts: Config, before: StateValue | None, event: str, after: StateValue
) -> None:
    assert goes_through(states, with_state(states, path, **parts), before, event, after)


@pytest.mark.parametrize(("states", "path", "parts", "before", "event", "after"), BESIDE)
def test_a_step_passes_by(
    states: Config, path: str, parts: Config, before: StateValue | None, event: str, after: StateValue
) -> None:
    assert not goes_through(states, with_state(states, path, **parts), before, event, after)


def test_a_state_that_is_gone_is_gone_through_where_it_was_a_region() -> None:
    then = with_state(PARALLEL, "p.third", initial="t", states={"t": {}})
    assert goes_through(then, PARALLEL, "a", "x", {"p": {"left": "l1", "right": "r1"}})
    assert not goes_through({**PLAIN, "e": {}}, PLAIN, "a", "x", "b")


def test_a_timer_that_leads_elsewhere_matters_when_it_fires() -> None:
    then = with_state(PLAIN, "b", after={1000: "c"})
    now = with_state(PLAIN, "b", after={1000: "d"})
    assert not goes_through(then, now, "a", "x", "b")
    assert goes_through(then, now, "b", "xstate.after.1000.m.b", "d")


def test_a_transition_that_enters_its_state_again_runs_its_entry() -> None:
    again = with_state(PLAIN, "a", on={"x": {"target": "a", "reenter": True}})
    assert goes_through(again, with_state(again, "a", entry="send"), "a", "x", "a")
    assert goes_through(again, with_state(again, "a", exit="send"), "a", "x", "a")


@pytest.mark.parametrize(
    "parts",
    [
        {"entry": [assign({"n": 1}), log("here")]},
        {"entry": assign({"n": 1})},
        {"on": {"x": {"target": "b", "actions": [log("x")]}, "y.z": ["c"]}},
        {"description": "first", "meta": {"owner": "travel"}, "tags": ["open"]},
    ],
)
def test_what_gives_no_commands_does_not_count(parts: Config) -> None:
    assert not goes_through(PLAIN, with_state(PLAIN, "a", **parts), None, "init", "a")
    assert not goes_through(PLAIN, with_state(PLAIN, "a", **parts), "a", "x", "b")


def test_what_stands_beside_it_counts() -> None:
    now = with_state(PLAIN, "a", entry=[assign({"n": 1}), "send"])
    assert goes_through(PLAIN, now, None, "init", "a")

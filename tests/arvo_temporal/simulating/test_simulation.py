"""Machines that are played: exports without code, a clock of their own, and a way back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arvo.errors import ConfigViolation
from arvo.statechart import StatechartError
from arvo_temporal.simulating import (
    EndlessWaitError,
    Performed,
    PlayedFile,
    PlayedMachine,
    Simulation,
    exported_machine,
)
from examples.orders.order import order_machine
from tests.orders_under_way import order_named

CHECKOUT = (Path(__file__).parents[2] / "data" / "checkout.json").read_text()
MINUTE = 60_000
KEYS = [
    *("states", "on", "after", "always", "initial", "a", "b", "target", "cond", "internal", "entry", ""),
    *("data", "in", "parallel", "guard", "guards", "type", "event", "onEntry", "invoke", "output"),
]
PARTS = st.recursive(
    st.none() | st.booleans() | st.text(max_size=8) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=20,
)


def play(config: Any, choose: Callable[[str], bool] = lambda name: True) -> Simulation:
    text = config if isinstance(config, str) else json.dumps(config)
    return Simulation(exported_machine(text, "machine.json", choose))


def test_an_export_of_stately_studio_is_played_without_code() -> None:
    game = play(CHECKOUT)
    assert game.accepted() == ("ADD", "SUBMIT")
    (done,) = game.send({"type": "ADD"}).emitted
    assert isinstance(done, Performed)
    assert done == {"type": "addItem", "params": {"quantity": 1}}
    assert [one.path for one in game.send({"type": "SUBMIT"}).transitions] == ["states.cart.on.SUBMIT[0]"]
    game.send({"type": "xstate.done.actor.pay"})
    assert (game.snapshot.value, game.snapshot.status, game.accepted()) == ("paid", "done", ())


def test_guards_are_chosen_by_name() -> None:
    asked: list[str] = []

    def refuse(name: str) -> bool:
        asked.append(name)
        return False

    game = play(CHECKOUT, refuse)
    game.send({"type": "SUBMIT"})
    assert (game.snapshot.value, asked) == ("empty", ["hasItems"])


def test_time_passes_when_it_is_told_to() -> None:
    game = play(CHECKOUT)
    (timer,) = game.timers
    assert (timer.name, timer.due) == ("cart after 3 minutes", 3 * MINUTE)
    assert game.wait(MINUTE) == []
    assert [move.event for move in game.wait(2 * MINUTE)] == ["cart after 3 minutes"]
    assert (game.snapshot.value, game.now, game.timers) == ("abandoned", 3 * MINUTE, ())


@pytest.mark.parametrize("delay", ["0", "1"])
def test_a_machine_that_ticks_for_ever_does_not_let_too_much_time_pass(delay: str) -> None:
    game = play({"initial": "a", "states": {"a": {"after": {delay: "b"}}, "b": {"after": {delay: "a"}}}})
    game.fire(game.timers[0])
    before = game.snapshot, game.now, game.timers
    with pytest.raises(EndlessWaitError, match=r"Over 1000 timers.* '[ab] after \d ms'.* nothing has happened"):
        game.wait(3 * MINUTE)
    assert (game.snapshot, game.now, game.timers) == before
    assert game.back()
    assert not game.back()


def test_as_many_timers_as_may_fire_while_time_passes() -> None:
    game = play({"initial": "a", "states": {"a": {"after": {"1": "b"}}, "b": {"after": {"1": "a"}}}})
    assert len(game.wait(1000)) == 1000


@pytest.mark.parametrize("named", [{"delay": "SLOW"}, {"params": {"delay": "SLOW"}}])
@pytest.mark.parametrize("place", ["entry", "onEntry"])
def test_a_named_delay_of_what_a_machine_sends_itself_is_a_second(named: Any, place: str) -> None:
    sent = {"type": "xstate.send", "event": "R", **named}
    game = play({"initial": "a", "states": {"a": {place: [sent], "on": {"R": "b"}}, "b": {}}})
    assert (game.snapshot.value, [timer.due for timer in game.timers]) == ("a", [1000])
    game.wait(1000)
    assert game.snapshot.value == "b"


def test_timers_go_with_their_state_and_start_anew() -> None:
    game = play(CHECKOUT, lambda name: False)
    game.wait(MINUTE)
    game.send({"type": "SUBMIT"})
    assert [one.name for one in game.timers] == ["empty after hintTime"]
    game.fire(game.timers[0])
    assert [one.due for one in game.timers] == [game.now + 3 * MINUTE]


def test_every_step_can_be_undone() -> None:
    game = play(CHECKOUT)
    before = game.snapshot, game.now, game.timers
    game.wait(MINUTE)
    game.send({"type": "SUBMIT"})
    assert game.back()
    assert game.back()
    assert (game.snapshot, game.now, game.timers) == before
    assert not game.back()


def test_what_xstate_4_wrote_otherwise_is_read() -> None:
    config = {
        "initial": "internal",
        "states": {
            "internal": {"on": {"GO": {"target": "cond", "cond": "may", "internal": False}}},
            "cond": {"on": {"": [{"target": "end", "cond": {"type": "never"}}, {"target": "later"}]}},
            "later": {},
            "end": {},
        },
    }
    game = play(config, lambda name: name == "may")
    game.send({"type": "GO"})
    assert game.snapshot.value == "later"


def test_the_structure_of_xstate_4_is_read() -> None:
    config = {
        "initial": "input",
        "states": {
            "input": {
                "onEntry": "greet",
                "onExit": "bye",
                "after": [{"delay": 1000, "target": "regions"}, {"delay": "SLOW", "target": "end"}],
                "on": {"SELF": {"target": "input", "internal": False}},
            },
            "regions": {
                "parallel": True,
                "states": {"x": {}, "y": {"on": {"GO": {"target": "#end", "in": "regions.x", "cond": "may"}}}},
            },
            "end": {"id": "end", "type": "final"},
        },
    }
    game = play(config)
    assert [one["type"] for one in game.started.emitted] == ["greet"]
    assert [one["type"] for one in game.send({"type": "SELF"}).emitted] == ["bye", "greet"]
    game.fire(game.timers[0])
    assert game.snapshot.matches({"regions": "y"})
    game.send({"type": "GO"})
    assert game.snapshot.status == "done"


@pytest.mark.parametrize("name", ["context", "input", "meta", "params", "after", "entry", "guard"])
def test_a_state_or_event_may_have_the_name_of_a_key(name: str) -> None:
    state = {"entry": "hello", "on": {name: {"target": "end", "guard": "may", "actions": "went"}}}
    game = play({"initial": name, "states": {name: state, "end": {}}})
    assert [one["type"] for one in game.started.emitted] == ["hello"]
    assert [one["type"] for one in game.send({"type": name}).emitted] == ["went"]
    assert game.snapshot.value == "end"


@pytest.mark.parametrize(
    "sent", [{"type": "xstate.raise", "event": {"type": "R"}}, {"type": "xstate.send", "params": {"event": "R"}}]
)
def test_what_a_machine_sends_to_itself_comes(sent: Any) -> None:
    others = [{"type": "xstate.assign", "assignment": {"n": 1}}, {"type": "xstate.send", "event": "X", "to": "child"}]
    game = play({"initial": "a", "states": {"a": {"entry": [sent, *others], "on": {"R": "b"}}, "b": {}}})
    assert game.snapshot.value == "b"
    assert [one["type"] for one in game.started.emitted] == ["xstate.assign", "xstate.send"]


@pytest.mark.parametrize("how", [{"sendId": "later"}, {"params": {"sendId": "later"}}])
def test_what_a_machine_sends_to_itself_can_be_cancelled(how: Any) -> None:
    sent = [{"type": "xstate.raise", "event": {"type": type_}, "delay": 1000, "id": type_} for type_ in ("R", "later")]
    game = play(
        {"initial": "a", "states": {"a": {"entry": sent, "on": {"NO": {"actions": {"type": "xstate.cancel", **how}}}}}}
    )
    assert len(game.timers) == 2
    game.send({"type": "NO"})
    assert [timer.name for timer in game.timers] == ["R"]


def test_what_is_internal_does_not_leave_its_state() -> None:
    again = {"target": "a", "internal": True}
    game = play({"initial": "a", "states": {"a": {"exit": "bye", "on": {"GO": again}}}})
    assert game.send({"type": "GO"}).emitted == ()


@pytest.mark.parametrize(("passes", "end"), [("may", "b"), ("other", "a")])
def test_a_place_and_a_condition_hold_both(passes: str, end: str) -> None:
    go = {"target": "b", "in": "a", "cond": "may"}
    game = play({"initial": "a", "states": {"a": {"on": {"GO": go}}, "b": {}}}, passes.__eq__)
    game.send({"type": "GO"})
    assert game.snapshot.value == end


@pytest.mark.parametrize("passes", ["new", "old"])
def test_what_is_always_taken_is_written_in_either_way(passes: str) -> None:
    both = {"always": {"target": "new", "guard": "new"}, "on": {"": {"target": "old", "cond": "old"}}}
    game = play({"initial": "a", "states": {"a": both, "new": {}, "old": {}}}, passes.__eq__)
    assert game.snapshot.value == passes


def test_guards_that_are_made_of_others_ask_those() -> None:
    both = {"type": "xstate.and", "guards": ["yes", {"type": "xstate.not", "params": {"guards": ["no"]}}]}
    inside = {"type": "xstate.stateIn", "params": {"stateValue": "a"}}
    game = play(
        {"initial": "a", "states": {"a": {"on": {"B": {"guard": both, "target": "b"}}}, "b": {"on": {"A": "a"}}}},
        lambda name: {"yes": True, "no": False}[name],
    )
    assert game.send({"type": "B"}).transitions
    named = {"type": "xstate.guard", "name": "yes", "predicate": "yes"}
    game = play({"initial": "a", "states": {"a": {"on": {"B": {"cond": named, "target": "b"}}}, "b": {}}}, "yes".__eq__)
    assert game.send({"type": "B"}).transitions
    game = play({"initial": "a", "states": {"a": {"on": {"B": {"guard": inside, "target": "b"}}}, "b": {}}}, bool)
    assert game.send({"type": "B"}).transitions


def test_answers_of_invoked_actors_are_among_what_is_accepted() -> None:
    invoke = {"src": "fetch", "id": "f", "onDone": "ok", "onError": "bad"}
    states = {"a": {"invoke": invoke, "on": {"GO": "ok"}}, "ok": {"type": "final"}, "bad": {}}
    game = play({"initial": "a", "states": states, "output": {"n": 0}})
    assert game.accepted() == ("GO", "xstate.done.actor.f", "xstate.error.actor.f")
    game.send({"type": "xstate.done.actor.f"})
    assert (game.snapshot.output, game.accepted()) == ({"n": 0}, ())


def test_too_many_states_within_each_other_are_refused() -> None:
    deep = '{"initial": "a", "states": {"a": ' * 300 + "{}" + "}}" * 300
    with pytest.raises(ConfigViolation, match="too many states"):
        play(deep)


def test_code_is_told_from_json() -> None:
    code = 'import { createMachine } from "xstate"; export const machine = createMachine({ id: "a" });'
    for name in ("machine.ts", "machine.txt"):
        with pytest.raises(ConfigViolation, match=r"is code, and only JSON is read\. In Stately Studio.*choose JSON"):
            exported_machine(code, name, bool)
    for text, problem in (("{", "is no JSON"), ("[]", "is no machine"), ('{"a": 1}', "is no machine")):
        with pytest.raises(ConfigViolation, match=problem):
            exported_machine(text, "machine.json", bool)


@given(PARTS)
def test_whatever_the_file_holds_it_is_played_or_refused(value: Any) -> None:
    try:
        exported_machine(json.dumps({"initial": "a", "states": {"a": value, "b": {}}}), "machine.json", bool)
    except (ConfigViolation, StatechartError):
        return


def test_a_machine_of_an_app_is_played_with_its_code() -> None:
    played = PlayedMachine(order_machine, order_named("05-approved").data)
    game = Simulation(played.machine, played.input)
    assert [one["type"] for one in game.started.emitted] == ["com.stock.reserve", "com.payment.authorize"]
    game.send(played.event("evt.stock.reserved", {"reservation": "r"}))
    game.send(played.event("evt.payment.authorized", {"authorization": "a"}))
    assert (game.snapshot.value, game.timers[0].name) == ("approving", "approving after 3 days")
    with pytest.raises(Exception, match="approved"):
        played.event("evt.approval.decided", {})
    with pytest.raises(ConfigViolation, match="--input"):
        PlayedMachine(order_machine, None)


def test_events_of_a_file_have_their_data_beside_the_type() -> None:
    played = PlayedFile(CHECKOUT, "checkout.json", bool, None)
    assert played.event("ADD", {"sku": "tea"}) == {"type": "ADD", "sku": "tea"}


def test_a_machine_of_an_app_is_played_without_a_parent() -> None:
    data = {key: value for key, value in order_named("05-approved").data.items() if key != "parentSubject$$"}
    assert PlayedMachine(order_machine, data).input.data["parentSubject$$"] is None

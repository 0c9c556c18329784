"""What a game keeps of the file, and what its clock does with timers that are due, overdue, fired or of no use."""

from __future__ import annotations

from typing import Any

import pytest

from arvo_temporal.simulating import PlayedFile
from tests.arvo_temporal.simulating.test_simulation import play


def region(delay: int | str, action: str) -> dict[str, Any]:
    """Return a region that waits, does something, and stays where it is."""
    return {"initial": "w", "states": {"w": {"after": {delay: {"actions": action}}}}}


def two_timers() -> Any:
    return play({"type": "parallel", "states": {"late": region(2000, "second"), "early": region(1000, "first")}})


def emitted(*moves: Any) -> list[str]:
    return [one["type"] for move in moves for one in move.emitted]


def test_timers_come_in_the_order_in_which_they_are_due() -> None:
    game = two_timers()
    assert [one.name for one in game.timers] == ["early.w after 1 second", "late.w after 2 seconds"]
    moves = game.wait(2000)
    assert emitted(*moves) == ["first", "second"]
    assert [move.event for move in moves] == ["early.w after 1 second", "late.w after 2 seconds"]
    assert (game.now, game.timers) == (2000, ())


def test_a_timer_is_not_due_before_its_time() -> None:
    game = two_timers()
    assert emitted(*game.wait(999)) == []
    assert game.now == 999
    assert emitted(*game.wait(1)) == ["first"]
    assert [one.due for one in game.timers] == [2000]


def test_an_overdue_timer_stays_and_time_does_not_go_back() -> None:
    game = two_timers()
    early, late = game.timers
    assert emitted(game.fire(late)) == ["second"]
    assert (game.now, game.timers) == (2000, (early,))
    assert emitted(game.fire(early)) == ["first"]
    assert (game.now, game.timers) == (2000, ())
    game.back()
    assert (game.now, game.timers) == (2000, (early,))
    assert emitted(*game.wait(0)) == ["first"]
    assert game.now == 2000


def test_a_timer_goes_with_its_state_and_the_others_stay() -> None:
    leaving = {"initial": "a", "states": {"a": {"after": {"5000": "b"}, "on": {"GO": "b"}}, "b": {}}}
    game = play({"type": "parallel", "states": {"x": leaving, "y": region(1000, "came")}})
    assert [one.name for one in game.timers] == ["y.w after 1 second", "x.a after 5 seconds"]
    game.send({"type": "GO"})
    assert [one.name for one in game.timers] == ["y.w after 1 second"]


def test_answers_of_actors_are_told_from_the_inside_outwards() -> None:
    inner = {"b": {"invoke": {"src": "s", "id": "inner", "onDone": "c"}}, "c": {}}
    outer = {"initial": "b", "states": inner, "invoke": {"src": "s", "id": "outer", "onDone": "end"}}
    game = play({"initial": "a", "states": {"a": outer, "end": {}}})
    assert game.accepted() == ("xstate.done.actor.inner", "xstate.done.actor.outer")


def test_what_is_delayed_is_counted_from_when_it_was_sent() -> None:
    soon = {"type": "xstate.raise", "event": {"type": "R"}, "delay": 500}
    game = play({"initial": "a", "states": {"a": {"on": {"GO": {"actions": [soon, soon]}, "R": {"actions": "came"}}}}})
    game.wait(100)
    game.send({"type": "GO"})
    assert [(one.name, one.due) for one in game.timers] == [("R", 600), ("R", 600)], "each of them comes"
    assert emitted(*game.wait(500)) == ["came", "came"]


def test_at_the_end_no_timer_is_left_and_nothing_is_accepted() -> None:
    later = {"type": "xstate.raise", "event": {"type": "R"}, "delay": 5000}
    states = {"a": {"entry": later, "on": {"GO": "end"}}, "end": {"type": "final"}}
    game = play({"initial": "a", "states": states, "on": {"R": {"actions": "came"}}})
    assert ([one.name for one in game.timers], game.accepted()) == (["R"], ("GO", "R"))
    game.send({"type": "GO"})
    assert (game.snapshot.status, game.timers, game.accepted()) == ("done", (), ())
    assert game.wait(5000) == []


def test_the_context_and_params_are_what_stands_in_the_file() -> None:
    mine = {"cond": "x", "data": {"states": {"on": 1}}, "onEntry": ["y"], "after": [{"delay": 5}], "internal": False}
    hello = {"type": "hello", "params": mine}
    game = play({"context": mine, "initial": "a", "states": {"a": {"entry": hello, "meta": mine}}})
    assert game.snapshot.context == mine
    assert game.started.emitted == ({"type": "hello", "params": mine},)
    assert not play({"initial": "a", "states": {"a": {}}}).snapshot.context


def test_actions_on_the_way_out_are_performed_in_their_order() -> None:
    states = {"a": {"exit": ["bye", {"type": "log"}], "on": {"GO": {"target": "b", "actions": "went"}}}}
    game = play({"initial": "a", "states": {**states, "b": {"entry": "hello"}}})
    assert emitted(game.send({"type": "GO"})) == ["bye", "log", "went", "hello"]


@pytest.mark.parametrize(
    ("delay", "due", "name"),
    [
        ("500", 500, "a after 500 ms"),
        ("1500.5", 1500.5, "a after 1500.5 ms"),
        ("2 minutes", 120_000, "a after 2 minutes"),
        ("PT3S", 3000, "a after 3 seconds"),
        ("hintTime", 1000, "a after hintTime"),
    ],
)
def test_delays_are_read_as_they_are_written(delay: str, due: float, name: str) -> None:
    (timer,) = play({"initial": "a", "states": {"a": {"after": {delay: "b"}}, "b": {}}}).timers
    assert (timer.due, timer.name) == (due, name)


def test_an_event_keeps_its_type_whatever_its_data_says() -> None:
    played = PlayedFile('{"initial": "a", "states": {"a": {}}}', "a.json", bool, {"n": 1})
    assert played.event("ADD", {"type": "REMOVE", "n": 1}) == {"type": "ADD", "n": 1}
    assert played.input == {"n": 1}

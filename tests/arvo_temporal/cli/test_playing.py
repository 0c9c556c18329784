"""The screen on which a machine is played: what is typed, and what is said to it."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import typer

from arvo.statechart import create_machine, emit
from arvo_temporal.cli.playing import Player
from arvo_temporal.cli.simulate import Guards, simulate
from arvo_temporal.simulating import Played, PlayedFile
from tests.orders_under_way import order_named

Play = Callable[..., tuple[bool, str]]

CONFIG = {
    "initial": "a",
    "states": {
        "a": {
            "entry": "greet",
            "on": {"GO": {"target": "b", "guard": "may"}, "TAKE": {"actions": "taken"}},
            "after": {"1000": "b", "60000": "c"},
        },
        "b": {},
        "c": {},
    },
}


def broken(context: Any) -> dict[str, Any]:
    """Throw."""
    raise ValueError("the code is broken")


class Coded:
    """A machine with code: it emits, and throws."""

    input: Any = None
    machine = create_machine(
        {
            "initial": "a",
            "context": {},
            "states": {
                "a": {"entry": emit({"type": "told", "n": 1}), "on": {"GO": {"actions": emit(broken), "target": "b"}}},
                "b": {},
            },
        }
    )

    def event(self, type_: str, data: Mapping[str, Any]) -> Any:
        """See `Played.event`."""
        return {**data, "type": type_}


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Play:
    """Return what plays a machine with lines, and tells whether all could be done and what was said."""

    def played(
        *lines: str, as_json: bool = False, coded: bool = False, config: Mapping[str, Any] = CONFIG
    ) -> tuple[bool, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        player = Player(as_json=as_json)
        machine: Played = Coded() if coded else PlayedFile(json.dumps(config), "m.json", player.choice(None), None)
        fine = player.play(machine)
        return fine, capsys.readouterr().out

    return played


def test_one_command_that_cannot_be_done_is_remembered(play: Play) -> None:
    assert play("state")[0]
    assert not play("wait x", "state")[0]


@pytest.mark.parametrize("number", ["0", "3", "99"])
def test_a_number_that_no_event_has_is_told(play: Play, number: str) -> None:
    fine, said = play(number)
    assert not fine
    assert f"There is no event {number}: 2 are accepted now." in said


@pytest.mark.parametrize(("typed", "state"), [("fire", "b"), ("fire 1", "b"), ("fire 2", "c")])
def test_a_timer_fires_by_its_number(play: Play, typed: str, state: str) -> None:
    fine, said = play(typed)
    assert fine
    assert f"● {state}" in said
    assert "There is no timer 3: 2 wait" in play("fire 3")[1]
    assert "There is no timer x: 2 wait" in play("fire x")[1]


@pytest.mark.parametrize("typed", ["timers", "help"])
def test_what_only_tells_shows_no_states_again(play: Play, typed: str) -> None:
    _, said = play(typed)
    assert said.count("● a") == 1
    assert said.count("accepts: ") == 1
    assert len(play(typed, as_json=True)[1].splitlines()) == 2


@pytest.mark.parametrize(
    ("answer", "state"), [("y", "b"), ("YES", "b"), ("True", "b"), ("1", "b"), ("n", "a"), ("", "a")]
)
def test_a_guard_passes_by_what_is_answered(play: Play, answer: str, state: str) -> None:
    assert json.loads(play("GO", answer, as_json=True)[1].splitlines()[-1])["state"] == state


def test_a_guard_that_nobody_answers_for_changes_nothing(play: Play) -> None:
    fine, said = play("GO")
    assert not fine
    assert "The guard 'may' has no code here: answer y or n, or use --guards true." in said


def test_what_is_emitted_is_told_from_what_is_done(play: Play) -> None:
    assert "  does greet\n" in play()[1]
    assert '  emits told {"n": 1}\n' in play(coded=True)[1]
    kinds = [
        json.loads(play(as_json=True, coded=coded)[1])["steps"][0]["effects"][0]["kind"] for coded in (False, True)
    ]
    assert kinds == ["action", "emit"]


def test_a_machine_that_throws_stays_where_it_is(play: Play) -> None:
    fine, said = play("GO", "state", coded=True)
    assert not fine
    assert "The machine throws, and nothing has happened: ValueError: the code is broken" in said
    assert said.count("● a") == 2


def test_a_timer_that_is_overdue_comes_at_once(play: Play) -> None:
    config = {"initial": "a", "states": {"a": {"after": {"1000": {"actions": "x"}, "60000": {"actions": "y"}}}}}
    assert "timer 1: a after 1 second, in 0 ms" in play("fire 2", config=config)[1]
    assert "timer 1: a after 1 second, in 700 ms" in play("wait 300 ms", config=config)[1]


def test_data_of_an_event_is_an_object(play: Play) -> None:
    assert 'An event has an object as its data: {"name": "value"}.' in play("TAKE [1]")[1]
    assert "is no JSON" in play("TAKE {")[1]


@pytest.mark.parametrize(("guards", "state"), [(Guards.TRUE, "b"), (Guards.FALSE, "a")])
def test_guards_can_always_say_the_same(
    guards: Guards,
    state: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "with:colon.json"
    file.write_text(json.dumps(CONFIG))
    monkeypatch.setattr(sys, "stdin", io.StringIO("GO\n"))
    with pytest.raises(typer.Exit) as ended:
        simulate(str(file), None, guards, as_json=True)
    assert ended.value.exit_code == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["state"] == state


@pytest.mark.parametrize("name", ["order", "arvo.orc.order", "order/1.0.0"])
def test_a_machine_of_an_app_is_played_by_its_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("quit\n"))
    with pytest.raises(typer.Exit) as ended:
        simulate(f"examples.orders.app:app:{name}", order_named("05-approved").data, Guards.ASK, as_json=True)
    assert ended.value.exit_code == 0
    assert "securing" in json.loads(capsys.readouterr().out)["state"]

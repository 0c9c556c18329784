"""The screen on which a machine is played: commands in, states and effects out, for people or as JSON."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from adapter.plain_text import plain_text
from arvo.errors import ArvoError
from arvo.picture import tree
from arvo.statechart import StatechartError, duration_words, milliseconds
from arvo.statechart.inspecting import event_words, transition_words
from arvo_temporal.simulating import Choice, Move, Performed, Played, Simulation

_HELP = """\
  1                 the event of that number; JSON after it is its data
  SUBMIT {"n": 1}   an event by its type; send back, where its type is that of a command
  back              undo the last event or waiting
  timers            what waits for its time
  wait 3 days       let time pass; what comes due fires
  fire, fire 2      let a timer fire now, by its number
  state             the states once more
  quit              leave"""


class NotUnderstoodError(ArvoError):
    """A command that cannot be done."""


class Player:
    """Plays a machine with whoever types, or with what is piped in.

    Args:
        as_json: Whether each step is a line of JSON.
    """

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._asks = sys.stdin.isatty() and not as_json
        self._commands: Mapping[str, Callable[[str], list[Move]]] = {
            "back": self._back,
            "timers": self._timers,
            "wait": self._wait,
            "fire": self._fire,
            "state": self._state,
            "send": self._send,
            "help": self._help,
        }

    def choice(self, fixed: bool | None) -> Choice:
        """Return who says whether a guard passes: always the same, or whoever plays."""
        return self._ask_guard if fixed is None else lambda name: fixed

    def play(self, played: Played) -> bool:
        """Play until there are no more commands; tell whether all could be done.

        Raises:
            StatechartError: The machine cannot begin.
        """
        self._played = played
        self._game = Simulation(played.machine, played.input)
        self._show("start", [self._game.started])
        fine = True
        while (line := self._read("> ")) is not None and line != "quit":
            if line:
                fine = self._do(line) and fine
        return fine

    def _do(self, line: str) -> bool:
        word, _, rest = line.partition(" ")
        command = self._commands.get(word)
        try:
            moves = command(rest.strip()) if command else self._send(line)
        except (ArvoError, StatechartError) as error:
            self._fail(line, str(error))
            return False
        except Exception as error:
            self._fail(line, f"The machine throws, and nothing has happened: {type(error).__name__}: {error}")
            return False
        if word not in ("timers", "help") or self._as_json:
            self._show(line, moves)
        return True

    def _send(self, line: str) -> list[Move]:
        type_, _, text = line.partition(" ")
        if type_.isdigit():
            accepted = self._game.accepted()
            if not 0 < int(type_) <= len(accepted):
                raise NotUnderstoodError(f"There is no event {type_}: {len(accepted)} are accepted now.")
            type_ = accepted[int(type_) - 1]
        return [self._game.send(self._played.event(type_, _data(text)))]

    def _back(self, _rest: str) -> list[Move]:
        if not self._game.back():
            raise NotUnderstoodError("This is the beginning: there is no step to undo.")
        return []

    def _wait(self, rest: str) -> list[Move]:
        time = milliseconds(rest)
        if time is None:
            raise NotUnderstoodError(f"'{rest}' is no time: write wait 3 days, or wait PT5M.")
        return self._game.wait(time)

    def _fire(self, rest: str) -> list[Move]:
        timers = self._game.timers
        number = int(rest) if rest.isdigit() else 1 if not rest else 0
        if not 0 < number <= len(timers):
            raise NotUnderstoodError(f"There is no timer {rest or 1}: {len(timers)} wait for their time.")
        return [self._game.fire(timers[number - 1])]

    def _timers(self, _rest: str) -> list[Move]:
        if not self._as_json:
            self._say(self._timer_lines() or ["no timers"])
        return []

    def _state(self, _rest: str) -> list[Move]:
        return []

    def _help(self, _rest: str) -> list[Move]:
        if not self._as_json:
            print(_HELP)
        return []

    def _show(self, command: str, moves: Sequence[Move]) -> None:
        if self._as_json:
            print(json.dumps(self._told(command, moves)), flush=True)
            return
        for move in moves:
            if not move.transitions and move is not self._game.started:
                self._say([f"{move.event} is not accepted here: nothing happens"])
            self._say(f"  {event_words(one)[1]}: {transition_words(one)}" for one in move.transitions)
            self._say(f"  {_effect(one)}" for one in move.emitted)
        print(plain_text(tree(self._game.snapshot, at=self._game.snapshot, columns=_columns()), lines=True), end="")
        if self._game.snapshot.status != "active":
            output = self._game.snapshot.output
            self._say(
                [f"{self._game.snapshot.status}" + ("" if output is None else f": {json.dumps(output, default=str)}")]
            )
        self._say(self._timer_lines())
        accepted = "  ".join(f"{number} {type_}" for number, type_ in enumerate(self._game.accepted(), 1))
        self._say([f"accepts: {accepted or 'nothing'}"])
        sys.stdout.flush()

    def _told(self, command: str, moves: Sequence[Move]) -> dict[str, Any]:
        return {
            "command": command,
            "steps": [
                {
                    "event": move.event,
                    "accepted": bool(move.transitions) or move is self._game.started,
                    "transitions": [one.path for one in move.transitions],
                    "effects": [_effect_json(one) for one in move.emitted],
                }
                for move in moves
            ],
            "state": self._game.snapshot.value,
            "status": self._game.snapshot.status,
            "output": _plain(self._game.snapshot.output),
            "time": self._game.now,
            "accepts": list(self._game.accepted()),
            "timers": [{"name": one.name, "due": one.due} for one in self._game.timers],
            "error": None,
        }

    def _fail(self, command: str, reason: str) -> None:
        if self._as_json:
            print(json.dumps({**self._told(command, []), "error": reason}), flush=True)
        else:
            self._say([f"Error: {reason}"])
            sys.stdout.flush()

    def _timer_lines(self) -> list[str]:
        return [
            f"timer {number}: {one.name}, in {duration_words(max(one.due - self._game.now, 0), most=2)}"
            for number, one in enumerate(self._game.timers, 1)
        ]

    def _ask_guard(self, name: str) -> bool:
        answer = self._read(f"Does the guard '{plain_text(name)}' pass? [y/n] ")
        if answer is None:
            raise NotUnderstoodError(f"The guard '{name}' has no code here: answer y or n, or use --guards true.")
        return answer.lower() in ("y", "yes", "true", "1")

    def _read(self, prompt: str) -> str | None:
        """Return the next line; None after the last one."""
        if self._asks:
            print(prompt, end="", flush=True)
        line = sys.stdin.readline()
        return line.strip() if line else None

    def _say(self, lines: Any) -> None:
        for line in lines:
            print(plain_text(line))


def _data(text: str) -> dict[str, Any]:
    if not text.strip():
        return {}
    try:
        found = json.loads(text)
    except ValueError as error:
        raise NotUnderstoodError(f"What stands after the event is no JSON: {error}.") from None
    if not isinstance(found, dict):
        raise NotUnderstoodError('An event has an object as its data: {"name": "value"}.')
    return found


def _effect(event: Mapping[str, Any]) -> str:
    data = {key: value for key, value in event.items() if key != "type"}
    word = "does" if isinstance(event, Performed) else "emits"
    return f"{word} {event.get('type')}" + (f" {json.dumps(data, default=str)}" if data else "")


def _effect_json(event: Mapping[str, Any]) -> dict[str, Any]:
    return {"kind": "action" if isinstance(event, Performed) else "emit", **_plain(dict(event))}


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value, default=str))


def _columns() -> int:
    bounded = sys.stdout.isatty() or "COLUMNS" in os.environ
    return shutil.get_terminal_size().columns if bounded else 10_000

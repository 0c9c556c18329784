"""Replay the statechart vectors recorded from XState (the machines are written in `operations`).

Every case runs twice: each step from a snapshot that went through JSON, and each step from the live snapshot.
The folder of vectors is taken from the environment variable STATECHART_VECTORS.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from arvo.statechart import (
    Cancel,
    DefinitionError,
    Effect,
    Emit,
    LoopError,
    Schedule,
    Snapshot,
    create_machine,
    initial_transition,
    transition,
)
from tests.conformance.folders import vector_folder
from tests.conformance.operations import Operations, fill

DEFAULTS: dict[str, Any] = {
    "output": None, "error": None, "historyValue": {}, "tags": [], "meta": {},
    "emitted": [], "scheduled": [], "cancelled": [],
}  # fmt: skip


def run() -> int:
    """Replay all vectors, print a line per file, and return the number of failures; 1 if there are none."""
    folder = vector_folder("statechart")
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        print(f"There are no vectors in {folder}: STATECHART_VECTORS names a folder of .jsonl files")
        return 1
    failures = 0
    for file in files:
        cases = read_cases(file)
        differences = {case["name"]: difference for case in cases if (difference := first_difference(case))}
        print(f"{file.name}: {len(cases) - len(differences)} passed, {len(differences)} failed")
        for name, difference in differences.items():
            print(f"  {name}: {difference}")
        failures += len(differences)
    return failures


def read_cases(file: Path) -> list[dict[str, Any]]:
    """The cases of a file."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line]


def first_difference(case: dict[str, Any]) -> str | None:
    """Run a case from JSON and from live snapshots; the first difference, or `None`."""
    for live in (False, True):
        difference = _difference(case, live)
        if difference is not None:
            return f"{'live' if live else 'restored'}: {difference}"
    return None


def _difference(case: dict[str, Any], live: bool) -> str | None:
    try:
        player = Player(case, live)
    except DefinitionError as error:
        refused = "createError" in case or "lazy" in case["tags"]
        return None if refused else f"the machine was refused: {error}"
    if "createError" in case:
        return f"the machine was accepted, expected: {case['createError']}"
    for index, step in enumerate(case["steps"]):
        actual = player.play(step["event"])
        for key, expected in _expected(step["expect"]):
            if not _agrees(key, actual.get(key), expected):
                event = (step["event"] or {}).get("type", "start")
                return f"step {index} ({event}), {key}: expected {expected!r}, got {actual.get(key)!r}"
    return None


def _expected(expect: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    if expect.get("diverges"):
        yield "diverges", True
        return
    yield from expect.items()
    yield from ((key, default) for key, default in DEFAULTS.items() if key not in expect)


def _agrees(key: str, actual: Any, expected: Any) -> bool:
    if key == "error" and isinstance(expected, dict) and "message" in expected and actual is not None:
        return str(actual.get("message")) == str(expected["message"])
    if key == "error" and expected == {}:
        return actual is not None
    if key == "historyValue":  # XState writes records of nothing, and restores none of them
        expected = {name: ids for name, ids in expected.items() if ids}
    return json.dumps(actual, sort_keys=True) == json.dumps(expected, sort_keys=True)


class Player:
    """One case being played, with what XState's actor does around the machine.

    An error makes a snapshot of status `error` that keeps everything else from before the event.
    """

    def __init__(self, case: dict[str, Any], live: bool) -> None:
        self.case = case
        self.live = live
        self.operations = Operations()
        config = self.operations.config(case["config"])
        given = case.get("context", {})
        if set(given) == {"$fromInput"}:
            config["context"] = lambda input: fill(given["$fromInput"], {"$input": input})
        else:
            config["context"] = given
        self.machine = create_machine(
            config,
            guards=self.operations.guards,
            delays=case.get("delays"),
            max_microsteps=case.get("mostMicrosteps", 1000),
            strict=False,
        )
        self.snapshot: Snapshot[dict[str, Any]] | None = None
        self.failed: dict[str, Any] | None = None

    def play(self, event: dict[str, Any] | None) -> dict[str, Any]:
        """Take a step and describe what is seen after it."""
        if self.failed is not None:
            self.failed = {**self.failed, "error": _again(self.failed["error"])}
            return self.failed
        try:
            effects = self._start() if event is None else self._send(event)
        except LoopError:
            return {"diverges": True}
        except Exception as error:
            self.failed = self._failure(error)
            return self.failed
        return {**self._seen(), **_effects(effects)}

    def _start(self) -> tuple[Effect, ...]:
        self.operations.starting = True
        self.snapshot, effects = initial_transition(self.machine, self.case.get("input"))
        self.operations.starting = False
        if self.operations.deferred:
            raise self.operations.deferred[0]
        return effects

    def _send(self, event: dict[str, Any]) -> tuple[Effect, ...]:
        assert self.snapshot is not None
        before = self.snapshot
        if self.case.get("logPerStep") or not self.live:
            data = before.to_json()
            if self.case.get("logPerStep") and "log" in data["context"]:
                data["context"]["log"] = []
            before = self._restored(data) if not self.live else self._with_context(data["context"])
        self.snapshot = before
        self.snapshot, effects = transition(self.machine, before, event)
        return effects

    def _restored(self, data: dict[str, Any]) -> Snapshot[dict[str, Any]]:
        return self.machine.restore(json.loads(json.dumps(data)))

    def _with_context(self, context: dict[str, Any]) -> Snapshot[dict[str, Any]]:
        """The live snapshot with its log emptied, which XState's harness does in JSON."""
        one = self.snapshot
        assert one is not None
        return Snapshot(one.machine, one.status, one._configuration, context, one._history, one.output, one.error)

    def _failure(self, error: Exception) -> dict[str, Any]:
        self.operations.starting = False
        seen = self._seen() if self.snapshot is not None else {"value": None, "context": None}
        return {**seen, **DEFAULTS, **_kept(seen), "status": "error", "error": {"message": str(error)}}

    def _seen(self) -> dict[str, Any]:
        snapshot = self.snapshot
        assert snapshot is not None
        return {
            "status": snapshot.status,
            "value": snapshot.value,
            "context": snapshot.context,
            "output": snapshot.output,
            "error": None if snapshot.error is None else {"value": snapshot.error},
            "historyValue": snapshot.history_value,
            "tags": sorted(snapshot.tags),
            "meta": snapshot.get_meta(),
        }


def _kept(seen: dict[str, Any]) -> dict[str, Any]:
    return {key: seen[key] for key in ("output", "historyValue", "tags", "meta") if key in seen}


def _again(error: dict[str, Any]) -> dict[str, Any]:
    """What is left of an error after JSON: nothing of an Error, everything of a value."""
    return error if "value" in error else {}


def _effects(effects: tuple[Effect, ...]) -> dict[str, Any]:
    letters = {Emit: "e", Schedule: "s", Cancel: "c"}
    order = "".join(letters[type(effect)] for effect in effects)
    return {
        "emitted": [effect.event for effect in effects if isinstance(effect, Emit)],
        "scheduled": [
            {"event": effect.event, "delay": effect.delay_ms, "id": effect.id}
            for effect in effects
            if isinstance(effect, Schedule)
        ],
        "cancelled": [effect.id for effect in effects if isinstance(effect, Cancel)],
        "effectOrder": order,
    }

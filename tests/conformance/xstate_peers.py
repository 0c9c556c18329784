"""Replay what XState's own unit tests made it do: every call of a function, in order, every effect and snapshot."""

from __future__ import annotations

import json
from collections import deque
from typing import Any, Final

from arvo.statechart import Cancel, DefinitionError, Effect, Emit, Schedule, Snapshot, initial_transition, transition
from tests.conformance.recorded_calls import Differs, Json, RecordedMachine, compare

APART: Final = {
    "eventDescriptors/006": "wildcards after a guard of an exact descriptor failed: since 5.32.2; 5.24 stays",
    "history/010": "history of a parallel state that was never visited: since 5.32.4; 5.24 stays",
    "history/011": "history of a parallel state that was never visited: since 5.32.4; 5.24 stays",
    "history/034": "a history that is a number is no snapshot: refused here",
    "machine/009": "resolveState: an interface that is not offered",
    **{f"route/{number:03}": "`route` came with 5.28 and is not offered" for number in range(1, 11)},
}
"""Vectors of a newer XState that differ, and why."""


def first_difference(vector: Json) -> str | None:
    """Play a vector from live and from restored snapshots; the first difference, or `None`."""
    return _difference(vector, live=True) or _difference(vector, live=False)


def _difference(vector: Json, *, live: bool) -> str | None:
    try:
        recorded = RecordedMachine(vector)
    except DefinitionError as error:
        # XState finds such a mistake when the machine starts; here it is found when the machine is created.
        return None if all("throws" in step for step in vector["steps"]) else f"the machine was refused: {error}"
    snapshots: list[Any] = []
    for index, step in enumerate(vector["steps"]):
        try:
            snapshot = _play(recorded, step, snapshots)
            snapshots.append(snapshot if live or snapshot is None else _restored(recorded, snapshot))
        except Differs as difference:
            return f"step {index}: {difference}"
    return None


def _play(recorded: RecordedMachine, step: Json, snapshots: list[Any]) -> Snapshot[Any] | None:
    recorded.calls = deque(step["calls"])
    try:
        snapshot, effects = _do(recorded, step, snapshots)
    except Differs:
        raise
    except Exception as error:
        if "throws" in step:
            return None
        raise Differs(f"{type(error).__name__}: {error}") from error
    if "throws" in step:
        raise Differs(f"recorded that it throws {step['throws']!r}")
    compare("calls that are not made", list(recorded.calls), [])
    compare("effects", [_described(effect) for effect in effects], step["effects"])
    _compare_snapshot(snapshot, step["expected"])
    return snapshot


def _restored(recorded: RecordedMachine, snapshot: Snapshot[Any]) -> Snapshot[Any]:
    return recorded.machine.restore(json.loads(json.dumps(snapshot.to_json())))


def _do(recorded: RecordedMachine, step: Json, snapshots: list[Any]) -> tuple[Snapshot[Any], tuple[Effect, ...]]:
    match step["op"]:
        case "initial":
            return initial_transition(recorded.machine, step.get("input"))
        case "transition":
            return transition(recorded.machine, snapshots[step["from"]], step["event"])
        case _:
            return recorded.machine.restore({"context": {}, **step["data"]}), ()


def _compare_snapshot(snapshot: Snapshot[Any], expected: Json) -> None:
    for what in ("status", "value", "context", "output"):
        compare(what, getattr(snapshot, what), expected[what])
    compare("tags", sorted(snapshot.tags), expected["tags"])
    compare("meta", snapshot.get_meta(), expected["meta"])
    history = {key: sorted(ids) for key, ids in snapshot.history_value.items()}
    compare("history", history, {key: sorted(ids) for key, ids in expected["history"].items()})


def _described(effect: Effect) -> Json:
    match effect:
        case Emit(event):
            return {"emit": event}
        case Schedule(id, event, delay):
            return {"schedule": {"id": id, "event": event, "delay": delay}}
        case Cancel(id):
            return {"cancel": id}

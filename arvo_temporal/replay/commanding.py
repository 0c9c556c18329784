"""The part of a definition that can give commands to Temporal: activities, child workflows, timers, an end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_ACTIONS = ("entry", "exit")
_BY_NAME = ("on", "after")
_TRANSITIONS = ("always", "onDone", "initial", "target")
_PLAIN = ("type", "history")
_SILENT = ("xstate.assign", "xstate.log")


def commanding(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of the definition of a state can give commands.

    That leaves out what is for people, the context, and the actions `assign` and `log`.
    """
    kept: dict[str, Any] = {key: state[key] for key in _PLAIN if key in state}
    kept.update({key: actions for key in _ACTIONS if (actions := _actions(state.get(key)))})
    kept.update({key: _transitions(state[key]) for key in _TRANSITIONS if key in state})
    for key in _BY_NAME:
        kept[key] = {name: _transitions(value) for name, value in (state.get(key) or {}).items()}
    kept["states"] = {name: commanding(child) for name, child in (state.get("states") or {}).items()}
    return kept


def _transitions(value: Any) -> list[Any]:
    return [_transition(item) for item in _listed(value)]


def _transition(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return {"target": value}
    kept = {key: value[key] for key in ("target", "guard", "reenter") if key in value}
    actions = _actions(value.get("actions"))
    return {**kept, "actions": actions} if actions else kept


def _actions(value: Any) -> list[Any]:
    return [action for action in _listed(value) if not (isinstance(action, Mapping) and action.get("type") in _SILENT)]


def _listed(value: Any) -> Sequence[Any]:
    if value is None:
        return ()
    return value if isinstance(value, list) else [value]

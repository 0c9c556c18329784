"""What exports write in their own way, as `create_machine` has it: XState 4, and what XState builds in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from arvo.statechart import and_, cancel, not_, or_, raise_, state_in

OPAQUE = ("context", "meta", "params", "input")
"""Keys whose values belong to somebody's code."""

_NAMED = ("states", "on", "after")
"""Keys whose values are mappings by name."""
_ACTIONS = ("entry", "exit", "actions", "onEntry", "onExit")
_RENAMED = {"cond": "guard", "onEntry": "entry", "onExit": "exit"}


def as_v5(value: Any, key: str = "") -> Any:
    """Return a config read from JSON as XState v5 has it: exports may be of v4, or of both.

    Args:
        value: The config, or a part of it.
        key: The key at which the part stands.
    """
    if isinstance(value, list):
        return _by_delay(value) if key == "after" else [as_v5(one, key) for one in value]
    if not isinstance(value, Mapping) or key in OPAQUE:
        return value
    if key in _NAMED:
        return {name: as_v5(inner) for name, inner in value.items()}
    if key in _ACTIONS:
        return _action(value)
    if key in ("guard", "cond"):
        return _guard(value)
    return _spoken({str(name): as_v5(inner, str(name)) for name, inner in value.items()})


def _spoken(found: dict[str, Any]) -> dict[str, Any]:
    """A state or a transition, with the words of v5."""
    for old, new in _RENAMED.items():
        if old in found:
            found.setdefault(new, found.pop(old))
    if found.pop("internal", None) is False:
        found.setdefault("reenter", True)
    if found.pop("parallel", None) is True:
        found.setdefault("type", "parallel")
    if isinstance(place := found.pop("in", None), str | Mapping):
        inside = state_in(place)
        found["guard"] = and_([inside, found["guard"]]) if found.get("guard") else inside
    on = found.get("on")
    if isinstance(on, dict) and "" in on:
        found["always"] = [*_listed(found.get("always")), *_listed(on.pop(""))]
    return found


def _by_delay(transitions: list[Any]) -> Any:
    """Delayed transitions in a list, each with its `delay`, by their delays."""
    found: dict[str, list[Any]] = {}
    for one in transitions:
        if not isinstance(one, Mapping) or not isinstance(one.get("delay"), str | int | float):
            return transitions  # the compiler says what is wrong with it
        rest = {name: inner for name, inner in one.items() if name != "delay"}
        found.setdefault(str(one["delay"]), []).append(as_v5(rest))
    return found


def _action(action: Mapping[str, Any]) -> Any:
    """An action; what is sent to the machine itself comes, unless it is cancelled."""
    given = {**action, **_mapping(action.get("params"))}
    if action.get("type") == "xstate.cancel" and isinstance(sent := given.get("sendId"), str):
        return cancel(sent)
    event = given.get("event")
    event = {"type": event} if isinstance(event, str) else event
    own = action.get("type") == "xstate.raise" or (action.get("type") == "xstate.send" and given.get("to") is None)
    if not own or not isinstance(event, Mapping) or not isinstance(event.get("type"), str):
        return action
    delay, name = given.get("delay"), given.get("id")
    known = delay if isinstance(delay, str | int | float) else None
    return raise_(event, delay=known, id=name if isinstance(name, str) else None)


def _guard(guard: Mapping[str, Any]) -> Any:
    """A guard; of those that XState builds in, what they are made of is asked."""
    if _is_wrapped(guard):
        return guard["name"]
    given = {**guard, **_mapping(guard.get("params"))}
    kind = str(guard.get("type")).removeprefix("xstate.")
    place = given.get("state", given.get("stateValue"))
    if kind == "stateIn" and isinstance(place, str | Mapping):
        return state_in(place)
    inner = given.get("guards")
    if kind not in _COMBINED or not isinstance(inner, list) or not inner:
        return guard
    return _COMBINED[kind]([_guard(one) if isinstance(one, Mapping) else one for one in inner])


_COMBINED: Mapping[str, Callable[[list[Any]], Any]] = {
    "and": and_,
    "or": or_,
    "not": lambda guards: not_(guards[0]),
}


def guards_in(guard: Any) -> list[Any]:
    """Return what a guard in JSON is made of: itself, if it is one name."""
    if not isinstance(guard, Mapping):
        return [guard]
    if _is_wrapped(guard):
        return [guard["name"]]
    inner = {**guard, **_mapping(guard.get("params"))}.get("guards")
    combined = str(guard.get("type")).removeprefix("xstate.") in _COMBINED and isinstance(inner, list)
    return [name for one in inner for name in guards_in(one)] if combined and isinstance(inner, list) else [guard]


def _is_wrapped(guard: Mapping[str, Any]) -> bool:
    """Whether it is a named guard as the definition of a machine of XState 4 has it."""
    return guard.get("type") == "xstate.guard" and isinstance(guard.get("name"), str)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]

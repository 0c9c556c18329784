"""Transitions in words: their events, guards, delays and actions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from arvo.statechart.authoring import BuiltInAction, BuiltInGuard, name_of
from arvo.statechart.durations import duration_words
from arvo.statechart.inspecting.definition import config_json
from arvo.statechart.inspecting.naming import state_name, value_words
from arvo.statechart.running import CompiledMachine, Transition

LONGEST_PARAMS: Final = 48


def event_words(transition: Transition) -> tuple[str, str]:
    """The kind of a transition's arrow, and what triggers it."""
    event, source = transition.event, transition.source.id
    if not event:
        return "always", "always"
    if event == f"xstate.done.state.{source}":
        return "done", "done"
    if event.startswith("xstate.done.state."):
        return "done", f"{event.removeprefix('xstate.done.state.')} done"
    if event.startswith("xstate.after."):
        return "after", f"after {_delay(event.removeprefix('xstate.after.').removesuffix(f'.{source}'))}"
    for prefix, kind, word in (("xstate.done.actor.", "done", "done"), ("xstate.error.actor.", "error", "failed")):
        if event.startswith(prefix):
            return kind, f"{event.removeprefix(prefix)} {word}"
    return "event", event


def transition_words(transition: Transition) -> str:
    """A transition, as people say it: `approving → shipping [is_approved]`."""
    targets = ", ".join(map(state_name, transition.target or ()))
    words = f"{state_name(transition.source)} → {targets}" if targets else state_name(transition.source)
    guard = guard_words(transition.config.get("guard"))
    return words + (f" [{guard}]" if guard else "")


def transition_name(transition: Transition) -> str:
    """Its state, what triggers it, its turn among several for the same event, and its guard, as a picture has them.

    Such as `payment.pending: evt.payment.declined 2 [is_final]`.
    """
    turn = turn_of(transition)
    guard = turn_guard(transition)
    words = guarded(turn, guard) if guard else str(turn) if turn else ""
    return f"{state_name(transition.source)}: {event_words(transition)[1]} {words}".rstrip()


def turn_of(transition: Transition) -> int:
    """Which one it is of several for the same event, counted from 1; 0 if there are no others."""
    source = transition.source
    others = source.transitions[transition.event] if transition.event else source.always
    return others.index(transition) + 1 if len(others) > 1 else 0


def turn_guard(transition: Transition) -> str:
    """The guard of a transition in words: `else` where it has none and others come before it, empty otherwise."""
    return guard_words(transition.config.get("guard")) or ("else" if turn_of(transition) > 1 else "")


def delayed_words(machine: CompiledMachine[Any], event_type: str) -> str:
    """A timer by the type of its event, in words: `approving after 3 days`; other types as they are."""
    for node in machine.nodes:
        for found in node.transitions.get(event_type, ()):
            kind, words = event_words(found)
            if kind == "after":
                return f"{state_name(node)} {words}"
    return event_type


def guard_words(guard: Any) -> str:
    """A guard, as its author would say it; empty if there is none."""
    if guard is None:
        return ""
    plain = _plain(guard)
    if not isinstance(plain, Mapping):
        return str(plain)
    kind, params = str(plain.get("type", "")), plain.get("params")
    inner = _inner_guards(plain)
    match kind.removeprefix("xstate.").lower():
        case "and" | "or" as joint if inner:
            return f" {joint} ".join(_bracketed(one) for one in inner)
        case "not" if inner:
            return f"not {_bracketed(inner[0])}"
        case "statein":
            value = params.get("stateValue", params.get("value", params)) if isinstance(params, Mapping) else params
            return f"in {value_words(value)}"
    return f"{kind}{_params(params)}"


def guarded(turn: int, guard: str) -> str:
    """A guard in brackets, after the turn in which it is asked."""
    return f"{turn} [{guard}]" if turn else f"[{guard}]"


def action_words(action: Any) -> str:
    """An action, as its author would say it."""
    plain = _plain(action)
    if not isinstance(plain, Mapping):
        return str(plain)
    kind, params = str(plain.get("type", "")), plain.get("params")
    given = params if isinstance(params, Mapping) else {}
    match kind:
        case "xstate.assign":
            keys = given.get("assignment", given)
            return f"assign {', '.join(map(str, keys))}" if isinstance(keys, Mapping) and keys else "assign"
        case "xstate.raise" | "xstate.emit" | "xstate.sendTo" | "xstate.cancel" | "xstate.log":
            return f"{kind.removeprefix('xstate.')} {_subject(given)}".strip()
        case "xstate.enqueueActions":
            collect = getattr(action, "collect", None)
            return name_of(collect) if collect is not None and name_of(collect) != "<lambda>" else "enqueue actions"
        case "enqueueArvoEvent":
            return f"enqueue {_subject({'event': params})}".strip()
    return f"{kind.removeprefix('xstate.')}{_params(params)}"


def listed(value: Any) -> tuple[Any, ...]:
    """A config's one or many, as a tuple."""
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def _plain(reference: Any) -> Any:
    if isinstance(reference, BuiltInAction | BuiltInGuard):
        return reference.to_json()
    if callable(reference):
        return "function" if name_of(reference) == "<lambda>" else name_of(reference)
    return reference


def _delay(key: str) -> str:
    try:
        return duration_words(float(key))
    except (ValueError, OverflowError):
        return key


def _inner_guards(plain: Mapping[str, Any]) -> list[Any]:
    params = plain.get("params")
    given = params if isinstance(params, Mapping) else plain
    found = given.get("guards", given.get("guard", plain.get("children")))
    return list(listed(found))


def _bracketed(guard: Any) -> str:
    text = guard_words(guard)
    return f"({text})" if " or " in text or " and " in text else text


def _subject(params: Mapping[str, Any]) -> str:
    """What an action is about: the type of its event, an id, a label."""
    event = params.get("event", params.get("id", params.get("sendId", params.get("label"))))
    if isinstance(event, Mapping):
        event = event.get("type")
    return "" if event is None or callable(event) else str(event)


def _params(params: Any) -> str:
    if not params or callable(params):
        return ""
    text = _pairs(params.items()) if isinstance(params, Mapping) else _value(params)
    return f"({text})" if len(text) <= LONGEST_PARAMS else f"({text[: LONGEST_PARAMS - 1]}…)"


def _pairs(items: Iterable[tuple[Any, Any]]) -> str:
    return ", ".join(f"{key}: {_value(value)}" for key, value in items)


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(config_json(value), ensure_ascii=False, default=str)

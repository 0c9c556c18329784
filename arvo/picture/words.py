"""Events, guards, actions and durations in words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from arvo.statechart import duration_words
from arvo.statechart.authoring import BuiltInAction, BuiltInGuard, name_of
from arvo.statechart.inspecting import config_json
from arvo.statechart.running import CompiledMachine, StateNode, Transition

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


def state_words(node: StateNode) -> str:
    """The name of a state: keys from the root, joined with dots; of the root its id."""
    return ".".join(one.key for one in (*reversed(node.ancestors[:-1]), node)) if node.parent else node.id


def value_words(value: Any) -> str:
    """A state value, as people say it: `approving`, or `securing.stock.settled, securing.payment.authorizing`."""
    return ", ".join(_leaves(value)) or "nowhere"


def transition_words(transition: Transition) -> str:
    """A transition, as people say it: `approving → shipping [is_approved]`."""
    targets = ", ".join(map(state_words, transition.target or ()))
    words = f"{state_words(transition.source)} → {targets}" if targets else state_words(transition.source)
    guard = guard_words(transition.config.get("guard"))
    return words + (f" [{guard}]" if guard else "")


def delayed_words(machine: CompiledMachine[Any], event_type: str) -> str:
    """A timer by the type of its event, in words: `approving after 3 days`; other types as they are."""
    for node in machine.nodes:
        for found in node.transitions.get(event_type, ()):
            kind, words = event_words(found)
            if kind == "after":
                return f"{state_words(node)} {words}"
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
            return f"in {_state_words(value)}"
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


def _state_words(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}.{_state_words(inner)}" if inner else str(key) for key, inner in value.items())
    return str(value)


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


def _leaves(value: Any) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield str(value)
        return
    for key, inner in value.items():
        below = [f"{key}.{leaf}" for leaf in _leaves(inner)] if inner else [str(key)]
        yield from below

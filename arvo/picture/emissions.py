"""Which events an action emits, as far as its code says so without being run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from types import CodeType
from typing import Any

from arvo.statechart.authoring import BuiltInAction


def emitted_types(action: Any, known: Collection[str], actions: Mapping[str, Any]) -> list[str]:
    """Types of the events that an action emits.

    A literal event says its type. For one that is computed, the types that its function mentions are taken, of
    those that the machine's services accept.

    Args:
        action: An action as a config has it.
        known: Event types that services accept.
        actions: Implementations of named actions.
    """
    return list(dict.fromkeys(_types(action, known, actions, 0)))


def _types(action: Any, known: Collection[str], actions: Mapping[str, Any], depth: int) -> Iterator[str]:
    if depth > 8:
        return
    if isinstance(action, list | tuple):
        for one in action:
            yield from _types(one, known, actions, depth + 1)
    elif isinstance(action, BuiltInAction):
        yield from _of_built_in(action.type, action.to_json()["params"], known)
    elif isinstance(action, Mapping):
        kind, params = action.get("type"), action.get("params")
        yield from _of_built_in(kind, {"event": params} if kind == "enqueueArvoEvent" else params, known)
        yield from _types(_implementation(kind, actions), known, actions, depth + 1)
    elif isinstance(action, str):
        yield from _types(_implementation(action, actions), known, actions, depth + 1)


def _implementation(name: Any, actions: Mapping[str, Any]) -> Any:
    return actions.get(name) if isinstance(name, str) else None


def _of_built_in(kind: Any, params: Any, known: Collection[str]) -> Iterator[str]:
    if not isinstance(params, Mapping) or kind not in ("xstate.emit", "xstate.enqueueActions", "enqueueArvoEvent"):
        return
    event = params.get("event", params.get("collect"))
    if isinstance(event, Mapping) and isinstance(event.get("type"), str):
        yield event["type"]
    elif callable(event):
        yield from (text for text in _mentioned(event) if text in known)


def _mentioned(function: Callable[..., Any]) -> Iterator[str]:
    code = getattr(function, "__code__", None)
    if isinstance(code, CodeType):
        yield from _constants(code)
    for cell in getattr(function, "__closure__", None) or ():
        with suppress(ValueError):  # a name that has no value
            if isinstance(cell.cell_contents, str):
                yield cell.cell_contents


def _constants(code: CodeType) -> Iterator[str]:
    for constant in code.co_consts:
        if isinstance(constant, str):
            yield constant
        elif isinstance(constant, CodeType):
            yield from _constants(constant)

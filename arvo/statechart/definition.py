"""A definition as JSON: XState's machine config, with callables by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from arvo.statechart.actions.builtin import BuiltInAction
from arvo.statechart.callables import name_of
from arvo.statechart.guards import GuardObject
from arvo.statechart.keys import items


def definition(value: Any) -> Any:
    """A part of a config as JSON.

    Callables become their names, so that the result together with implementations of these names is the
    same machine. Built-in actions and guards become `{"type": "xstate.assign", "params": {...}}` and the like.
    """
    if isinstance(value, BuiltInAction | GuardObject):
        return definition(value.to_json())
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, Mapping):
        return {key: definition(inner) for key, inner in items(value)}
    if isinstance(value, list | tuple | set | frozenset):
        return [definition(one) for one in value]
    return name_of(value) if callable(value) else value

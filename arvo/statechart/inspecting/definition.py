"""A definition as JSON: XState's machine config, with callables by name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import BaseModel

from arvo.statechart.authoring import BuiltInAction, BuiltInGuard, name_of
from arvo.statechart.durations import iso_text
from arvo.statechart.keys import items


def config_json(value: Any) -> Any:
    """A part of a config as JSON.

    Callables become their names, so that the result together with implementations of these names is the
    same machine. Built-in actions and guards become `{"type": "xstate.assign", "params": {...}}` and the like.
    A `timedelta` becomes ISO 8601, and milliseconds where it is a key.
    """
    if isinstance(value, BuiltInAction | BuiltInGuard):
        return config_json(value.to_json())
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, timedelta):
        return iso_text(value)
    if isinstance(value, Mapping):
        return {key: config_json(inner) for key, inner in items(value)}
    if isinstance(value, list | tuple | set | frozenset):
        return [config_json(one) for one in value]
    return name_of(value) if callable(value) else value

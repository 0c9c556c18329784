"""Types of a machine config, for authors who want their type checker to read it.

config: MachineConfig = {"id": "light", "initial": "red", "states": {...}}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal, TypeAlias, TypedDict

from pydantic import BaseModel

from arvo.statechart.authoring.built_in import BuiltInAction, BuiltInGuard
from arvo.statechart.durations import Duration


class ActionConfig(TypedDict, total=False):
    """A named action with params."""

    type: str
    params: Mapping[str, Any] | Callable[..., Mapping[str, Any]]


class GuardConfig(TypedDict, total=False):
    """A named guard with params."""

    type: str
    params: Mapping[str, Any] | Callable[..., Mapping[str, Any]]


Action: TypeAlias = str | ActionConfig | BuiltInAction | Callable[..., object]
Actions: TypeAlias = Action | Sequence[Action]
Guard: TypeAlias = str | GuardConfig | BuiltInGuard | Callable[..., bool]
Delay: TypeAlias = Duration | Callable[..., Duration]


class TransitionConfig(TypedDict, total=False):
    """A transition."""

    target: str | Sequence[str]
    guard: Guard
    actions: Actions
    reenter: bool
    description: str
    meta: object


class InitialConfig(TypedDict, total=False):
    """An initial transition with actions."""

    target: str
    actions: Actions


Transitions: TypeAlias = str | TransitionConfig | Sequence[str | TransitionConfig] | None


class StateConfig(TypedDict, total=False):
    """A state."""

    id: str
    type: Literal["atomic", "compound", "parallel", "final", "history"]
    initial: str | InitialConfig
    states: Mapping[str, StateConfig]
    on: Mapping[str, Transitions]
    always: Transitions
    after: Mapping[int, Transitions] | Mapping[str, Transitions] | Mapping[timedelta, Transitions]
    onDone: Transitions
    entry: Actions
    exit: Actions
    tags: str | Sequence[str]
    meta: object
    description: str
    output: object
    history: bool | Literal["shallow", "deep"]
    target: str | Sequence[str]


class MachineOptions(TypedDict, total=False):
    """How a machine runs: `maxIterations` is how many microsteps an event may take."""

    maxIterations: int


class MachineConfig(StateConfig, total=False):
    """A machine: the root state with its context."""

    context: Mapping[str, Any] | BaseModel | Callable[..., Mapping[str, Any] | BaseModel]
    version: str
    options: MachineOptions

"""Which type a machine's context has, and what makes the first one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from pydantic import BaseModel

from arvo.statechart.authoring import arguments_of
from arvo.statechart.errors import ReferenceProblem
from arvo.statechart.running import ContextType


def context_type(declared: Any, initial: Any) -> ContextType:
    """Take the model that the author declared, or that the initial context shows."""
    for candidate in (declared, initial, type(initial), _returned(initial)):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return ContextType(candidate)
    return ContextType()


def context_factory(kind: ContextType, given: Any) -> Callable[[Any], Any]:
    """What makes the first context from the input.

    Args:
        kind: The type of the context.
        given: A mapping, a model instance, a model class with defaults, or a callable that may name `input`.

    Raises:
        ReferenceProblem: It is none of these.
    """
    if kind.model is not None and given is kind.model:
        return lambda input: kind.first({})
    if callable(given):
        wanted = arguments_of(given, ("input",))
        return lambda input: kind.first(given(input=input) if wanted else given())
    if given is None or isinstance(given, Mapping | BaseModel):
        return lambda input: kind.first(deepcopy(given))
    raise ReferenceProblem(f"{given!r} is no context", "write an object, a model or a callable")


def _returned(function: Any) -> Any:
    """The return annotation of a context factory."""
    annotation = getattr(function, "__annotations__", {}).get("return")
    return getattr(function, "__globals__", {}).get(annotation) if isinstance(annotation, str) else annotation

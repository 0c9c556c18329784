"""Which type a machine's context has, and what makes the first one."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from pydantic import BaseModel

from arvo.statechart.authoring import arguments_of, name_of, read
from arvo.statechart.errors import ContextError, ReferenceProblem
from arvo.statechart.running import ContextType

_UNSEEN = "which nothing says before it is called: it would become a dict"


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
        ReferenceProblem: It is none of these, or a model that it makes is neither declared nor annotated.
    """
    if kind.model is not None and given is kind.model:
        _refuse_missing_defaults(kind.model)
        return lambda input: kind.first({})
    if callable(given):
        _refuse_hidden_model(kind, given)
        wanted = arguments_of(given, ("input",))
        return lambda input: _first(kind, given(input=input) if wanted else given())
    if given is None or isinstance(given, Mapping | BaseModel):
        return lambda input: _first(kind, deepcopy(given))
    raise ReferenceProblem(f"{given!r} is no context", "write an object, a model or a callable")


def _first(kind: ContextType, value: Any) -> Any:
    """The first context, of what the author gave or computed.

    Raises:
        ContextError: It is a model that nothing announced, which would become a dict, or no object at all.
    """
    if kind.model is None and isinstance(value, BaseModel):
        raise ContextError(f"The context is a {type(value).__name__}, {_UNSEEN}. To fix: {_announce(type(value))}.")
    if kind.model is None and value is not None and not isinstance(value, Mapping):
        raise ContextError(f"The context is {value!r}, which has no keys. To fix: return a mapping or a model.")
    return kind.first(value)


def _refuse_hidden_model(kind: ContextType, function: Any) -> None:
    made = read(function).called if kind.model is None else None
    if isinstance(made, type) and issubclass(made, BaseModel):
        raise ReferenceProblem(f"{name_of(function)} returns a {made.__name__}, {_UNSEEN}", _announce(made))


def _refuse_missing_defaults(model: type[BaseModel]) -> None:
    missing = [name for name, one in model.model_fields.items() if one.is_required()]
    if missing:
        raise ReferenceProblem(
            f"{model.__name__} cannot be made without {', '.join(missing)}",
            f"give them defaults, or write a function that makes it: def opening(input) -> {model.__name__}",
        )


def _announce(model: type[BaseModel]) -> str:
    name = model.__name__
    return f"declare it where the machine is made, context={name}, or write a function with the annotation -> {name}"


def _returned(function: Any) -> Any:
    """The return annotation of a context factory; as a text, what that names in its closure or its module."""
    annotation = getattr(function, "__annotations__", {}).get("return")
    if not isinstance(annotation, str) or not inspect.isfunction(function):
        return annotation
    first, *path = annotation.split(".")
    found = _closure(function).get(first, function.__globals__.get(first))
    for name in path:
        found = getattr(found, name, None)
    return found


def _closure(function: Any) -> Mapping[str, Any]:
    try:
        return inspect.getclosurevars(function).nonlocals
    except ValueError:
        return {}  # a variable around it has no value yet

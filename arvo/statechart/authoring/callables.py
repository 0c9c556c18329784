"""Call user functions with exactly the arguments they name.

Parameter names are read once, when the machine is created; what remains per call is one direct call.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from difflib import get_close_matches
from functools import partial
from types import FunctionType
from typing import Any

from arvo.statechart.errors import ReferenceProblem
from arvo.statechart.running import Compiled

ARGUMENTS = ("context", "event", "params")


def name_of(function: Callable[..., Any]) -> str:
    """Name of a callable as a reader knows it."""
    return str(getattr(function, "__name__", None) or type(function).__name__)


def arguments_of(function: Callable[..., Any], allowed: tuple[str, ...] = ARGUMENTS) -> tuple[str, ...]:
    """Which of the `allowed` arguments the function wants, sorted.

    Raises:
        ReferenceProblem: It has a required parameter that is none of them, or it is async.
    """
    if _is_async(function):
        raise ReferenceProblem(
            f"{name_of(function)} is async, and a machine does not wait inside a step",
            "write a plain function; what takes time is done by a service: emit an event, and handle its answer",
        )
    if type(function) is FunctionType and not hasattr(function, "__wrapped__"):
        code = function.__code__
        simple = not code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS)
        names = code.co_varnames[: code.co_argcount]
        if simple and not code.co_kwonlyargcount and not code.co_posonlyargcount and set(names) <= set(allowed):
            return tuple(sorted(names))
    return _inspect(function, allowed)


def _is_async(function: Callable[..., Any]) -> bool:
    while isinstance(function, partial):
        function = function.func
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__call__)


def _inspect(function: Callable[..., Any], allowed: tuple[str, ...]) -> tuple[str, ...]:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        raise ReferenceProblem(
            f"the parameters of {name_of(function)} cannot be read", "wrap it in a function or lambda"
        ) from None
    wanted = set()
    for parameter in parameters:
        if parameter.kind is parameter.VAR_KEYWORD:
            return tuple(sorted(allowed))
        if parameter.kind is parameter.VAR_POSITIONAL:
            continue
        if parameter.name in allowed and parameter.kind is not parameter.POSITIONAL_ONLY:
            wanted.add(parameter.name)
        elif parameter.default is parameter.empty:
            raise ReferenceProblem(*_unknown_parameter(function, parameter.name, allowed))
    return tuple(sorted(wanted))


def _unknown_parameter(function: Callable[..., Any], name: str, allowed: tuple[str, ...]) -> tuple[str, str]:
    near = get_close_matches(name, allowed, 1, 0.4)
    choice = ", ".join(allowed)
    cure = f"write {near[0]!r} instead" if near else f"name any of {choice}"
    if name in allowed:
        cure = "drop the '/' from its parameters: arguments are passed by name"
    return f"{name_of(function)} asks for {name!r}, which is none of {choice}", cure


def bind(function: Callable[..., Any]) -> Compiled:
    """Wrap a guard, action or expression so that it is called as `(step, params)`.

    Raises:
        ReferenceProblem: It is async, or requires a parameter that is not on offer.
    """
    f = function
    match arguments_of(function):
        case ():
            return lambda step, params: f()
        case ("context",):
            return lambda step, params: f(context=step.context)
        case ("event",):
            return lambda step, params: f(event=step.event)
        case ("params",):
            return lambda step, params: f(params=params)
        case ("context", "event"):
            return lambda step, params: f(context=step.context, event=step.event)
        case ("context", "params"):
            return lambda step, params: f(context=step.context, params=params)
        case ("event", "params"):
            return lambda step, params: f(event=step.event, params=params)
        case _:
            return lambda step, params: f(context=step.context, event=step.event, params=params)

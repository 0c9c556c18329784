"""Functions of users say what they need by the names of their parameters."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable

_BY_NAME = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def wanted_arguments(function: Callable[..., object], offered: Iterable[str], place: str) -> tuple[str, ...]:
    """Which of the arguments on offer a function takes; `**kwargs` takes all of them.

    Args:
        function: The function to look at.
        offered: Names of the arguments that it can be given.
        place: Where the function was given, for the message.

    Raises:
        TypeError: It requires an argument that is not on offer.
    """
    names = tuple(offered)
    parameters = inspect.signature(function).parameters.values()
    if any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters):
        return names
    wanted = tuple(p.name for p in parameters if p.kind in _BY_NAME and p.name in names)
    for parameter in parameters:
        optional = parameter.default is not inspect.Parameter.empty
        if parameter.name not in wanted and not optional and parameter.kind is not _VAR_POSITIONAL:
            raise TypeError(
                f"{place}: parameter '{parameter.name}' is unknown; a function here can take "
                f"{', '.join(names)}. To fix: rename it, or give it a default."
            )
    return wanted


_VAR_POSITIONAL = inspect.Parameter.VAR_POSITIONAL

"""`check_purity` for resumables: each call of the function is made twice, and what differs is reported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from arvo.handling import call, reproducible
from arvo.statechart import PurityError

_STATE = ("context", "metadata", "collected_events")
"""The arguments that a function could change in place; events are immutable."""


async def call_twice(
    name: str, function: Callable[..., Any], arguments: Mapping[str, Any], seed: tuple[str, ...]
) -> Any:
    """Call a function twice, each time with fresh arguments and the same ids to draw, and return what it returns.

    Args:
        name: Its name, for the message.
        function: The function.
        arguments: Its arguments.
        seed: What the ids that it draws follow from.

    Raises:
        PurityError: It returns something else the second time, or changes its arguments.
        Exception: What it raises.
    """
    results = []
    for _ in range(2):
        given = {key: deepcopy(value) if key in _STATE else value for key, value in arguments.items()}
        with reproducible(*seed):
            results.append(await call(function, **given))
        for key in given:
            if key in _STATE and not _same(given[key], arguments[key]):
                raise PurityError(
                    f"{name} changed the {key} it was given from {arguments[key]!r} to {given[key]!r}: return a new "
                    "context instead",
                    name,
                )
    first, second = results
    if not _same(first, second):
        raise PurityError(
            f"{name} gave {first!r} and then, for the same arguments, {second!r}: clocks, random numbers and outside "
            "state belong into events or into the input",
            name,
        )
    return first


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) or repr(one) == repr(other)

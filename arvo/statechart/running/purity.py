"""`check_purity`: every step is computed twice, and what differs is reported with the callable that did it."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from itertools import zip_longest
from typing import Any, TypeVar

from arvo.statechart.errors import PurityError
from arvo.statechart.running.calls import Compiled, Step, Trace

T = TypeVar("T")


def traced(compiled: Compiled, name: str) -> Compiled:
    """Note the results of a callable, and see that it leaves its arguments alone."""

    def call(step: Step, params: Any) -> Any:
        before = deepcopy((step.context, step.event, params))
        result = compiled(step, params)
        for what, old, new in zip(
            ("context", "event", "params"), before, (step.context, step.event, params), strict=True
        ):
            if not _same(old, new):
                raise PurityError(
                    f"{name} changed the {what} it was given from {old!r} to {new!r}: "
                    "return new values through assign(...) instead",
                    name,
                )
        if step.trace is not None:
            step.trace.append((name, deepcopy(result)))
        return result

    return call


def checked(run: Callable[[Trace], T]) -> T:
    """Compute a step twice, and see that both made the same calls with the same results.

    Raises:
        PurityError: They did not; names the first callable that differed.
    """
    first: Trace = []
    second: Trace = []
    result = run(first)
    run(second)
    _compare(first, second)
    return result


def _compare(first: Trace, second: Trace) -> None:
    for one, other in zip_longest(first, second):
        if one is None or other is None or one[0] != other[0] or not _same(one[1], other[1]):
            name, result = one or other
            again = other[1] if one and other and one[0] == other[0] else "another course"
            raise PurityError(
                f"{name} gave {result!r} and then, for the same arguments, {again!r}: "
                "clocks, random numbers and outside state belong into events or into the input",
                name,
            )


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) or repr(one) == repr(other)

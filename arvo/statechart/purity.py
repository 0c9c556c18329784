"""`check_purity`: every step is computed twice, and what differs is reported with the callable that did it."""

from __future__ import annotations

from copy import deepcopy
from itertools import zip_longest
from typing import Any

from arvo.statechart.callables import Bound
from arvo.statechart.errors import PurityError

Trace = list[tuple[str, Any]]


def traced(bound: Bound, name: str) -> Bound:
    """Note the results of a callable, and see that it leaves its arguments alone."""

    def call(scope: Any, params: Any) -> Any:
        before = deepcopy((scope.context, scope.event, params))
        result = bound(scope, params)
        for what, old, new in zip(
            ("context", "event", "params"), before, (scope.context, scope.event, params), strict=True
        ):
            if not _same(old, new):
                raise PurityError(
                    f"{name} changed the {what} it was given from {old!r} to {new!r}: "
                    "return new values through assign(...) instead",
                    name,
                )
        if scope.trace is not None:
            scope.trace.append((name, deepcopy(result)))
        return result

    return call


def compare(first: Trace, second: Trace) -> None:
    """See that two runs of the same step made the same calls with the same results.

    Raises:
        PurityError: They did not; names the first callable that differed.
    """
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

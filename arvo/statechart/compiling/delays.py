"""Turn what a config says about delays into calls that answer milliseconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from reprlib import repr as shown
from typing import Any

from arvo.statechart.authoring import name_of
from arvo.statechart.durations import HOW_TO_WRITE, milliseconds
from arvo.statechart.errors import DelayError, DelayProblem
from arvo.statechart.running import Compiled, Step


class Delays:
    """The named delays of a machine.

    Args:
        named: Durations, and callables that compute them, by name.
        bind: Compiles a callable.
        strict: Whether an unknown name is a problem. XState raises the event at once.
    """

    def __init__(self, named: Mapping[str, Any], bind: Callable[[Any], Compiled], *, strict: bool) -> None:
        self._named = dict(named)
        self._bind = bind
        self._strict = strict

    def __contains__(self, name: object) -> bool:
        return name in self._named

    def problems(self) -> Iterator[tuple[str, DelayProblem]]:
        """What is wrong with the named delays, by their names."""
        for name, delay in self._named.items():
            try:
                _ = callable(delay) or self._constant(delay)
            except DelayProblem as error:
                yield name, error

    def compile(self, reference: Any, place: str) -> Compiled:
        """Compile a name, a duration, or a callable that computes one; the call answers milliseconds.

        It answers `None`, for an event that is raised at once, where a callable in `raise_` does, and for unknown
        names that are tolerated.

        Args:
            reference: What the config says.
            place: Where it says so, for errors while the machine runs.

        Raises:
            DelayProblem: It is none of these.
        """
        if isinstance(reference, str) and reference in self._named:
            named = self._named[reference]
            if callable(named):
                return self._computed(named, f"{place}: delay {reference!r}", optional=False)
            known = milliseconds(named)
            return lambda step, params: known
        if callable(reference):
            return self._computed(reference, f"{place}: the delay by {name_of(reference)}", optional=True)
        if isinstance(reference, str) and milliseconds(reference) is None:
            return self._unknown(reference)
        constant = self._constant(reference)
        return lambda step, params: constant

    def _constant(self, duration: Any) -> float:
        found = milliseconds(duration)
        if found is None:
            raise DelayProblem(f"{duration!r} is no delay", f"write {HOW_TO_WRITE}")
        if found < 0 and self._strict:
            raise DelayProblem(f"a delay of {duration} lies in the past", "write milliseconds from 0 upwards")
        return found

    def _computed(self, function: Callable[..., Any], what: str, *, optional: bool) -> Compiled:
        compute = self._bind(function)

        def run(step: Step, params: Any) -> float | None:
            duration = compute(step, params)
            found = milliseconds(duration)
            if found is None and not (optional and duration is None):
                raise DelayError(f"{what} is {shown(duration)}, which is no delay. To fix: return {HOW_TO_WRITE}")
            return found

        return run

    def _unknown(self, name: str) -> Compiled:
        if not self._strict:
            return lambda step, params: None
        near = get_close_matches(name, self._named, 1)
        cure = f"write {near[0]!r}, or " if near else ""
        raise DelayProblem(
            f"delay {name!r} is not implemented",
            f"{cure}pass it: create_machine(..., delays={{{name!r}: ...}}), or write {HOW_TO_WRITE}",
        )

"""`assign`: replace parts of the context."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, ClassVar, TypeAlias

from arvo.statechart.authoring.built_in import BuiltInAction, Compiler
from arvo.statechart.authoring.callables import name_of
from arvo.statechart.errors import ActionError, ReferenceProblem
from arvo.statechart.running import Compiled, Step

Assignment: TypeAlias = Mapping[str, Any] | Callable[..., Mapping[str, Any] | None]
"""Values by key of the context, callables among them; or one callable that returns such a mapping, or nothing."""


@dataclass(frozen=True, slots=True)
class Assign(BuiltInAction):
    """The action that `assign` makes."""

    type: ClassVar[str] = "xstate.assign"
    assignment: Assignment

    def compile(self, compiler: Compiler) -> Compiled:
        """See `BuiltInAction.compile`."""
        if callable(self.assignment):
            return _from_function(self.assignment, compiler)
        if not isinstance(self.assignment, Mapping):
            raise ReferenceProblem(
                f"assign: {self.assignment!r} says no keys",
                'write assign({"key": value}), or a function that returns such',
            )
        return _from_mapping(self.assignment, compiler)


def assign(assignment: Assignment) -> Assign:
    """Replace parts of the context.

    Args:
        assignment: Values by key, where a callable computes its value; or one callable that returns such a
            mapping, or None to leave the context as it is. All callables see the context as it was before this action,
            and must not change it themselves.
    """
    return Assign(assignment)


def _from_mapping(assignment: Mapping[str, Any], compiler: Compiler) -> Compiled:
    _check_keys(assignment, compiler)
    fixed = {key: value for key, value in assignment.items() if not callable(value)}
    computed = [(key, compiler.bind(value)) for key, value in assignment.items() if callable(value)]
    update = compiler.context.updated
    if compiler.context.model is None and len(computed) == 1 and not fixed:
        ((only, compute),) = computed

        def run_one(step: Step, params: Any) -> None:
            step.context = {**step.context, only: compute(step, params)}

        return run_one

    def run(step: Step, params: Any) -> None:
        values = {key: compute(step, params) for key, compute in computed}
        step.context = update(step.context, {**fixed, **values})

    return run


def _from_function(function: Callable[..., Any], compiler: Compiler) -> Compiled:
    compute, update, name = compiler.bind(function), compiler.context.updated, name_of(function)

    def run(step: Step, params: Any) -> None:
        values = compute(step, params)
        if values is None:
            values = {}
        if not isinstance(values, Mapping):
            raise ActionError(f"assign: {name} returned {values!r}; return a mapping of the context keys to replace")
        step.context = update(step.context, values)

    return run


def _check_keys(assignment: Mapping[str, Any], compiler: Compiler) -> None:
    known = compiler.context.keys
    for key in assignment:
        if known is not None and key not in known:
            near = get_close_matches(key, known, 1)
            cure = f"write {near[0]!r}" if near else f"assign one of {', '.join(known)}"
            raise ReferenceProblem(f"assign: the context has no field {key!r}", cure)

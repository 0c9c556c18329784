"""`assign`: replace parts of the context."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, ClassVar

from arvo.statechart.actions.builtin import BuiltInAction
from arvo.statechart.callables import name_of
from arvo.statechart.errors import ActionError, ReferenceProblem

if TYPE_CHECKING:
    from arvo.statechart.implementations import Implementations, Run


@dataclass(frozen=True, slots=True)
class Assign(BuiltInAction):
    """The action that `assign` makes."""

    type: ClassVar[str] = "xstate.assign"
    assignment: Mapping[str, Any] | Callable[..., Mapping[str, Any]]

    def compile(self, implementations: Implementations) -> Run:
        """See `BuiltInAction.compile`."""
        if callable(self.assignment):
            return _from_function(self.assignment, implementations)
        return _from_mapping(self.assignment, implementations)


def assign(assignment: Mapping[str, Any] | Callable[..., Mapping[str, Any]]) -> Assign:
    """Replace parts of the context.

    Args:
        assignment: Values by key, where a callable computes its value; or one callable that returns such a
            mapping. All callables see the context as it was before this action.
    """
    return Assign(assignment)


def _from_mapping(assignment: Mapping[str, Any], implementations: Implementations) -> Run:
    _check_keys(assignment, implementations)
    fixed = {key: value for key, value in assignment.items() if not callable(value)}
    computed = [(key, implementations.bind(value)) for key, value in assignment.items() if callable(value)]
    update = implementations.context.updated
    if implementations.context.model is None and len(computed) == 1 and not fixed:
        ((only, compute),) = computed

        def run_one(step: Any, params: Any) -> None:
            step.context = {**step.context, only: compute(step, params)}

        return run_one

    def run(step: Any, params: Any) -> None:
        values = {key: compute(step, params) for key, compute in computed}
        step.context = update(step.context, {**fixed, **values})

    return run


def _from_function(function: Callable[..., Any], implementations: Implementations) -> Run:
    compute, update, name = implementations.bind(function), implementations.context.updated, name_of(function)

    def run(step: Any, params: Any) -> None:
        values = compute(step, params)
        if not isinstance(values, Mapping):
            raise ActionError(f"assign: {name} returned {values!r}; return a mapping of the context keys to replace")
        step.context = update(step.context, values)

    return run


def _check_keys(assignment: Mapping[str, Any], implementations: Implementations) -> None:
    known = implementations.context.keys
    for key in assignment:
        if known is not None and key not in known:
            near = get_close_matches(key, known, 1)
            cure = f"write {near[0]!r}" if near else f"assign one of {', '.join(known)}"
            raise ReferenceProblem(f"assign: the context has no field {key!r}", cure)

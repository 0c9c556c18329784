"""Guards that combine others or ask for the state: `and_`, `or_`, `not_`, `state_in`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from arvo.statechart.authoring.built_in import BuiltInGuard, Compiler
from arvo.statechart.errors import ReferenceProblem
from arvo.statechart.running import Compiled, matches

GuardReference: TypeAlias = "str | Mapping[str, Any] | BuiltInGuard | Callable[..., bool]"
"""A guard by name, by name with params, built in, or a callable that returns a bool."""


@dataclass(frozen=True, slots=True)
class _Combined(BuiltInGuard):
    kind: str
    guards: tuple[GuardReference, ...]

    def compile(self, compiler: Compiler) -> Compiled:
        calls = [compiler.guard(guard) for guard in self.guards]
        if self.kind == "not":
            guard, own = calls[0]
            return lambda step, params: not guard(step, own)
        combine = all if self.kind == "and" else any
        return lambda step, params: combine(guard(step, own) for guard, own in calls)

    def to_json(self) -> dict[str, Any]:
        return {"type": f"xstate.{self.kind}", "params": {"guards": list(self.guards)}}


@dataclass(frozen=True, slots=True)
class _StateIn(BuiltInGuard):
    value: Any

    def compile(self, compiler: Compiler) -> Compiled:
        value = self.value
        if isinstance(value, str) and value.startswith("#"):
            return _in_state(value, compiler)
        return lambda step, params: matches(value, step.configuration.value)

    def to_json(self) -> dict[str, Any]:
        return {"type": "xstate.stateIn", "params": {"stateValue": self.value}}


def _in_state(reference: str, compiler: Compiler) -> Compiled:
    try:
        node = compiler.state(reference)
    except ReferenceProblem:
        if compiler.strict:
            raise
        # XState follows the reference when the guard is evaluated, and fails then.
        return lambda step, params: compiler.state(reference)
    return lambda step, params: node in step.configuration.nodes


def and_(guards: Iterable[GuardReference]) -> BuiltInGuard:
    """Pass if all guards pass; stops at the first that does not."""
    return _Combined("and", tuple(guards))


def or_(guards: Iterable[GuardReference]) -> BuiltInGuard:
    """Pass if any guard passes; stops at the first that does."""
    return _Combined("or", tuple(guards))


def not_(guard: GuardReference) -> BuiltInGuard:
    """Pass if the guard does not."""
    return _Combined("not", (guard,))


def state_in(value: str | Mapping[str, Any]) -> BuiltInGuard:
    """Pass if the machine is in a state.

    Args:
        value: `"#id"` for a state by its id, or a state value as `snapshot.matches` takes it.
    """
    return _StateIn(value)

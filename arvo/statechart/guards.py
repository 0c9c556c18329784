"""Guards that combine others or ask for the state: `and_`, `or_`, `not_`, `state_in`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from arvo.statechart.value import matches

if TYPE_CHECKING:
    from arvo.statechart.implementations import Guard, Implementations

GuardReference: TypeAlias = "str | Mapping[str, Any] | GuardObject | Callable[..., bool]"
"""A guard by name, by name with params, built in, or a callable that returns a bool."""


class GuardObject(ABC):
    """A guard that the engine knows."""

    @abstractmethod
    def compile(self, implementations: Implementations) -> Guard:
        """Make the call that evaluates it."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """Describe it for a definition in JSON."""


@dataclass(frozen=True, slots=True)
class _Combined(GuardObject):
    kind: str
    guards: tuple[GuardReference, ...]

    def compile(self, implementations: Implementations) -> Guard:
        calls = [implementations.guard(guard) for guard in self.guards]
        if self.kind == "not":
            guard, own = calls[0]
            return lambda scope, params: not guard(scope, own)
        combine = all if self.kind == "and" else any
        return lambda scope, params: combine(guard(scope, own) for guard, own in calls)

    def to_json(self) -> dict[str, Any]:
        return {"type": f"xstate.{self.kind}", "params": {"guards": list(self.guards)}}


@dataclass(frozen=True, slots=True)
class _StateIn(GuardObject):
    value: Any

    def compile(self, implementations: Implementations) -> Guard:
        value = self.value
        if isinstance(value, str) and value.startswith("#"):
            targets = implementations.targets
            assert targets is not None
            if implementations.strict:
                targets.by_id(value)
            return lambda scope, params: targets.by_id(value) in scope.configuration.nodes
        return lambda scope, params: matches(value, scope.configuration.value)

    def to_json(self) -> dict[str, Any]:
        return {"type": "xstate.stateIn", "params": {"stateValue": self.value}}


def and_(guards: Iterable[GuardReference]) -> GuardObject:
    """Pass if all guards pass; stops at the first that does not."""
    return _Combined("and", tuple(guards))


def or_(guards: Iterable[GuardReference]) -> GuardObject:
    """Pass if any guard passes; stops at the first that does."""
    return _Combined("or", tuple(guards))


def not_(guard: GuardReference) -> GuardObject:
    """Pass if the guard does not."""
    return _Combined("not", (guard,))


def state_in(value: str | Mapping[str, Any]) -> GuardObject:
    """Pass if the machine is in a state.

    Args:
        value: `"#id"` for a state by its id, or a state value as `snapshot.matches` takes it.
    """
    return _StateIn(value)

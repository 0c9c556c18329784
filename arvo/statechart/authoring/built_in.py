"""What built-in actions and guards have in common: the engine knows how to compile them.

They may refer to what their author has named or written inline, so compiling them needs a `Compiler`, which stands
above them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Protocol

from arvo.statechart.running import Call, Compiled, ContextType, StateNode


class Compiler(Protocol):
    """Compiles what built-ins refer to.

    Attributes:
        context: How the context of the machine is changed.
        strict: Whether a reference that leads nowhere is a problem at once, or when it is followed.
        place: Where in the config what is compiled just now stands, for errors while the machine runs.
    """

    context: ContextType
    strict: bool
    place: str

    def placed(self, place: str) -> AbstractContextManager[None]:
        """Name the place of what is compiled meanwhile."""

    def bind(self, function: Callable[..., Any]) -> Compiled:
        """Compile a callable."""

    def expression(self, value: Any) -> Compiled:
        """Compile a value, or a callable that computes it."""

    def action(self, reference: Any) -> Call:
        """Compile a reference to an action."""

    def guard(self, reference: Any) -> Call:
        """Compile a reference to a guard."""

    def delay(self, reference: Any) -> Compiled:
        """Compile a delay: a duration, the name of a delay, or an expression."""

    def state(self, reference: str) -> StateNode:
        """Find the state of `#id`."""


@dataclass(frozen=True, slots=True)
class BuiltInAction(ABC):
    """An action that the engine performs itself.

    Attributes:
        type: XState's name of it.
    """

    type: ClassVar[str]

    @abstractmethod
    def compile(self, compiler: Compiler) -> Compiled:
        """Make the call that performs it on a macrostep."""

    def to_json(self) -> dict[str, Any]:
        """Describe it for a definition in JSON; see `StateMachine.to_json`."""
        given = {one.name: getattr(self, one.name) for one in fields(self)}
        return {"type": self.type, "params": {key: value for key, value in given.items() if value is not None}}


class BuiltInGuard(ABC):
    """A guard that the engine knows."""

    @abstractmethod
    def compile(self, compiler: Compiler) -> Compiled:
        """Make the call that evaluates it."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """Describe it for a definition in JSON; see `StateMachine.to_json`."""

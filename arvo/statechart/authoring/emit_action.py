"""`emit`: hand an event to the outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from arvo.statechart.authoring.built_in import BuiltInAction, Compiler
from arvo.statechart.errors import ReferenceProblem
from arvo.statechart.running import Compiled, Emit


@dataclass(frozen=True, slots=True)
class EmitAction(BuiltInAction):
    """The action that `emit` makes."""

    type: ClassVar[str] = "xstate.emit"
    event: Mapping[str, Any] | Callable[..., Mapping[str, Any]]

    def compile(self, compiler: Compiler) -> Compiled:
        """See `BuiltInAction.compile`."""
        event = self.event
        if not callable(event) and not isinstance(event, Mapping):
            raise ReferenceProblem(
                f"emit: {event!r} is no event", f'write emit({{"type": {str(event)!r}, "data": ...}})'
            )
        if not callable(event):
            effect = Emit(event)
            return lambda step, params: step.effects.append(effect)
        compute = compiler.bind(event)
        return lambda step, params: step.effects.append(Emit(compute(step, params)))


def emit(event: Mapping[str, Any] | Callable[..., Mapping[str, Any]]) -> EmitAction:
    """Hand an event to the outside, as an `Emit` effect.

    Args:
        event: The event, or a callable that computes it from the context at this moment.
    """
    return EmitAction(event)

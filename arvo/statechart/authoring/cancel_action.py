"""`cancel`: forget a delayed event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from arvo.statechart.authoring.built_in import BuiltInAction, Compiler
from arvo.statechart.running import Cancel, Compiled


@dataclass(frozen=True, slots=True)
class CancelAction(BuiltInAction):
    """The action that `cancel` makes."""

    type: ClassVar[str] = "xstate.cancel"
    id: str | Callable[..., str]

    def compile(self, compiler: Compiler) -> Compiled:
        """See `BuiltInAction.compile`."""
        compute: Any = compiler.expression(self.id)
        return lambda step, params: step.effects.append(Cancel(compute(step, params)))


def cancel(id: str | Callable[..., str]) -> CancelAction:
    """Forget a delayed event, as a `Cancel` effect.

    Args:
        id: The id given to `raise_`, or a callable that computes it.
    """
    return CancelAction(id)

"""`cancel`: forget a delayed event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from arvo.statechart.actions.builtin import BuiltInAction
from arvo.statechart.effects import Cancel

if TYPE_CHECKING:
    from arvo.statechart.implementations import Implementations, Run


@dataclass(frozen=True, slots=True)
class CancelAction(BuiltInAction):
    """The action that `cancel` makes."""

    type: ClassVar[str] = "xstate.cancel"
    id: str | Callable[..., str]

    def compile(self, implementations: Implementations) -> Run:
        """See `BuiltInAction.compile`."""
        compute: Any = implementations.expression(self.id)
        return lambda step, params: step.effects.append(Cancel(compute(step, params)))


def cancel(id: str | Callable[..., str]) -> CancelAction:
    """Forget a delayed event, as a `Cancel` effect.

    Args:
        id: The id given to `raise_`, or a callable that computes it.
    """
    return CancelAction(id)

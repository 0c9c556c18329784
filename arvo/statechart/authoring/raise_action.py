"""`raise_`: send an event to the machine itself, at once or after a delay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from arvo.statechart.authoring.built_in import BuiltInAction, Compiler
from arvo.statechart.errors import ReferenceProblem
from arvo.statechart.running import Compiled, Schedule, Step


@dataclass(frozen=True, slots=True)
class Raise(BuiltInAction):
    """The action that `raise_` makes."""

    type: ClassVar[str] = "xstate.raise"
    event: Any
    delay: float | str | Callable[..., float | None] | None = None
    id: str | None = None

    def compile(self, compiler: Compiler) -> Compiled:
        """See `BuiltInAction.compile`."""
        if isinstance(self.event, str):
            raise ReferenceProblem(f"raise_: {self.event!r} is no event", f'write raise_({{"type": {self.event!r}}})')
        event = compiler.expression(self.event)
        if self.delay is None:
            return lambda step, params: step.queue.append(event(step, params))
        delay, name = compiler.delay(self.delay), self.id

        def run(step: Step, params: Any) -> None:
            raised, after = event(step, params), delay(step, params)
            if isinstance(after, int | float) and not isinstance(after, bool):
                step.effects.append(Schedule(name, raised, after))
            else:
                step.queue.append(raised)

        return run


def raise_(
    event: Mapping[str, Any] | Callable[..., Any],
    *,
    delay: float | str | Callable[..., float | None] | None = None,
    id: str | None = None,
) -> Raise:
    """Send an event to the machine itself.

    Without a delay it is processed in the same macrostep, after what was raised before. With a delay, even 0,
    it becomes a `Schedule` effect.

    Args:
        event: The event, or a callable that computes it.
        delay: Milliseconds, the name of a delay, or a callable that computes milliseconds.
        id: Name under which `cancel` finds it.
    """
    return Raise(event, delay, id)

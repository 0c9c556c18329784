"""`raise_`: send an event to the machine itself, at once or after a delay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, ClassVar

from arvo.statechart.authoring.built_in import BuiltInAction, Compiler
from arvo.statechart.durations import Duration, milliseconds
from arvo.statechart.errors import ReferenceProblem
from arvo.statechart.running import Compiled, Schedule, Step


@dataclass(frozen=True, slots=True)
class Raise(BuiltInAction):
    """The action that `raise_` makes."""

    type: ClassVar[str] = "xstate.raise"
    event: Any
    delay: Duration | Callable[..., Duration | None] | None = None
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
            if after is None:
                step.queue.append(raised)
            else:
                step.effects.append(Schedule(name, raised, after))

        return run

    def to_json(self) -> dict[str, Any]:
        """See `BuiltInAction.to_json`; a delay that is a `timedelta` becomes milliseconds, as XState has them."""
        delay = milliseconds(self.delay) if isinstance(self.delay, timedelta) else self.delay
        return BuiltInAction.to_json(replace(self, delay=delay))


def raise_(
    event: Mapping[str, Any] | Callable[..., Any],
    *,
    delay: Duration | Callable[..., Duration | None] | None = None,
    id: str | None = None,
) -> Raise:
    """Send an event to the machine itself.

    Without a delay it is processed in the same macrostep, after what was raised before. With a delay, even 0,
    it becomes a `Schedule` effect.

    Args:
        event: The event, or a callable that computes it.
        delay: A number of milliseconds, a `timedelta`, the name of a delay, a text such as `"5 minutes"` or ISO 8601's
            `"PT5M"`, or a callable that computes one of these, or `None` for no delay. Nothing else is a delay.
        id: Name under which `cancel` finds it.
    """
    return Raise(event, delay, id)

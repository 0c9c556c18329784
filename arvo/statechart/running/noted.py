"""One step that is noted: the same run as that of `advance`, which also tells its microsteps.

Nothing of it is in the way of a step that nobody notes. `arvo.statechart.observing` is for those who did not take
the step themselves.
"""

from __future__ import annotations

from typing import Any, Generic, NamedTuple, TypeVar

from arvo.statechart.running.compiled import CompiledMachine
from arvo.statechart.running.configuration import Microstep
from arvo.statechart.running.effects import Effect
from arvo.statechart.running.nodes import Transition
from arvo.statechart.running.snapshot import Snapshot
from arvo.statechart.running.transition import advance, start

C = TypeVar("C")


class NotedStep(NamedTuple, Generic[C]):
    """What an event did to a machine, and how.

    Attributes:
        snapshot: The next snapshot.
        effects: What to do, in order.
        microsteps: The microsteps that it took, in order.
    """

    snapshot: Snapshot[C]
    effects: tuple[Effect, ...]
    microsteps: tuple[Microstep, ...]

    @property
    def transitions(self) -> tuple[Transition, ...]:
        """The transitions taken, in order: those of the event, then those of `always` and of raised events."""
        return tuple(one for step in self.microsteps for one in step.transitions)


def noted_step(machine: CompiledMachine[C], snapshot: Snapshot[C] | None, event: Any) -> NotedStep[C]:
    """Take one event, or start the machine with it as the input where there is no snapshot yet.

    Raises:
        StatechartError: A guard threw, or the machine does not come to rest. What other callables raise passes
            through unchanged.
    """
    noted: list[Microstep] = []
    if snapshot is None:
        after, effects = start(machine, event, noted=noted)
    else:
        after, effects = advance(machine, snapshot, event, noted=noted)
    return NotedStep(after, effects, tuple(noted))

"""Steps that are watched: the same run as that of `advance`, which also tells the transitions that it took.

Nothing of it is in the way of a step that nobody watches.
"""

from __future__ import annotations

from typing import Any, Generic, NamedTuple, TypeVar

from arvo.statechart.running.compiled import CompiledMachine
from arvo.statechart.running.effects import Effect
from arvo.statechart.running.macrostep import Macrostep
from arvo.statechart.running.microstep import INIT, microstep_of
from arvo.statechart.running.nodes import Transition
from arvo.statechart.running.snapshot import Snapshot
from arvo.statechart.running.transition import settled

C = TypeVar("C")


class WatchedStep(NamedTuple, Generic[C]):
    """What an event did to a machine, and how.

    Attributes:
        snapshot: The next snapshot.
        effects: What to do, in order.
        transitions: The transitions taken, in order: those of the event, then those of `always` and of raised events.
    """

    snapshot: Snapshot[C]
    effects: tuple[Effect, ...]
    transitions: tuple[Transition, ...]


def watched(machine: CompiledMachine[C], snapshot: Snapshot[C] | None, event: Any) -> WatchedStep[C]:
    """Take one event, or start the machine with it as the input where there is no snapshot yet.

    Raises:
        StatechartError: A guard threw, or the machine does not come to rest. What other callables raise passes
            through unchanged.
    """
    if snapshot is None:
        step = _Watched(
            machine,
            machine.configurations.of((machine.root,)),
            machine.first_context(event),
            machine.histories.empty,
            {"type": INIT, "input": event},
        )
        step.start(machine.initial_microstep)
    elif snapshot.status in ("done", "error"):
        return WatchedStep(snapshot, (), ())
    else:
        step = _Watched(machine, snapshot.configuration, snapshot.context, snapshot.history, event, snapshot.status)
        step.run()
    return WatchedStep(settled(machine, step), tuple(step.effects), tuple(step.taken))


class _Watched(Macrostep):
    """A macrostep that notes the transitions of its microsteps."""

    __slots__ = ("taken",)

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.taken: list[Transition] = []

    def _take(self, transitions: tuple[Transition, ...]) -> bool:
        step = microstep_of(self.configuration, transitions, self.history, self.machine.histories)
        self.taken += step.transitions
        return super()._take(transitions)

"""Macrosteps that note what they do: for whoever asks which states and transitions an event has reached."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from arvo.statechart.running.configuration import Microstep
from arvo.statechart.running.macrostep import Macrostep
from arvo.statechart.running.microstep import microstep_of
from arvo.statechart.running.nodes import Transition


class NotedMacrostep(Macrostep):
    """A macrostep that keeps its microsteps. It computes what any other computes, which pays nothing for this one.

    Attributes:
        microsteps: What it has done so far, in order.
    """

    __slots__ = ("microsteps",)

    def __init__(self, microsteps: list[Microstep], *given: Any) -> None:
        super().__init__(*given)
        self.microsteps = microsteps

    def start(self, initial: Microstep) -> None:
        """See the base class."""
        # What starts a machine is a transition for the engine only: nobody has written it.
        self.microsteps.append(replace(initial, transitions=()))
        super().start(initial)

    def _take(self, transitions: tuple[Transition, ...]) -> bool:
        before, history = self.configuration, self.history
        changed = super()._take(transitions)
        self.microsteps.append(microstep_of(before, transitions, history, self.machine.histories))
        return changed

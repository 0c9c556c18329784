"""Paths: events that lead a machine from its start to a state or a transition, and what happens at each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from arvo.statechart.durations import duration_words
from arvo.statechart.inspecting import state_name, transition_name
from arvo.statechart.running import Effect, Microstep, Schedule, Snapshot, StateNode, StateValue, Transition, type_of

C = TypeVar("C")
Target: TypeAlias = StateNode | Transition
"""What a path leads to: a state that is entered, or a transition that is taken."""


@dataclass(frozen=True, slots=True)
class Step(Generic[C]):
    """One event of a path, and what it does.

    Attributes:
        event: The event; `{"type": "xstate.init", "input": ...}` in the first step.
        label: The event as people read it: its type, or `after 3 days`.
        snapshot: The machine after it.
        effects: What the machine asks for.
        microsteps: What the engine does.
        timer: The timer that brings the event; `None` if it comes from outside.
        wait_ms: How many milliseconds have to pass since the step before.
    """

    event: Any
    label: str
    snapshot: Snapshot[C]
    effects: tuple[Effect, ...]
    microsteps: tuple[Microstep, ...]
    timer: Schedule | None = None
    wait_ms: float = 0

    @property
    def reached(self) -> tuple[Target, ...]:
        """The states that it enters and the transitions that it takes, in order, each once."""
        found: dict[Target, None] = {}
        for step in self.microsteps:
            found.update(dict.fromkeys(step.transitions))
            found.update(dict.fromkeys(step.entered))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Path(Generic[C]):
    """Events that lead a machine from its start to a target.

    Attributes:
        steps: The start, then one for each event.
        targets: What it is the shortest path to.
    """

    steps: tuple[Step[C], ...]
    targets: tuple[Target, ...] = ()

    @property
    def state(self) -> Snapshot[C]:
        """The machine at its end."""
        return self.steps[-1].snapshot

    @property
    def weight(self) -> int:
        """How many events it has after the start."""
        return len(self.steps) - 1

    @property
    def events(self) -> tuple[Any, ...]:
        """Its events after the start."""
        return tuple(step.event for step in self.steps[1:])

    def __str__(self) -> str:
        """Its events, and the state that they lead to: `approve -> pay -> paid`."""
        return " -> ".join((*(step.label for step in self.steps[1:]), value_text(self.state.value)))


def target_name(target: Target) -> str:
    """The name of a state or a transition."""
    return state_name(target) if isinstance(target, StateNode) else transition_name(target)


def value_text(value: StateValue) -> str:
    """A state value in a line: `approving`, `securing.(stock.reserving, payment.authorizing)`."""
    if isinstance(value, str):
        return value
    parts = [f"{key}.{value_text(inner)}" if inner else key for key, inner in value.items()]
    return parts[0] if len(parts) == 1 else f"({', '.join(parts)})"


def label_of(event: Any, timer: Schedule | None = None) -> str:
    """An event as people read it."""
    kind = type_of(event)
    if timer is not None and kind.startswith("xstate.after."):
        return f"after {duration_words(timer.delay_ms)}"
    return kind

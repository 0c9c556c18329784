"""A machine that is played."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from arvo.errors import ArvoError
from arvo.statechart import Cancel, Emit, Schedule, Snapshot, StateMachine, Transition
from arvo.statechart.inspecting import delayed_words
from arvo.statechart.running import NotedStep, noted_step

_MOST_FIRINGS = 1000
"""How many timers may fire while time passes; a machine that ticks would never come to an end."""

_ANSWERS = ("xstate.done.actor.", "xstate.error.actor.", "xstate.snapshot.")


class EndlessWaitError(ArvoError):
    """So many timers come due in a time that it cannot pass."""


class Performed(dict[str, Any]):
    """An effect that is no event: a named action that has no implementation here."""


@dataclass(frozen=True, slots=True)
class PendingTimer:
    """A delayed event that has not come.

    Attributes:
        name: What it is, in words.
        due: When it comes, in milliseconds since the start.
        event: The event.
    """

    name: str
    due: float
    event: Any


@dataclass(frozen=True, slots=True)
class Move:
    """What one event did.

    Attributes:
        event: The event's type, or of a timer its name.
        transitions: The transitions taken; none if the event was not accepted.
        emitted: What was emitted or performed, in order.
    """

    event: str
    transitions: tuple[Transition, ...]
    emitted: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class _Position:
    snapshot: Snapshot[Any]
    now: float
    timers: Mapping[str, PendingTimer] = field(default_factory=dict)


class Simulation:
    """Plays a machine. Time passes only when it is told to.

    Args:
        machine: The machine.
        input: What it begins with.

    Attributes:
        started: What its beginning did.

    Raises:
        StatechartError: As `initial_transition` does.
    """

    def __init__(self, machine: StateMachine[Any], input: Any = None) -> None:
        self._machine = machine
        self._positions: list[_Position] = []
        self.started = self._take("start", noted_step(machine.compiled, None, input), 0.0, {})

    @property
    def snapshot(self) -> Snapshot[Any]:
        """Where the machine stands."""
        return self._positions[-1].snapshot

    @property
    def now(self) -> float:
        """How much time has passed, in milliseconds."""
        return self._positions[-1].now

    @property
    def timers(self) -> tuple[PendingTimer, ...]:
        """The delayed events that have not come, the next one first."""
        return tuple(sorted(self._positions[-1].timers.values(), key=lambda timer: timer.due))

    def accepted(self) -> tuple[str, ...]:
        """Return the event types, or wildcards, that can have an effect now; last the answers of invoked actors."""
        if self.snapshot.status != "active":
            return ()
        active = sorted(self.snapshot._configuration.nodes, key=lambda node: -len(node.ancestors))
        answers = dict.fromkeys(name for node in active for name in node.transitions if name.startswith(_ANSWERS))
        return (*self._machine.accepted_events(self.snapshot), *answers)

    def send(self, event: Any) -> Move:
        """Let an event come. All or nothing: if it raises, nothing happened.

        Raises:
            StatechartError: As `transition` does. What callables raise passes through.
        """
        type_ = event["type"] if isinstance(event, Mapping) else event.type
        return self._take(
            str(type_), noted_step(self._machine.compiled, self.snapshot, event), self.now, self._pending()
        )

    def fire(self, timer: PendingTimer) -> Move:
        """Let a timer fire, and the time until then pass. Earlier ones stay: they are overdue."""
        left = {key: one for key, one in self._pending().items() if one is not timer}
        step = noted_step(self._machine.compiled, self.snapshot, timer.event)
        return self._take(timer.name, step, max(self.now, timer.due), left)

    def wait(self, milliseconds: float) -> list[Move]:
        """Let time pass; the timers that come due in it fire in their order.

        Raises:
            StatechartError: As `transition` does. What has happened before stays.
            EndlessWaitError: More than a thousand timers come due in it; nothing has happened then.
        """
        until, moves, before = self.now + milliseconds, list[Move](), len(self._positions)
        while self.timers and self.timers[0].due <= until:
            if len(moves) == _MOST_FIRINGS:
                del self._positions[before:]
                raise EndlessWaitError(
                    f"Over {_MOST_FIRINGS} timers come due in that time, such as '{moves[-1].event}', and nothing has "
                    "happened: wait for a shorter time, or let them fire one by one."
                )
            moves.append(self.fire(self.timers[0]))
        self._positions.append(_Position(self.snapshot, until, self._pending()))
        return moves

    def back(self) -> bool:
        """Undo the last event, firing or waiting; tell whether there was one."""
        if len(self._positions) == 1:
            return False
        self._positions.pop()
        return True

    def _pending(self) -> Mapping[str, PendingTimer]:
        return self._positions[-1].timers

    def _take(self, event: str, step: NotedStep[Any], now: float, timers: Mapping[str, PendingTimer]) -> Move:
        pending = dict(timers)
        for effect in step.effects:
            if isinstance(effect, Cancel):
                pending.pop(effect.id, None)
            elif isinstance(effect, Schedule):
                key = effect.id or f"{len(self._positions)}.{len(pending)}"
                pending[key] = PendingTimer(self._name(effect), now + effect.delay_ms, effect.event)
        if step.snapshot.status != "active":
            pending = {}
        self._positions.append(_Position(step.snapshot, now, pending))
        return Move(event, step.transitions, tuple(one.event for one in step.effects if isinstance(one, Emit)))

    def _name(self, timer: Schedule) -> str:
        return delayed_words(self._machine.compiled, str(timer.event["type"]))

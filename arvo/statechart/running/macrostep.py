"""Macrosteps: one event, then `always` transitions and raised events until the machine is at rest.

The loop is XState's `macrostep`, including its one oddity: an `always` transition that changed nothing is not
selected again until something else happened.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from arvo.statechart.errors import EventError, LoopError
from arvo.statechart.running.calls import Status, Trace
from arvo.statechart.running.compiled import CompiledMachine
from arvo.statechart.running.configuration import Configuration, Microstep
from arvo.statechart.running.effects import Effect
from arvo.statechart.running.history import History
from arvo.statechart.running.microstep import INIT, microstep_of
from arvo.statechart.running.nodes import Transition
from arvo.statechart.running.selection import select_eventless
from arvo.statechart.running.value import copied

STOP = "xstate.stop"
TRAIL = 100


def type_of(event: Any) -> str:
    """The type of an event: a mapping with a key `type`, or an object with an attribute of that name.

    Raises:
        EventError: It has no type.
    """
    found = event.get("type") if type(event) is dict else _field(event, "type")
    if not isinstance(found, str):
        raise EventError(f'{event!r} is no event: send {{"type": "..."}} or an object with a `type`')
    return found


def _field(event: Any, name: str) -> Any:
    return event.get(name) if isinstance(event, Mapping) else getattr(event, name, None)


class Macrostep:
    """The working state of one macrostep; compiled calls see it as `Step`.

    Attributes:
        configuration: Active nodes before the current microstep.
        event: The event being processed, as guards and actions see it.
        queue: Raised events, first in first out.
        effects: What the step asks its caller to do, in order.
        trace: Results of user callables, filled by `check_purity` only.
    """

    __slots__ = (
        "configuration",
        "context",
        "effects",
        "error",
        "event",
        "event_type",
        "history",
        "machine",
        "output",
        "queue",
        "status",
        "trace",
    )

    def __init__(
        self,
        machine: CompiledMachine[Any],
        configuration: Configuration,
        context: Any,
        history: History,
        event: Any,
        status: Status = "active",
    ) -> None:
        self.machine = machine
        self.configuration = configuration
        self.context = context
        self.history = history
        self.event = event
        self.event_type = type_of(event)
        self.queue: deque[Any] = deque()
        self.effects: list[Effect] = []
        self.status: Status = status
        self.output: Any = None
        self.error: Any = None
        self.trace: Trace | None = None

    def start(self, initial: Microstep) -> None:
        """Enter the initial states and run to rest."""
        for call, params in initial.program:
            call(self, params)
        self.configuration = initial.target
        self._settle()

    def run(self) -> None:
        """Process the event and run to rest.

        Raises:
            LoopError: The macrostep never ends.
        """
        kind = self.event_type
        if kind == STOP:
            self.status = "stopped"
            return
        if kind != INIT:
            transitions = self.configuration.selection(kind).transitions(self)
            if transitions:
                self._take(transitions)
            elif kind.startswith("xstate.error.actor"):
                self.status = "error"
                self.error = _field(self.event, "error")
                return
        self._settle()

    def _settle(self) -> None:
        again, rounds, limit = True, 0, self.machine.max_microsteps
        trail: list[tuple[Any, str]] = []
        while self.status == "active":
            chains = self.configuration.eventless
            transitions = select_eventless(self, chains) if again and chains else ()
            spontaneous = bool(transitions)
            if not spontaneous:
                if not self.queue:
                    return
                self.event = self.queue.popleft()
                self.event_type = type_of(self.event)
                transitions = self.configuration.selection(self.event_type).transitions(self)
            changed = self._take(transitions) if transitions else False
            again = changed or not spontaneous
            rounds += 1
            if rounds > limit - TRAIL:
                trail.append((copied(self.configuration.value), self.event_type))
                if rounds > limit:
                    raise _loop(self.machine.id, limit, trail)

    def _take(self, transitions: tuple[Transition, ...]) -> bool:
        """Run one microstep; tell whether XState would see a new snapshot."""
        context, configuration = self.context, self.configuration
        compiled = configuration.microsteps.get(transitions)
        if compiled is None:
            compiled = microstep_of(configuration, transitions, self.history, self.machine.histories)
        for call, params in compiled.program:
            call(self, params)
        if not compiled.moved:
            return self.context is not context or self.status != "active"
        self.configuration = compiled.target
        if compiled.records:
            self.history = self.machine.histories.record(self.history, compiled.records)
        return True


def _loop(machine_id: str, limit: int, trail: list[tuple[Any, str]]) -> LoopError:
    """Name the shortest cycle at the end of the trail."""
    period = next((n for n in range(1, len(trail) // 2 + 1) if trail[-n:] == trail[-2 * n : -n]), 1)
    states = tuple(value for value, _ in trail[-period:])
    seen = " -> ".join(f"{value!r} (on {kind!r})" for value, kind in trail[-period:])
    return LoopError(
        f"Machine {machine_id!r} does not come to rest: over {limit} microsteps, going round in {seen}. "
        "Guard the `always` transition or the raised event that keeps it going, or raise max_microsteps "
        "(in a config, options.maxIterations)",
        states,
    )

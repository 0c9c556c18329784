"""A walk over all that a machine can do, breadth first, from its start, event by event."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeAlias, TypeVar

from arvo.statechart.errors import TraversalError
from arvo.statechart.graph.path import Path, Step, Target, label_of
from arvo.statechart.graph.timing import Moment, Timers, times
from arvo.statechart.machine import StateMachine
from arvo.statechart.running import (
    Schedule,
    Snapshot,
    covers,
    noted_step,
    type_of,
)

C = TypeVar("C")
Events: TypeAlias = Sequence[Any] | Callable[[Snapshot[Any]], Iterable[Any]]
"""Events to try: those that a state takes are sent to it. Or a function that has them for a snapshot."""
Serialize: TypeAlias = Callable[[Snapshot[Any]], Any]

INTERNAL: Final = "xstate."
"""How types of events begin that nobody sends: timers and the machine itself bring them."""


@dataclass(eq=False, slots=True)
class Visit(Generic[C]):
    """A state of affairs that the walk has come to, and the step that has led there.

    Attributes:
        step: The last step.
        timers: What is pending afterwards.
        number: How many steps have led there after the start.
        previous: Where the step was taken; `None` for the start.
        moment: What is known of the time of the step.
        is_new: Whether the walk has not come there before.
    """

    step: Step[C]
    timers: Timers
    number: int = 0
    previous: Visit[C] | None = None
    moment: Moment | None = None
    is_new: bool = False

    def path(self, targets: tuple[Target, ...] = ()) -> Path[C]:
        """The way to it, with the moments of its steps."""
        visits = [self, *self._before()][::-1]
        at = times(visit.moment for visit in visits if visit.moment is not None)
        steps = [visits[0].step]
        for before, now, visit in zip(at, at[1:], visits[1:], strict=False):
            step = visit.step
            steps.append(
                Step(step.event, step.label, step.snapshot, step.effects, step.microsteps, step.timer, now - before)
            )
        return Path(tuple(steps), targets)

    def _before(self) -> Iterator[Visit[C]]:
        visit = self.previous
        while visit is not None:
            yield visit
            visit = visit.previous


@dataclass(eq=False)
class Traversal(Generic[C]):
    """The walk.

    Attributes:
        machine: The machine.
        events: Events to try.
        inputs: What the machine is started with: each is a start of its own.
        limit: How many states of affairs to look at.
        serialize: What tells two snapshots apart, as JSON; by default value, context and history.
        bare: Whether an event of nothing but its type is tried for a descriptor that none of the events fits.
        failures: What an event made the machine raise, by the event's label.
    """

    machine: StateMachine[C]
    events: Events = ()
    inputs: Sequence[Any] = (None,)
    limit: int = 10_000
    serialize: Serialize | None = None
    bare: bool = True
    failures: dict[str, Exception] = field(default_factory=dict)
    _seen: dict[Any, list[Timers]] = field(default_factory=dict)
    _count: int = 0

    def visits(self) -> Iterator[Visit[C]]:
        """Everything it comes to, nearest first; a step that leads to what is known already, too.

        Raises:
            TraversalError: There is more than the limit allows.
        """
        queue: deque[Visit[C]] = deque()
        found = self._starts()
        while True:
            for visit in found:
                visit.is_new = self._is_new(visit)
                yield visit
                if visit.is_new:
                    queue.append(visit)
            if not queue:
                return
            found = self._next(queue.popleft())

    def _starts(self) -> Iterator[Visit[C]]:
        for given in self.inputs:
            event = {"type": "xstate.init", "input": given}
            made = self._made(event, None, given)
            if made is not None:
                yield Visit(made, self._timers(Timers(), made, 0))

    def _next(self, visit: Visit[C]) -> Iterator[Visit[C]]:
        snapshot = visit.step.snapshot
        if snapshot.status != "active":
            return
        for event in self.candidates(snapshot):
            yield from self._advanced(visit, event, visit.timers.waited(), None)
        for place, timer in enumerate(visit.timers.pending):
            fired = visit.timers.fired(place)
            if fired is not None:
                yield from self._advanced(visit, timer.effect.event, fired, place)

    def candidates(self, snapshot: Snapshot[Any]) -> list[Any]:
        """Events to send in a snapshot."""
        if callable(self.events):
            return list(self.events(snapshot))
        descriptors = dict.fromkeys(name for node in snapshot._configuration.nodes for name in node.transitions)
        found: dict[int, Any] = {}
        for descriptor in descriptors:
            fitting = [event for event in self.events if _fits(descriptor, type_of(event))]
            if self.bare and not fitting and not descriptor.startswith(INTERNAL):
                fitting = [{"type": descriptor}]
            found.update((id(event), event) for event in fitting)
        return list(found.values())

    def _advanced(self, visit: Visit[C], event: Any, timers: Timers, place: int | None) -> Iterator[Visit[C]]:
        timer = None if place is None else visit.timers.pending[place].effect
        snapshot = visit.step.snapshot
        made = self._made(event, snapshot, event, timer)
        if made is not None:
            number = visit.number + 1
            moment = Moment(visit.timers, place)
            yield Visit(made, self._timers(timers, made, number), number, visit, moment)

    def _made(
        self, event: Any, snapshot: Snapshot[C] | None, given: Any, timer: Schedule | None = None
    ) -> Step[C] | None:
        """The step of an event; `given` is the event, or the input where there is no snapshot yet."""
        label = label_of(event, timer)
        try:
            step = noted_step(self.machine.compiled, snapshot, given)
        # What an event must not bring is none of the ways; it is told if something is missing.
        except Exception as error:
            self.failures.setdefault(label, error)
            return None
        return Step(event, label, *step, timer)

    @staticmethod
    def _timers(timers: Timers, step: Step[C], number: int) -> Timers:
        return timers.changed(step.effects, number) if step.snapshot.status == "active" else Timers()

    def _is_new(self, visit: Visit[C]) -> bool:
        seen = self._seen.setdefault(self._key(visit), [])
        if any(timers.includes(visit.timers) for timers in seen):
            return False
        self._count += 1
        if self._count > self.limit:
            raise TraversalError(
                f"Machine {self.machine.id!r} can come to more than {self.limit} states of affairs, counting its "
                "context. To fix: give fewer events or simpler data, say with serialize= what of a snapshot matters, "
                "or raise limit="
            )
        seen.append(visit.timers)
        return True

    def _key(self, visit: Visit[C]) -> str:
        pending = [(one.effect.id, type_of(one.effect.event)) for one in visit.timers.pending]
        return self.snapshot_key(visit.step.snapshot) + _text(pending)

    def snapshot_key(self, snapshot: Snapshot[Any]) -> str:
        """What tells a snapshot from others, as text."""
        if self.serialize is not None:
            return _text(self.serialize(snapshot))
        return _text((snapshot.status, snapshot.value, snapshot.context, snapshot.history_value))


def _fits(descriptor: str, type_: str) -> bool:
    return descriptor == type_ or covers(descriptor, type_)


def _text(value: Any) -> str:
    """A value as text, the same for equal values."""
    try:
        return json.dumps(value, sort_keys=True, default=repr)
    except (TypeError, ValueError, RecursionError):
        return repr(value)

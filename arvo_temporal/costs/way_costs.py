"""What one way through a machine costs, and what leaves in it; a way lies on many paths, and is worked out once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache

from adapter.app import ArvoApp
from arvo.checking import Emission
from arvo.contracts import VersionedArvoContract
from arvo.orchestration import ArvoMachine
from arvo.statechart.inspecting import Way
from arvo.statechart.running import covers
from arvo.wire import system_error_type
from arvo_temporal.costs.endings import Sent, leaving
from arvo_temporal.costs.routes import Leaving, answered, arriving, leavings
from arvo_temporal.costs.tally import Tally


class WayCosts:
    """The costs of the ways of a machine.

    Args:
        app: The app that has the machine.
        machine: The machine.

    Attributes:
        sent: Takes a way; how many events of each type leave in it, and how.
        counted: Takes the way before, or None, and a way; what the way costs, with the coming of its event.
        waits: Takes the way before and a way; whether its event can only come in a later workflow task.
        timers: Takes a way; how many timers start in it.
        arriving: Takes a way; how the request left that its event answers, None for one from outside.
    """

    def __init__(self, app: ArvoApp, machine: ArvoMachine) -> None:
        self._app = app
        self._machine = machine
        self._arrival = cache(self._arrived)
        self.sent = cache(self._left)
        self.counted = cache(self._tally)
        self.timers = cache(self._started)
        self.arriving = cache(self._request)

    def waits(self, before: Way, way: Way) -> bool:
        """See the class."""
        return bool(self._arrival(before, way).ordered)

    def answered(self, way: Way, sent: Sent) -> Iterator[tuple[str, Leaving]]:
        """Yield what was sent that a way's event answers."""
        for type_, how in sent:
            service = self._machine.services_by_type.get(type_)
            if service is not None and how is answered(self._app, type_) and _answers(way.event, service):
                yield type_, how
                return

    def _tally(self, before: Way | None, way: Way) -> Tally:
        tally = leaving(self.sent(way)) + Tally(timers=self.timers(way))
        return tally if before is None else tally + self._arrival(before, way)

    def _left(self, way: Way) -> Sent:
        return Counter(
            (one.type, how)
            for one in self._emissions(way)
            for how in leavings(self._app, one)
            if one.type is not None and how is not Leaving.NOWHERE
        )

    def _started(self, way: Way) -> int:
        return _entered_timers(way) + self._delayed(way)

    def _request(self, way: Way) -> Leaving | None:
        return arriving(self._app, self._machine, way.event)

    def _delayed(self, way: Way) -> int:
        """How many events the machine sends to itself after a delay; none of them when it ends."""
        behaviour = self._machine.checked.behaviour
        return 0 if way.ends else sum(len(behaviour.delayed_in(step)) for step in way.microsteps)

    def _arrived(self, before: Way, way: Way) -> Tally:
        """What the coming of a way's event costs."""
        if way.event.startswith("xstate.after."):
            started = any(way.event in node.transitions for step in before.microsteps for node in step.entered)
            return Tally(fired=1, ordered=int(started))
        if any(way.event == type_ for type_, _ in self._machine.checked.behaviour.delayed):
            return Tally(fired=1)
        if self._is_told_at_once(before, way.event):
            return Tally()
        how = self.arriving(way)
        if how is None:
            return Tally(signals=int(not self._raises(way.event)))
        return Tally(ordered=int(how in (Leaving.ACTIVITY, Leaving.CHILD) and self._asks(before, way.event)))

    def _is_told_at_once(self, before: Way, event: str) -> bool:
        """Whether an event tells that nobody takes one that was just sent."""
        lost = (one for one in self._emissions(before) if Leaving.NOWHERE in leavings(self._app, one))
        return any(one.type is not None and event == system_error_type(one.type) for one in lost)

    def _asks(self, way: Way, answer: str) -> bool:
        """Whether a way sends the request that an event answers: then the answer cannot come in the same task."""
        asked = {one.type for one in self._emissions(way)}
        services = (one for type_, one in self._machine.services_by_type.items() if type_ in asked)
        return any(_answers(answer, one) for one in services)

    def _raises(self, event: str) -> bool:
        return event in self._machine.checked.behaviour.raised and event not in self._machine.inputs

    def _emissions(self, way: Way) -> Iterator[Emission]:
        for step in way.microsteps:
            yield from self._machine.checked.behaviour.emitted_in(step)


def _answers(event: str, service: VersionedArvoContract) -> bool:
    known = (*service.emits, system_error_type(service.accepts.type))
    return any(event == one or covers(event, one) for one in known)


def _entered_timers(way: Way) -> int:
    """How many timers start: those of states that are entered, and not left at once."""
    active = set() if way.ends else set(way.place.configuration.nodes)
    entered = {node for step in way.microsteps for node in step.entered}
    return sum(name.startswith("xstate.after.") for node in entered & active for name in node.transitions)

"""The inbox: what has arrived and waits for its turn, in order. It reads events when their turns come."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from adapter.failures import refusal
from adapter.identity import with_subject, workflow_id
from adapter.ledger import Fate
from adapter.limits import check_fields
from adapter.payload import read_text, shown
from arvo.errors import ArvoError, InvalidSubjectError
from arvo.events import ArvoEvent
from arvo.statechart import Schedule
from workflows.keys import key_of
from workflows.resolved_requests import ResolvedRequests


@dataclass(eq=False, slots=True)
class Outcome:
    """What a delivery came to: its fate, and what the orchestration produced or refused it with."""

    fate: Fate
    events: tuple[ArvoEvent, ...] = ()
    error: ArvoError | None = None
    reason: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the answer to an `execute` update."""
        return {
            "fate": self.fate.value,
            "reason": self.reason,
            "events": [event.to_json() for event in self.events],
        }


@dataclass(eq=False, slots=True)
class Delivery:
    """An event, and its outcome once it has had its turn.

    Attributes:
        event: The event.
        outcome: What it came to; None while it waits.
        is_joined: Whether somebody waits for the outcome, who may share it with an earlier delivery of the event.
    """

    event: ArvoEvent
    outcome: Outcome | None = None
    is_joined: bool = False


@dataclass(eq=False, slots=True)
class Repetition:
    """The delivery of an event that was consumed before."""

    delivery: Delivery


@dataclass(eq=False, slots=True)
class Unacceptable:
    """What is no event of this orchestration.

    Attributes:
        event: The event, if it is one of another orchestration; None if it is none at all.
        error: What is wrong with it.
        text: What has arrived.
    """

    event: ArvoEvent | None
    error: ArvoError
    text: str


@dataclass(eq=False, slots=True)
class DueTimer:
    """A delayed transition; once its time has come it waits for its turn.

    Attributes:
        schedule: What the machine asked for.
        firing_id: Name of this firing, used for no other one of the orchestration.
    """

    schedule: Schedule
    firing_id: str


@dataclass(eq=False, slots=True)
class Obstacle:
    """What keeps an orchestration from going on until a deployment has cured it."""

    error: Exception


Item = Delivery | Repetition | Unacceptable | DueTimer


class Inbox:
    """What waits for its turn, in order of arrival.

    Args:
        subject: The subject of the orchestration.
        remembered: How many consumed events are remembered, to recognise repetitions.
        consumed: The keys of the events that earlier runs have consumed, oldest first.
        unhandled: Those of them that the machine did not handle.
        texts: The JSON of the events that earlier runs have left.
        resolved: What they have noted of requests that were answered in the place of their services.

    Attributes:
        arrivals: How much has arrived in this run, refused or not; delayed transitions are not counted.
        received: Bytes of that.
        size: Bytes of what waits unread.
        resolved: The requests that were answered in the place of their services.
    """

    def __init__(
        self,
        subject: str,
        remembered: int,
        consumed: Iterable[str] = (),
        texts: Iterable[bytes] = (),
        unhandled: Iterable[str] = (),
        resolved: Mapping[str, str] | None = None,
    ) -> None:
        self.arrivals = 0
        self.received = 0
        self.resolved = ResolvedRequests(resolved or {})
        self._subject = subject
        self._remembered = remembered
        self._consumed = dict.fromkeys(consumed, True)
        self._consumed.update(dict.fromkeys(unhandled, False))
        self._items: deque[bytes | Delivery | DueTimer | Obstacle] = deque(texts)
        self.size = sum(len(item) for item in self._items if isinstance(item, bytes))
        self._deliveries: dict[str, Delivery] = {}
        self._due: dict[str | None, list[DueTimer]] = {}
        self._dropped: set[Delivery | DueTimer | Obstacle] = set()
        """Items that have no turn any more: they are passed over instead of being looked for."""

    def __bool__(self) -> bool:
        return len(self) > 0

    def __len__(self) -> int:
        return len(self._items) - len(self._dropped)

    def add_text(self, text: bytes) -> None:
        """Append the JSON of an event, to be read when its turn comes: thousands can arrive at once."""
        self.arrivals += 1
        self.received += len(text)
        self.size += len(text)
        self._items.append(text)

    def add(self, event: ArvoEvent) -> Delivery:
        """Append an event, and return its delivery."""
        event = with_subject(event, self._subject)
        self.arrivals += 1
        self.received += len(event.to_json_bytes())
        delivery = Delivery(event)
        self._items.append(delivery)
        self._deliveries.setdefault(key_of(event), delivery)
        return delivery

    def add_due(self, timer: DueTimer) -> None:
        """Append a delayed transition whose time has come."""
        self._items.append(timer)
        self._due.setdefault(timer.schedule.id, []).append(timer)

    def add_obstacle(self, error: Exception) -> None:
        """Let the workflow task fail when it comes to this, again and again until it does not happen any more."""
        self._items.append(Obstacle(error))

    def drop_due(self, schedule_id: str) -> None:
        """Remove a delayed transition that was cancelled after its time had come."""
        self._dropped.update(self._due.pop(schedule_id, ()))

    def take(self) -> Item:
        """Remove and return what arrived first.

        Raises:
            Exception: It is an obstacle.
        """
        arrived = self._items.popleft()
        while not isinstance(arrived, bytes) and arrived in self._dropped:
            self._dropped.remove(arrived)
            arrived = self._items.popleft()
        if isinstance(arrived, Obstacle):
            raise arrived.error
        if isinstance(arrived, DueTimer):
            self._forget_due(arrived)
            return arrived
        item = self._take_text(arrived) if isinstance(arrived, bytes) else arrived
        if not isinstance(item, Delivery):
            return item
        if self._deliveries.get(key := key_of(item.event)) is item:
            del self._deliveries[key]
        if key in self._consumed or self.resolved.replaces(item.event):
            return Repetition(item)
        return item

    def remember(self, event: ArvoEvent, *, handled: bool = True) -> None:
        """Note that this event was consumed; the oldest one is forgotten where there are too many."""
        self._consumed[key_of(event)] = handled
        while len(self._consumed) > self._remembered:
            del self._consumed[next(iter(self._consumed))]

    def forget_unhandled(self, event: ArvoEvent) -> None:
        """Let an event that the machine did not handle be consumed again: nothing has come of it."""
        if self._consumed.get(key_of(event)) is False:
            del self._consumed[key_of(event)]

    def has_consumed(self, event: ArvoEvent) -> bool:
        """Tell whether this event is remembered as consumed."""
        return key_of(event) in self._consumed

    def waiting(self, event: ArvoEvent) -> Delivery | None:
        """Return the delivery of this event that waits for its turn, of those that are read."""
        return self._deliveries.get(key_of(event))

    def join(self, event: ArvoEvent) -> Delivery:
        """Return the delivery of this event that waits for its turn; if none does that is read, a new one at the end.

        It gets its outcome from the first one of the event that has its turn, which may be one that is still unread.
        """
        delivery = self.waiting(event) or self.add(event)
        delivery.is_joined = True
        return delivery

    def consumed(self) -> list[str]:
        """Return the keys of the events that are remembered as consumed, oldest first."""
        return list(self._consumed)

    def unhandled(self) -> list[str]:
        """Return the keys of those that the machine did not handle."""
        return [key for key, handled in self._consumed.items() if not handled]

    def texts(self) -> Iterator[bytes]:
        """Return the JSON of the events that wait for their turn, in order."""
        for item in self._items:
            if isinstance(item, bytes):
                yield item
            elif isinstance(item, Delivery) and item not in self._dropped:
                yield item.event.to_json_bytes()

    def due(self) -> list[DueTimer]:
        """Return the delayed transitions that wait for their turn, in order."""
        return [item for item in self._items if isinstance(item, DueTimer) and item not in self._dropped]

    def _forget_due(self, timer: DueTimer) -> None:
        others = [one for one in self._due.pop(timer.schedule.id) if one is not timer]
        if others:
            self._due[timer.schedule.id] = others

    def _take_text(self, text: bytes) -> Delivery | Unacceptable:
        """Read what waits unread; one that somebody has joined meanwhile takes its place."""
        self.size -= len(text)
        item = self._read(text)
        if not isinstance(item, Delivery):
            return item
        joined = self._deliveries.get(key_of(item.event))
        if joined is None or not joined.is_joined:
            return item
        joined.event = item.event
        self._dropped.add(joined)
        self.arrivals -= 1  # one delivery, counted when it came
        return joined

    def _read(self, text: bytes) -> Delivery | Unacceptable:
        try:
            event = read_text(text)
            check_fields(event)
        except ArvoError as error:
            return Unacceptable(None, error, shown(text))
        event = with_subject(event, self._subject)
        if event.subject != self._subject:
            return Unacceptable(event, foreign(event, self._subject), event.to_json_text())
        return Delivery(event)


def foreign(event: ArvoEvent, subject: str) -> ArvoError:
    """Return the violation that an event of another subject is for the orchestration `subject`."""
    try:
        expected = workflow_id(event.subject)
    except InvalidSubjectError as error:
        return refusal(f"The event's subject is not an orchestration subject: {error}")
    return refusal(
        f"The event '{event.id}' belongs to another orchestration: its subject is the workflow '{expected}', "
        f"not '{workflow_id(subject)}'. Deliver it there."
    )

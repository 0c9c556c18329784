"""The inbox: what has arrived, in order, each event id at most once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from adapter.ledger import Fate
from arvo.errors import ArvoError
from arvo.events import ArvoEvent
from arvo.statechart import Schedule


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
    """One event that has arrived and waits for its turn."""

    event: ArvoEvent
    outcome: Outcome | None = None


@dataclass(eq=False, slots=True)
class DueTimer:
    """A delayed transition; once its time has come it waits for its turn.

    Attributes:
        schedule: What the machine asked for.
        firing_id: Name of this firing, used for no other one of the orchestration.
    """

    schedule: Schedule
    firing_id: str


Reader = Callable[[bytes], Delivery | None]
"""Makes a delivery of the JSON of an event, by `Inbox.register`; None if it is refused or a repetition."""


@dataclass(slots=True)
class Inbox:
    """What waits for its turn, in order of arrival: the JSON of events not read yet, deliveries, due timers.

    Attributes:
        capacity: How many ids of consumed events are remembered.
        consumed: The remembered ids, oldest first.
    """

    capacity: int
    consumed: dict[str, None] = field(default_factory=dict)
    _items: deque[bytes | Delivery | DueTimer] = field(default_factory=deque)
    _waiting: dict[str, Delivery] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def add(self, event: ArvoEvent) -> Delivery | None:
        """Append an event, and return its delivery; None if its id is waiting or was consumed before."""
        delivery = self.register(event)
        if delivery is not None:
            self._items.append(delivery)
        return delivery

    def add_unread(self, text: bytes) -> None:
        """Append the JSON of an event, to be read when its turn comes."""
        self._items.append(text)

    def read_all(self, reader: Reader) -> None:
        """Replace what is unread by the deliveries that `reader` makes of it, if any."""
        read = [reader(item) if isinstance(item, bytes) else item for item in self._items]
        self._items = deque(item for item in read if item is not None)

    def register(self, event: ArvoEvent) -> Delivery | None:
        """Return a delivery of this event, to be put in its place; None if its id is waiting or was consumed before."""
        if event.id in self._waiting or event.id in self.consumed:
            return None
        delivery = self._waiting[event.id] = Delivery(event)
        return delivery

    def waiting(self, event_id: str) -> Delivery | None:
        """Return the delivery of this event id that still waits for its turn."""
        return self._waiting.get(event_id)

    def add_due(self, timer: DueTimer) -> None:
        """Append a delayed transition whose time has come."""
        self._items.append(timer)

    def drop_due(self, schedule_id: str) -> None:
        """Remove a delayed transition that was cancelled after its time had come."""
        self._items = deque(
            item for item in self._items if not (isinstance(item, DueTimer) and item.schedule.id == schedule_id)
        )

    def take(self, reader: Reader) -> Delivery | DueTimer | None:
        """Remove and return what arrived first; None if that was unread, and `reader` makes no delivery of it."""
        arrived = self._items.popleft()
        item = reader(arrived) if isinstance(arrived, bytes) else arrived
        if isinstance(item, Delivery):
            del self._waiting[item.event.id]
        return item

    def remember(self, event_id: str) -> None:
        """Note that this event was consumed; the oldest id is forgotten at capacity."""
        self.consumed[event_id] = None
        while len(self.consumed) > self.capacity:
            del self.consumed[next(iter(self.consumed))]

    def texts(self) -> Iterator[bytes]:
        """Return the JSON of the events that wait for their turn, in order."""
        for item in self._items:
            if isinstance(item, bytes):
                yield item
            elif isinstance(item, Delivery):
                yield item.event.to_json_bytes()

    def due(self) -> list[DueTimer]:
        """Return the delayed transitions that wait for their turn, in order."""
        return [item for item in self._items if isinstance(item, DueTimer)]

"""The inbox: what has arrived and waits for its turn, in order. It reads events when their turns come."""

from __future__ import annotations

import base64
import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from adapter.failures import refusal
from adapter.identity import workflow_id
from adapter.ledger import Fate
from adapter.payload import read_text, shown
from arvo.errors import ArvoError, InvalidSubjectError
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
    """An event, and its outcome once it has had its turn."""

    event: ArvoEvent
    outcome: Outcome | None = None


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

    Attributes:
        arrivals: How much has arrived in this run, refused or not; delayed transitions are not counted.
        received: Bytes of that.
        size: Bytes of what waits unread.
    """

    def __init__(
        self,
        subject: str,
        remembered: int,
        consumed: Iterable[str] = (),
        texts: Iterable[bytes] = (),
        unhandled: Iterable[str] = (),
    ) -> None:
        self.arrivals = 0
        self.received = 0
        self._subject = subject
        self._remembered = remembered
        self._consumed = dict.fromkeys(consumed, True)
        self._consumed.update(dict.fromkeys(unhandled, False))
        self._items: deque[bytes | Delivery | DueTimer | Obstacle] = deque(texts)
        self.size = sum(len(item) for item in self._items if isinstance(item, bytes))

    def __bool__(self) -> bool:
        return bool(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def add_text(self, text: bytes) -> None:
        """Append the JSON of an event, to be read when its turn comes: thousands can arrive at once."""
        self.arrivals += 1
        self.received += len(text)
        self.size += len(text)
        self._items.append(text)

    def add(self, event: ArvoEvent) -> Delivery:
        """Append an event, and return its delivery."""
        self.arrivals += 1
        self.received += len(event.to_json_bytes())
        delivery = Delivery(event)
        self._items.append(delivery)
        return delivery

    def add_due(self, timer: DueTimer) -> None:
        """Append a delayed transition whose time has come."""
        self._items.append(timer)

    def add_obstacle(self, error: Exception) -> None:
        """Let the workflow task fail when it comes to this, again and again until it does not happen any more."""
        self._items.append(Obstacle(error))

    def drop_due(self, schedule_id: str) -> None:
        """Remove a delayed transition that was cancelled after its time had come."""
        kept = [item for item in self._items if not (isinstance(item, DueTimer) and item.schedule.id == schedule_id)]
        self._items = deque(kept)

    def take(self) -> Item:
        """Remove and return what arrived first.

        Raises:
            Exception: It is an obstacle.
        """
        arrived = self._items.popleft()
        if isinstance(arrived, Obstacle):
            raise arrived.error
        if isinstance(arrived, bytes):
            self.size -= len(arrived)
        item = self._read(arrived) if isinstance(arrived, bytes) else arrived
        if isinstance(item, Delivery) and self.has_consumed(item.event):
            return Repetition(item)
        return item

    def remember(self, event: ArvoEvent, *, handled: bool = True) -> None:
        """Note that this event was consumed; the oldest one is forgotten where there are too many."""
        self._consumed[_key(event)] = handled
        while len(self._consumed) > self._remembered:
            del self._consumed[next(iter(self._consumed))]

    def forget_unhandled(self, event: ArvoEvent) -> None:
        """Let an event that the machine did not handle be consumed again: nothing has come of it."""
        if self._consumed.get(_key(event)) is False:
            del self._consumed[_key(event)]

    def has_consumed(self, event: ArvoEvent) -> bool:
        """Tell whether this event is remembered as consumed."""
        return _key(event) in self._consumed

    def waiting(self, event: ArvoEvent) -> Delivery | None:
        """Return the delivery of this event that waits for its turn, of those that are read."""
        key = _key(event)
        return next((item for item in self._items if isinstance(item, Delivery) and _key(item.event) == key), None)

    def join(self, event: ArvoEvent) -> Delivery:
        """Return the delivery of this event that waits for its turn; if none does, a new one at the end."""
        self._read_ahead()
        return self.waiting(event) or self.add(event)

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
            elif isinstance(item, Delivery):
                yield item.event.to_json_bytes()

    def due(self) -> list[DueTimer]:
        """Return the delayed transitions that wait for their turn, in order."""
        return [item for item in self._items if isinstance(item, DueTimer)]

    def _read_ahead(self) -> None:
        """Read what is unread; what is unacceptable stays as it is, to be refused when its turn comes."""
        for position, item in enumerate(items := list(self._items)):
            if isinstance(item, bytes) and isinstance(read := self._read(item), Delivery):
                items[position] = read
        self._items = deque(items)

    def _read(self, text: bytes) -> Delivery | Unacceptable:
        try:
            event = read_text(text)
        except ArvoError as error:
            return Unacceptable(None, error, shown(text))
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


def _key(event: ArvoEvent) -> str:
    """Return what makes an event the same one, however often it is delivered: 22 characters for source and id."""
    named = f"{len(event.source)}:{event.source}{event.id}".encode("utf-8", "surrogatepass")
    digest = hashlib.blake2b(named, digest_size=16, usedforsecurity=False).digest()
    return base64.b64encode(digest).decode().rstrip("=")

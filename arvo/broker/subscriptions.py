"""Who takes the events to which topic."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeAlias

from arvo.events import ArvoEvent

Subscriber: TypeAlias = Callable[[ArvoEvent], Awaitable[None] | None]
"""Takes an event; sync or async."""


class Subscriptions:
    """Subscribers by topic, in the order in which they came."""

    def __init__(self) -> None:
        self._by_topic: dict[str, dict[int, Subscriber]] = {}
        self._begun = 0

    def __contains__(self, topic: str) -> bool:
        return topic in self._by_topic

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics that somebody has subscribed to."""
        return tuple(self._by_topic)

    def to(self, topic: str) -> tuple[Subscriber, ...]:
        """The subscribers to a topic, as they are now."""
        return tuple(self._by_topic.get(topic, {}).values())

    def begin(self, topic: str, subscriber: Subscriber) -> Callable[[], None]:
        """Add a subscriber, and return what removes it again."""
        self._begun += 1
        self._by_topic.setdefault(topic, {})[self._begun] = subscriber
        return partial(self._end, topic, self._begun)

    def _end(self, topic: str, number: int) -> None:
        subscribers = self._by_topic.get(topic, {})
        subscribers.pop(number, None)
        if not subscribers:
            self._by_topic.pop(topic, None)


def topic_of(event: ArvoEvent) -> str:
    """Return the topic that an event is sent to."""
    return event.to or event.type

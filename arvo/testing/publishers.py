"""What a publisher of one's own has to do, as tests to run against it with pytest.

    class TestKafkaPublisher(PublisherTests):
        async def open_publisher(self) -> Publisher:
            self.topic = await open_topic()
            return KafkaPublisher(self.topic)

        async def received(self) -> list[ArvoEvent]:
            return [ArvoEvent.from_json(message.value) async for message in self.topic]

A publisher is an async function that takes one event out of the system. It is called at least once for each event,
again after every failure, and for several events at the same time.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

import pytest

from arvo.events import ArvoEvent, create_arvo_event

Publisher = Callable[[ArvoEvent], Awaitable[None]]

_SECONDS = 30
_PAUSE = 0.05
_MANY = 50


class PublisherTests:
    """Tests of a publisher; derive a class whose name begins with `Test`, and say how to open both of its ends.

    Attributes:
        largest_bytes: Size of the largest event that is tried; less than what the transport takes.
    """

    largest_bytes: ClassVar[int] = 65_536

    @abstractmethod
    async def open_publisher(self) -> Publisher:
        """Return a publisher that is ready to use; called for each test, in the event loop of the test."""

    @abstractmethod
    async def received(self) -> list[ArvoEvent]:
        """Return all events that have arrived at the other end since `open_publisher`."""

    @abstractmethod
    async def open_broken_publisher(self) -> Publisher:
        """Return a publisher whose other end cannot be reached."""

    async def close_publisher(self, publisher: Any) -> None:
        """Let go of a publisher; by default there is nothing to do."""

    @pytest.mark.parametrize("kind", ["plain", "full", "extended", "words", "empty"])
    def test_what_is_published_arrives_as_it_is(self, kind: str) -> None:
        """Every field, every extension and all of the data arrive unchanged, nulls and unusual characters too."""

        async def check(publish: Publisher) -> None:
            event = _EVENTS[kind]()
            await publish(event)
            await self._expect([event])

        self._run(check)

    def test_a_large_event_arrives(self) -> None:
        """An event of `largest_bytes` arrives whole."""

        async def check(publish: Publisher) -> None:
            room = self.largest_bytes - len(_event(text="").to_json_bytes())
            event = _event(text="x" * room)
            await publish(event)
            await self._expect([event])

        self._run(check)

    def test_many_events_at_the_same_time_arrive(self) -> None:
        """Calls do not wait for each other to be made, and none is lost."""

        async def check(publish: Publisher) -> None:
            events = [_event(number=number) for number in range(_MANY)]
            await asyncio.gather(*(publish(event) for event in events))
            await self._expect(events)

        self._run(check)

    def test_a_repetition_keeps_its_id(self) -> None:
        """An event that is published again is not refused, and can be recognised by its id."""

        async def check(publish: Publisher) -> None:
            event = _event()
            await publish(event)
            await publish(ArvoEvent.from_json(event.to_json()))
            await self._expect([event])

        self._run(check)

    def test_a_failure_is_raised(self) -> None:
        """What cannot be delivered raises: an event is counted as published once the publisher returns."""

        async def check(publish: Publisher) -> None:
            try:
                await publish(_event())
            except Exception:
                return
            raise AssertionError("The publisher must raise if the other end cannot be reached: the event is lost.")

        self._run(check, self.open_broken_publisher)

    async def _expect(self, events: list[ArvoEvent]) -> None:
        missing = {event.id: event for event in events}
        while missing:
            arrived = await self.received()
            for event in arrived:
                if event.id in missing:
                    expected = missing.pop(event.id)
                    assert event == expected, f"An event must arrive as it is.\nsent: {expected}\ncame: {event}"
            known = {event.id for event in events}
            assert {event.id for event in arrived} <= known, "What arrives must have the id that it was sent with."
            await asyncio.sleep(_PAUSE if missing else 0)

    def _run(
        self,
        check: Callable[[Publisher], Awaitable[None]],
        open_publisher: Callable[[], Awaitable[Publisher]] | None = None,
    ) -> None:
        async def run() -> None:
            publisher = await (open_publisher or self.open_publisher)()
            try:
                await asyncio.wait_for(check(publisher), _SECONDS)
            except TimeoutError:
                raise AssertionError(f"An event must arrive, or be refused, within {_SECONDS} seconds.") from None
            finally:
                await self.close_publisher(publisher)

        asyncio.run(run())


def _event(fields: dict[str, Any] | None = None, /, **data: Any) -> ArvoEvent:
    return create_arvo_event(
        type="evt.publisher.tested", source="com.publisher.tests", subject="tests", data=data, **(fields or {})
    )


_FULL = {
    "to": "com.publisher.receiver",
    "dataschema": "#/publisher/tests/1.0.0",
    "accesscontrol": "role=tester",
    "redirectto": "com.publisher.redirect",
    "executionunits": 0.5,
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "tracestate": "vendor=1",
    "parentid": "parent",
    "domain": "external.tests",
}

_EVENTS: dict[str, Callable[[], ArvoEvent]] = {
    "plain": lambda: _event(number=1, nested={"list": [1, 2.5, None, True, {}]}),
    "full": lambda: _event(_FULL, number=1),
    "extended": lambda: _event({"extensions": {"tenant": "t1", "priority": 3, "urgent": True, "nothing": None}}),
    "words": lambda: _event(text="ä ß 漢字 \U0001f680 ' \" \\ % $ \r\n \t \u2028", **{"a.b$c": 1, "": 0}),
    "empty": lambda: _event(),
}

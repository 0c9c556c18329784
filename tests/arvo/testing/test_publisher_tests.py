"""The tests that are shipped for publishers: an honest one passes, and each mistake is found."""

from __future__ import annotations

import pytest

from arvo.events import ArvoEvent
from arvo.testing.publishers import Publisher, PublisherTests


class TestHonestPublisher(PublisherTests):
    async def open_publisher(self) -> Publisher:
        self.wire: list[bytes] = []
        return self.publish

    async def open_broken_publisher(self) -> Publisher:
        async def publish(event: ArvoEvent) -> None:
            raise ConnectionError("nobody is there")

        return publish

    async def publish(self, event: ArvoEvent) -> None:
        self.wire.append(event.to_json_bytes())

    async def received(self) -> list[ArvoEvent]:
        return [ArvoEvent.from_json(message) for message in self.wire]


class LosesExtensions(TestHonestPublisher):
    async def publish(self, event: ArvoEvent) -> None:
        self.wire.append(ArvoEvent.from_json(event.to_json() | dict.fromkeys(event.extensions)).to_json_bytes())


class LosesNewLines(TestHonestPublisher):
    async def publish(self, event: ArvoEvent) -> None:
        self.wire.append(event.to_json_bytes().replace(rb"\r\n", rb"\n"))


class MakesItsOwnIds(TestHonestPublisher):
    async def publish(self, event: ArvoEvent) -> None:
        self.wire.append(ArvoEvent.from_json(event.to_json() | {"id": f"{len(self.wire)}"}).to_json_bytes())


class RefusesRepetitions(TestHonestPublisher):
    async def publish(self, event: ArvoEvent) -> None:
        assert not self.wire, "a repetition must be taken"
        self.wire.append(event.to_json_bytes())


class KeepsTheLast(TestHonestPublisher):
    async def publish(self, event: ArvoEvent) -> None:
        self.wire[:] = [event.to_json_bytes()]


class CutsLargeEvents(TestHonestPublisher):
    async def publish(self, event: ArvoEvent) -> None:
        if len(event.to_json_bytes()) < 65_536:
            self.wire.append(event.to_json_bytes())


class HidesFailures(TestHonestPublisher):
    async def open_broken_publisher(self) -> Publisher:
        async def publish(event: ArvoEvent) -> None:
            return None

        return publish


@pytest.mark.parametrize(
    ("tests", "test", "arguments"),
    [
        (LosesExtensions, "test_what_is_published_arrives_as_it_is", ["extended"]),
        (LosesNewLines, "test_what_is_published_arrives_as_it_is", ["words"]),
        (MakesItsOwnIds, "test_what_is_published_arrives_as_it_is", ["plain"]),
        (RefusesRepetitions, "test_a_repetition_keeps_its_id", []),
        (KeepsTheLast, "test_many_events_at_the_same_time_arrive", []),
        (CutsLargeEvents, "test_a_large_event_arrives", []),
        (HidesFailures, "test_a_failure_is_raised", []),
    ],
)
def test_a_mistake_is_found(
    tests: type[PublisherTests], test: str, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("arvo.testing.publishers._SECONDS", 0.1)
    with pytest.raises(AssertionError, match="must"):
        getattr(tests(), test)(*arguments)

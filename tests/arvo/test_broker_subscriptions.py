"""Subscribers beside the handlers of a broker, and what it tells of them."""

from __future__ import annotations

from typing import Any

import pytest

from arvo import ArvoEvent, SimpleEventBroker, emit
from tests.arvo.counting import add_handler, count_orchestrator, start

NOTING = {"id": "m", "initial": "s", "states": {"s": {"entry": emit({"type": "com.note.taken", "data": {}})}}}


async def test_a_subscriber_gets_the_events_to_a_topic_until_it_ends() -> None:
    broker, seen, seen_async = SimpleEventBroker([count_orchestrator(), add_handler()]), list[ArvoEvent](), list[str]()

    async def note(event: ArvoEvent) -> None:
        seen_async.append(event.type)

    end = broker.subscribe("com.test.app", seen.append)
    broker.subscribe("com.number.add", note)
    assert await broker.resolve(start(goal=2)) is not None, "a subscriber to the source takes nothing away"
    assert [event.type for event in seen] == ["arvo.orc.count.done"]
    assert seen_async == ["com.number.add"] * 2
    end()
    end()
    await broker.publish(start(goal=1))
    assert (len(seen), len(seen_async)) == (1, 3)


async def test_the_same_function_may_subscribe_twice_and_end_once() -> None:
    broker, seen = SimpleEventBroker([count_orchestrator(NOTING)]), list[ArvoEvent]()
    ends = [broker.subscribe("com.note.taken", seen.append) for _ in range(2)]
    await broker.publish(start())
    ends[0]()
    ends[0]()
    await broker.publish(start())
    assert len(seen) == 3


async def test_subscribers_that_end_while_an_event_is_carried_still_get_it() -> None:
    broker, seen = SimpleEventBroker([count_orchestrator(NOTING)]), list[str]()
    broker.subscribe("com.note.taken", lambda event: end())
    end = broker.subscribe("com.note.taken", lambda event: seen.append(event.type))
    await broker.publish(start())
    await broker.publish(start())
    assert seen == ["com.note.taken"]


def test_topics_and_counts_include_the_handlers() -> None:
    broker = SimpleEventBroker([count_orchestrator(), add_handler()])
    ends = [broker.subscribe(topic, print) for topic in ("com.note.taken", "com.number.add", "com.note.taken")]
    assert list(broker.topics) == ["arvo.orc.count", "com.number.add", "com.note.taken"]
    counts = {topic: broker.get_subscriber_count(topic) for topic in (*broker.topics, "com.un.known")}
    assert counts == {"arvo.orc.count": 1, "com.number.add": 2, "com.note.taken": 2, "com.un.known": 0}
    for end in ends:
        end()
    assert list(broker.topics) == ["arvo.orc.count", "com.number.add"]
    assert broker.get_subscriber_count("com.number.add") == 1


def test_a_topic_can_be_had_alone() -> None:
    broker = SimpleEventBroker([add_handler()])
    end = broker.subscribe("com.note.taken", print, assert_unique=True)
    for taken in ("com.note.taken", "com.number.add"):
        with pytest.raises(ValueError, match=taken):
            broker.subscribe(taken, print, assert_unique=True)
    end()
    broker.subscribe("com.note.taken", print, assert_unique=True)


async def test_the_queue_is_as_long_as_the_events_that_wait() -> None:
    asking: Any = [emit({"type": "com.note.taken", "data": {"number": number}}) for number in range(3)]
    config = {"id": "m", "initial": "s", "states": {"s": {"entry": asking}}}
    broker, lengths = SimpleEventBroker([count_orchestrator(config)]), list[int]()
    broker.subscribe("com.note.taken", lambda event: lengths.append(broker.queue_length))
    assert broker.queue_length == 0
    await broker.publish(start())
    assert lengths == [2, 1, 0]
    assert broker.queue_length == 0


async def test_who_has_subscribed_takes_events_without_a_contract() -> None:
    broker = SimpleEventBroker([count_orchestrator(NOTING)])
    end = broker.subscribe("com.note.taken", lambda event: None)
    await broker.publish(start())
    assert [event.type for event in broker.events] == ["arvo.orc.count", "com.note.taken"]
    end()
    await broker.publish(start())
    assert broker.events[-1].data["errorName"] == "NoRoute"

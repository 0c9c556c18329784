"""Many events, sent several at once: in order, with bounded memory, whatever becomes of each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from adapter.delivery import DeliveryResult, DeliveryStatus
from adapter.errors import OrchestrationTimeoutError
from arvo import ArvoEvent
from arvo.errors import ExecutionViolation
from arvo_temporal import Fate
from arvo_temporal.client import ExecuteResult
from arvo_temporal.client.streaming import AT_ONCE, Stream
from tests.apps import counted, start_count
from tests.polling import PATIENCE


async def given(events: list[ArvoEvent]) -> AsyncIterator[ArvoEvent]:
    for event in events:
        yield event


async def test_no_more_are_under_way_than_may_be_and_each_is_told_of_in_its_place() -> None:
    taken = 0
    under_way: set[str] = set()
    most = 0

    async def send(event: ArvoEvent) -> DeliveryResult:
        nonlocal most
        under_way.add(event.id)
        most = max(most, len(under_way))
        for _ in range(hash(event.id) % 7):
            await asyncio.sleep(0)
        under_way.remove(event.id)
        return DeliveryResult(DeliveryStatus.DELIVERED, "w")

    init = start_count(goal=1)
    events = [counted(init.subject, by=number) for number in range(1000)]

    async def source() -> AsyncIterator[ArvoEvent]:
        nonlocal taken
        for event in events:
            taken += 1
            yield event

    told = []
    async for sent in Stream(send, waits=False).sent(source()):
        told.append(sent.id)
        assert taken - len(told) <= AT_ONCE
    assert told == [event.id for event in events]
    assert 1 < most <= AT_ONCE


@pytest.mark.parametrize("waits", [False, True])
async def test_an_orchestration_begins_before_its_events_are_sent(waits: bool) -> None:
    inits = [start_count(goal=9) for _ in range(3)]
    events = [event for init in inits for event in (init, counted(init.subject), counted(init.subject))]
    begun: set[str] = set()
    calls: list[str] = []

    async def send(event: ArvoEvent) -> DeliveryResult | ExecuteResult:
        if event.type == "arvo.orc.counter":
            await asyncio.sleep(0.01)
            begun.add(event.subject)
        assert event.subject in begun
        calls.append(event.id)
        return ExecuteResult(Fate.APPLIED, ()) if waits else DeliveryResult(DeliveryStatus.DELIVERED, "w")

    stream = Stream(send, waits=waits)
    assert [sent.accepted async for sent in stream.sent(given(events))] == [True] * 9
    for init in inits:
        own = [event.id for event in events if event.subject == init.subject]
        assert [call for call in calls if call in own] == own
    assert stream._before == {}


async def test_what_is_refused_does_not_stop_the_others() -> None:
    init = start_count(goal=9)
    events = [init, counted(init.subject, by=-1), counted(init.subject)]

    async def send(event: ArvoEvent) -> DeliveryResult:
        if event.data.get("by") == -1:
            raise ExecutionViolation("no")
        return DeliveryResult(DeliveryStatus.LATE, "w", "it is closed")

    told = [(sent.status, sent.accepted, sent.reason) async for sent in Stream(send, waits=False).sent(given(events))]
    assert [one[:2] for one in told] == [
        (DeliveryStatus.LATE, False),
        (Fate.REFUSED, False),
        (DeliveryStatus.LATE, False),
    ]
    assert "no" in (told[1][2] or "")


async def test_what_has_not_come_in_time_is_not_called_refused() -> None:
    async def send(event: ArvoEvent) -> ExecuteResult:
        raise OrchestrationTimeoutError("slow", workflow_id="w")

    with pytest.raises(OrchestrationTimeoutError):
        async for _ in Stream(send, waits=True).sent(given([start_count(goal=9)])):
            pass


async def test_what_stops_all_is_raised_and_leaves_nothing_behind() -> None:
    init = start_count(goal=9)
    events = [counted(init.subject, by=number) for number in range(100)]
    begun = ended = 0
    are_under_way = asyncio.Event()

    async def send(event: ArvoEvent) -> DeliveryResult:
        nonlocal begun, ended
        if event is events[0]:
            await are_under_way.wait()
            raise ConnectionError("no server")
        begun += 1
        if begun == 10:
            are_under_way.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended += 1
        raise AssertionError

    before = asyncio.all_tasks()
    with pytest.raises(ConnectionError):
        async for _ in Stream(send, waits=False).sent(given(events)):
            pass
    assert ended == begun
    assert asyncio.all_tasks() == before


async def test_an_event_is_told_of_before_the_next_one_comes() -> None:
    init = start_count(goal=9)
    told = asyncio.Event()

    async def slowly() -> AsyncIterator[ArvoEvent]:
        yield init
        await told.wait()
        yield counted(init.subject)

    async def send(event: ArvoEvent) -> DeliveryResult:
        return DeliveryResult(DeliveryStatus.STARTED, "w")

    async with asyncio.timeout(PATIENCE):
        async for _ in Stream(send, waits=False).sent(slowly()):
            told.set()

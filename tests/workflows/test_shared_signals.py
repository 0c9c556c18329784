"""Events that come for one orchestration while a signal to it is under way share the next signal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client
from temporalio.common import RawValue
from temporalio.converter import PayloadCodec

from arvo import ArvoEvent
from arvo_temporal import ArvoApp, ArvoClient, DeliveryStatus, workflow_id
from arvo_temporal.dev_server.server import DevServer
from tests.apps import counted, start_count
from tests.conftest import Serve
from tests.histories import count_events
from tests.polling import PATIENCE, eventually
from tests.resumables import Kind, as_machine_and_function, counter_app, output_of
from tests.tape import reading, start_tape, symbol, tape_app

_SIGNALED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED


@as_machine_and_function
async def test_many_at_once_take_few_signals_in_the_order_of_the_calls(serve: Serve, kind: Kind) -> None:
    symbols = range(500)
    init = start_tape(len(symbols))
    async with serve(tape_app()) as client:
        await client.deliver(init)
        results = await asyncio.gather(*(client.deliver(symbol(init.subject, value)) for value in symbols))
        record = await client.result(init.subject)
        signals = await count_events(client, init, _SIGNALED)
    assert {result.status for result in results} == {DeliveryStatus.DELIVERED}
    assert output_of(record) == reading(symbols)
    assert signals <= 5


async def test_one_after_another_they_go_alone_as_signals_that_a_person_could_send(serve: Serve) -> None:
    init = start_count(goal=3)
    async with serve(counter_app()) as client:
        await client.deliver(init)
        sent = [counted(init.subject) for _ in range(3)]
        for event in sent:
            await client.deliver(event)
        await client.result(init.subject)
        history = await client.client.get_workflow_handle(workflow_id(init.subject)).fetch_history()
    signals = [
        event.workflow_execution_signaled_event_attributes for event in history.events if event.event_type == _SIGNALED
    ]
    assert [signal.signal_name for signal in signals] == ["deliver"] * 3
    assert [json.loads(payload.data) for signal in signals for payload in signal.input.payloads] == [
        event.to_json() for event in sent
    ]


@as_machine_and_function
async def test_what_is_refused_or_repeated_does_no_harm_to_what_shares_its_signal(serve: Serve, kind: Kind) -> None:
    init = start_count(goal=2)
    first = counted(init.subject)
    wrong = ArvoEvent.from_json({**counted(init.subject).to_json(), "data": {"by": "one"}})
    async with serve(counter_app(kind=kind)) as client:
        await client.execute(init)
        await asyncio.gather(*(client.deliver(event) for event in (first, wrong, first, counted(init.subject))))
        record = await client.result(init.subject)
        ledger = await client.ledger(init.subject)
        assert await count_events(client, init, _SIGNALED) == 2
    assert output_of(record)["total"] == 2
    assert ledger.counts == {"applied": 3, "refused": 1, "duplicate": 1}


async def test_more_than_one_signal_holds_is_spread_over_several(serve: Serve) -> None:
    """Temporal takes two MiB in a signal; these are three."""
    init, large = start_count(goal=75), {"padding": "x" * 40_000}
    events = [replace(counted(init.subject), data={"by": 1, **large}) for _ in range(75)]
    async with serve(counter_app()) as client:
        await client.deliver(init)
        await asyncio.gather(*(client.deliver(event) for event in events))
        record = await client.result(init.subject)
        assert await count_events(client, init, _SIGNALED) == 16
    assert record["state"]["output"]["total"] == 75


async def test_each_sender_learns_that_nobody_takes_its_event(serve: Serve) -> None:
    closed, unknown = start_count(goal=1), start_count(goal=1)
    async with serve(counter_app()) as client:
        await client.deliver(closed)
        await client.deliver(counted(closed.subject))
        await client.result(closed.subject)
        events = [counted(init.subject) for init in (closed, unknown) for _ in range(3)]
        results = await asyncio.gather(*(client.deliver(event) for event in events))
    assert [result.status for result in results] == [DeliveryStatus.LATE] * 3 + [DeliveryStatus.EARLY] * 3


@pytest.mark.parametrize("gone", [0, 2], ids=["the first", "one that waits"])
async def test_a_sender_that_gives_up_takes_nobody_along(serve: Serve, gone: int) -> None:
    init = start_count(goal=3)
    async with serve(counter_app()) as client:
        await client.deliver(init)
        sending = [asyncio.create_task(client.deliver(counted(init.subject))) for _ in range(4)]
        await asyncio.sleep(0)
        leaving = sending.pop(gone)
        leaving.cancel()
        results = await asyncio.gather(*sending)
        await client.result(init.subject)
    assert leaving.cancelled()
    assert {result.status for result in results} == {DeliveryStatus.DELIVERED}


async def test_threads_that_share_a_client_do_not_wait_for_each_other(serve: Serve) -> None:
    init = start_count(goal=40)

    def send(client: ArvoClient) -> None:
        async def both() -> None:
            async with asyncio.timeout(PATIENCE):
                await asyncio.gather(*(client.deliver(counted(init.subject)) for _ in range(2)))

        for _ in range(5):
            asyncio.run(both())

    async with serve(counter_app()) as client:
        await client.deliver(init)
        await asyncio.gather(*(asyncio.to_thread(send, client) for _ in range(4)))
        record = await client.result(init.subject)
    assert record["state"]["output"]["total"] == 40


class Broken(PayloadCodec):
    """A codec without its key."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        raise ConnectionError("no key")

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return list(payloads)


async def test_each_sender_is_told_what_went_wrong_and_may_try_again(server: DevServer) -> None:
    app = ArvoApp(orchestrators=counter_app().orchestrators.values(), codec=Broken())
    client = ArvoClient(await Client.connect(server.address), app)
    subject = start_count(goal=1).subject
    for _ in range(2):
        results = await asyncio.gather(*(client.deliver(counted(subject)) for _ in range(3)), return_exceptions=True)
        assert [str(result) for result in results] == ["no key"] * 3


async def test_events_that_share_a_signal_are_read_one_by_one(serve: Serve) -> None:
    init = start_count(goal=1)
    payloads = [b"not json", b"{}", counted(init.subject).to_json_bytes()]
    async with serve(counter_app()) as client:
        await client.execute(init)
        handle = client.client.get_workflow_handle(workflow_id(init.subject))
        await handle.signal("deliver_all", args=[])
        (nothing,) = await eventually(lambda: client.violations(init.subject), bool)
        raw = [RawValue(Payload(metadata={"encoding": b"json/plain"}, data=data)) for data in payloads]
        await handle.signal("deliver_all", args=raw)
        record = await client.result(init.subject)
        violations = await client.violations(init.subject)
    assert "it got 0" in (nothing.reason or "")
    assert [violation.payload for violation in violations] == ["", "not json", "{}"]
    assert record["state"]["output"]["total"] == 1

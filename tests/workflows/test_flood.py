"""However many events come, and however fast: each is consumed once, and continue-as-new is never starved."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client
from temporalio.worker import (
    HandleSignalInput,
    Interceptor,
    Replayer,
    Worker,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from arvo import ArvoEvent
from arvo_temporal import ArvoApp, ArvoClient, ArvoPlugin, Limits, joined_signals, workflow_id
from arvo_temporal.dev_server.server import DevServer
from tests.conftest import Serve
from tests.flood import deliver, flood, send
from tests.histories import count_events, count_runs
from tests.polling import PATIENCE, eventually
from tests.resumables import Kind, as_machine_and_function, in_the_workflow, output_of
from tests.signals import signal_alone
from tests.tape import reading, start_tape, symbol, tape_app
from workflows import pace


@pytest.mark.parametrize(("kind", "events", "per_run"), [("machine", 10_000, 200), ("step", 320, 6)])
async def test_a_flood_is_consumed_completely_over_many_runs(kind: Kind, events: int, per_run: int) -> None:
    """It takes three times as many signals as there may be, at least: the sixteen senders wait for each event."""
    app = tape_app(Limits(deliveries_per_run=per_run), kind=kind)
    async with (
        server_that_takes(signals=per_run) as temporal,
        Worker(temporal, task_queue=app.task_queue, plugins=[ArvoPlugin(app)]),
    ):
        client = ArvoClient(temporal, app)
        init, differences = await flood(client, events)
        assert await count_runs(client, init) > 3
    assert differences == []


@pytest.mark.parametrize(("kind", "events", "per_run"), [("machine", 300, 50), ("step", 80, 20)])
async def test_a_stream_keeps_its_order_over_many_runs(serve: Serve, kind: Kind, events: int, per_run: int) -> None:
    """However slow the worker is, a run ends in time: the sender waits for what becomes of the last event of it."""
    symbols = range(events)
    init = start_tape(len(symbols))
    async with serve(tape_app(Limits(deliveries_per_run=per_run), kind=kind)) as client:
        await client.deliver(init)
        for value in symbols:
            send_one = client.execute if value % per_run == per_run - 1 else client.deliver
            await send_one(symbol(init.subject, value))
        record = await client.result(init.subject)
        assert await count_runs(client, init) > 3
    assert output_of(record) == reading(symbols)


@pytest.mark.parametrize(("kind", "events"), [("machine", 6_000), ("step", 200), ("inline", 2_000)])
async def test_what_has_piled_up_without_a_worker_is_consumed(serve: Serve, kind: Kind, events: int) -> None:
    symbols, app = range(events), tape_app(kind=kind)
    init = await pile_up(serve, app, symbols)
    async with serve(app) as client, asyncio.timeout(PATIENCE):
        record = await client.result(init.subject)
    assert output_of(record)["total"] == sum(symbols)


@as_machine_and_function
async def test_a_pile_of_signals_comes_as_one_and_replays_either_way(
    server: DevServer, serve: Serve, kind: Kind
) -> None:
    """Temporal's SDK gives a workflow two seconds for them, and needs that for ten thousand that come one by one."""
    symbols, app, signals = range(150), tape_app(kind=kind), CountedSignals()
    init = await pile_up(serve, app, symbols)
    temporal = await Client.connect(server.address, plugins=[ArvoPlugin(app)])
    async with Worker(temporal, task_queue=app.task_queue, interceptors=[signals]), asyncio.timeout(PATIENCE):
        record = await ArvoClient(temporal, app).result(init.subject)
    assert output_of(record)["total"] == sum(symbols)
    assert signals.number == 1
    history = await temporal.get_workflow_handle(workflow_id(init.subject)).fetch_history()
    await Replayer(workflows=[], plugins=[ArvoPlugin(app)]).replay_workflow(history)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(joined_signals, "_PILE", 10_000)
        await Replayer(workflows=[], plugins=[ArvoPlugin(app)]).replay_workflow(history)


@in_the_workflow
async def test_events_that_take_long_each_and_have_piled_up_are_consumed(serve: Serve, kind: Kind) -> None:
    """Temporal takes a workflow that computes for two seconds for dead; these events take four.

    In a fifth of a second there is time for twenty, or fewer on a slow machine; a pause leaves two markers.
    """
    symbols, app = range(400), tape_app(seconds=0.01, kind=kind)
    init = await pile_up(serve, app, symbols)
    async with serve(app) as client, asyncio.timeout(PATIENCE):
        record = await client.result(init.subject)
        assert await count_events(client, init, EventType.EVENT_TYPE_MARKER_RECORDED) >= 2 * (400 // 21)
    assert output_of(record)["total"] == sum(symbols)


@in_the_workflow
async def test_a_worker_that_is_five_times_slower_can_replay_what_has_piled_up(serve: Serve, kind: Kind) -> None:
    symbols, app = range(400), tape_app(seconds=0.002, kind=kind)
    init = await pile_up(serve, app, symbols)
    async with serve(app) as client, asyncio.timeout(PATIENCE):
        await client.result(init.subject)
        history = await client.client.get_workflow_handle(workflow_id(init.subject)).fetch_history()
    await Replayer(workflows=[], plugins=[ArvoPlugin(tape_app(seconds=0.01, kind=kind))]).replay_workflow(history)


@in_the_workflow
async def test_what_is_consumed_in_time_leaves_nothing_but_its_signals(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, kind: Kind
) -> None:
    monkeypatch.setattr(pace, "_STRETCH", 60.0)  # however slow the machine is that tests this
    app = tape_app(kind=kind)
    init = await pile_up(serve, app, range(300))
    async with serve(app) as client:
        await client.result(init.subject)
        assert await count_events(client, init, EventType.EVENT_TYPE_MARKER_RECORDED) == 0


@pytest.mark.parametrize(("kind", "events"), [("machine", 400), ("step", 100)])
async def test_repetitions_and_refusals_in_a_pile_leave_the_others_their_turns(
    serve: Serve, kind: Kind, events: int
) -> None:
    symbols = range(events)
    init, app = start_tape(len(symbols)), tape_app(kind=kind)
    async with serve(app) as client:
        await client.execute(init)
    first = symbol(init.subject, 0)
    await send(partial(deliver, client), [first] * 100 + [wrong(init.subject, "") for _ in range(100)])
    await send(partial(deliver, client), [first, *(symbol(init.subject, value) for value in symbols[1:])])
    async with serve(app) as client, asyncio.timeout(PATIENCE):
        record = await client.result(init.subject)
        ledger = await client.ledger(init.subject)
    assert output_of(record)["total"] == sum(symbols)
    assert ledger.counts == {"applied": events + 1, "duplicate": 100, "refused": 100}


@as_machine_and_function
async def test_a_sender_that_is_faster_waits_until_there_is_room(kind: Kind) -> None:
    symbols = range(60)
    init, app = start_tape(len(symbols)), tape_app(Limits(deliveries_per_run=10), kind=kind)
    async with server_that_takes(signals=20) as temporal:
        client = ArvoClient(temporal, app)
        await client.deliver(init)
        sending = asyncio.create_task(one_by_one(client, [symbol(init.subject, value) for value in symbols]))
        _, is_stuck = await asyncio.wait([sending], timeout=0.5)
        assert is_stuck
        async with Worker(temporal, task_queue=app.task_queue, plugins=[ArvoPlugin(app)]), asyncio.timeout(PATIENCE):
            await sending
            record = await client.result(init.subject)
    assert output_of(record)["total"] == sum(symbols)


@as_machine_and_function
async def test_large_events_that_are_refused_do_not_keep_it_from_continuing(serve: Serve, kind: Kind) -> None:
    init = start_tape(2)
    async with serve(tape_app(Limits(deliveries_per_run=300), kind=kind)) as client:
        await client.deliver(init)
        await send(partial(deliver, client), [wrong(init.subject, '"' * 6_000) for _ in range(300)])
        await client.deliver(symbol(init.subject, 7))
        await eventually(lambda: count_runs(client, init), lambda runs: runs == 2)
        await client.deliver(symbol(init.subject, 8))
        async with asyncio.timeout(PATIENCE):
            record = await client.result(init.subject)
        ledger = await client.ledger(init.subject)
    assert output_of(record) == reading([7, 8])
    assert ledger.counts == {"applied": 3, "refused": 300}


class CountedSignals(Interceptor):
    """Counts the signals that workflows are given."""

    def __init__(self) -> None:
        self.number = 0

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:
        counted = self

        class Counting(WorkflowInboundInterceptor):
            async def handle_signal(self, input: HandleSignalInput) -> None:
                counted.number += 1
                await super().handle_signal(input)

        return Counting


@asynccontextmanager
async def server_that_takes(signals: int) -> AsyncIterator[Client]:
    """Run a server that takes so few signals for one run of a workflow, and refuses more, as others do at 10,000."""
    async with DevServer(ui=False, dynamic_config={"history.maximumSignalsPerExecution": signals}) as server:
        yield await Client.connect(server.address)


async def one_by_one(client: ArvoClient, events: Sequence[ArvoEvent]) -> None:
    """Deliver events so that none shares a signal."""
    for event in events:
        await client.deliver(event)


def wrong(subject: str, text: str) -> ArvoEvent:
    """Return an event whose data does not fit its contract."""
    event = symbol(subject, 0)
    return ArvoEvent.from_json({**event.to_json(), "data": {"symbol": text}})


async def pile_up(serve: Serve, app: ArvoApp, symbols: Sequence[int]) -> ArvoEvent:
    """Start a tape, and signal each of its symbols while no worker runs."""
    init = start_tape(len(symbols))
    async with serve(app) as client:
        await client.execute(init)
    await send(partial(signal_alone, client), [symbol(init.subject, value) for value in symbols])
    return init

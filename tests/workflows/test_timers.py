"""`after` is a durable timer: it fires once, at its time, whatever has happened to workers, servers and runs."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from arvo import ArvoEvent
from arvo_temporal import ArvoApp, ArvoClient, ArvoPlugin, Limits, workflow_id
from arvo_temporal.dev_server.server import DevServer
from benchmarks.memory.app import create_ticker, start_ticking
from examples.orders.app import create_orchestrators
from examples.orders.handlers import create_handlers
from examples.orders.incoming import incoming_orders
from tests.alarm import alarm_app, arm, button
from tests.conftest import Serve
from tests.histories import count_events
from tests.polling import PATIENCE, eventually

DAY_MS = 24 * 60 * 60 * 1000


async def test_it_fires_once(serve: Serve) -> None:
    init = arm(patience=50)
    async with serve(alarm_app()) as client:
        await client.execute(init)
        await until(client, init, "ringing")
        output = await finish(client, init)
        assert await count_events(client, init, EventType.EVENT_TYPE_TIMER_FIRED) == 1
    assert output == {"rings": 1}


async def test_it_is_cancelled_when_its_state_is_left(serve: Serve) -> None:
    init = arm(patience=DAY_MS)
    async with serve(alarm_app()) as client:
        await client.execute(init)
        await client.execute(button(init.subject, "pressed"))
        assert await state(client, init) == "disarmed"
        assert await count_events(client, init, EventType.EVENT_TYPE_TIMER_CANCELED) == 1


async def test_a_state_entered_again_waits_anew() -> None:
    init = arm(patience=DAY_MS)
    async with time_skipping(alarm_app()) as (environment, client):
        await client.deliver(init)
        await until(client, init, "armed")
        for expected in ("disarmed", "armed"):
            await environment.sleep(timedelta(hours=16))
            await client.deliver(button(init.subject, "pressed"))
            await until(client, init, expected)
        await environment.sleep(timedelta(hours=16))
        assert await state(client, init) == "armed"
        await environment.sleep(timedelta(hours=16))
        await until(client, init, "ringing")
        assert await finish(client, init) == {"rings": 1}
        assert await count_events(client, init, EventType.EVENT_TYPE_TIMER_FIRED) == 1
        assert await count_events(client, init, EventType.EVENT_TYPE_TIMER_CANCELED) == 2


async def test_it_fires_for_the_next_worker(serve: Serve) -> None:
    init, app = arm(patience=300), alarm_app()
    async with serve(app) as client:
        await client.execute(init)
    async with serve(app) as client:
        await until(client, init, "ringing")
        assert await finish(client, init) == {"rings": 1}


async def test_it_fires_in_a_later_run_at_its_own_time(serve: Serve) -> None:
    init = arm(patience=1500)
    async with serve(alarm_app(Limits(deliveries_per_run=3))) as client:
        await client.execute(init)
        for _ in range(10):
            await client.execute(button(init.subject, "touched"))
        await until(client, init, "ringing")
        assert await finish(client, init) == {"rings": 1}
        runs = [run async for run in client.client.list_workflows(f"WorkflowId = '{workflow_id(init.subject)}'")]
    assert sum(run.status is WorkflowExecutionStatus.CONTINUED_AS_NEW for run in runs) >= 3


async def test_one_that_violates_a_contract_is_refused_and_harms_nothing() -> None:
    init = arm(patience=DAY_MS)
    async with time_skipping(alarm_app()) as (environment, client):
        await client.deliver(init)
        await client.deliver(button(init.subject, "held"))
        await until(client, init, "faulty")
        await environment.sleep(timedelta(days=2))
        (refused,) = await eventually(lambda: client.violations(init.subject), bool)
        assert await finish(client, init) == {"rings": 0}
    assert refused.payload == "xstate.after.patience.alarm.faulty"
    assert refused.code == "ViolationError<Contract>"
    assert "rings" in (refused.reason or "")


async def test_it_waits_for_months() -> None:
    init = arm(patience=180 * DAY_MS)
    async with time_skipping(alarm_app(Limits(deliveries_per_run=2))) as (environment, client):
        begin = await environment.get_current_time()
        await client.deliver(init)
        for _ in range(5):
            await environment.sleep(timedelta(days=30))
            await client.deliver(button(init.subject, "touched"))
        await environment.sleep(timedelta(days=29))
        assert await state(client, init) == "armed"
        await environment.sleep(timedelta(days=2))
        assert await state(client, init) == "ringing"
        elapsed = await environment.get_current_time() - begin
        assert await finish(client, init) == {"rings": 1}
    assert timedelta(days=181) <= elapsed < timedelta(days=182)


async def test_an_order_that_nobody_approves_is_rejected_after_three_days() -> None:
    (text,) = [order.text for order in incoming_orders() if order.name == "05-approved"]
    init = ArvoEvent.from_json(text)

    async def nobody(request: ArvoEvent) -> None:
        """Lose the request."""

    app = ArvoApp(orchestrators=create_orchestrators(), handlers=create_handlers(), publishers={"external": nobody})
    async with time_skipping(app) as (environment, client):
        await client.deliver(init)
        await until(client, init, "approving")
        await environment.sleep(timedelta(days=3, minutes=-5))
        assert await state(client, init) == "approving"
        await environment.sleep(timedelta(minutes=10))
        record = await client.result(init.subject)
    assert record["state"]["output"]["outcome"] == "rejected"
    assert record["state"]["output"]["reason"] == "approval took too long"


async def test_it_survives_a_killed_server(tmp_path: Path) -> None:
    init = arm(patience=1000)
    async with DevServer(ui=False, db_file=tmp_path / "temporal.db") as server:
        app = alarm_app()
        temporal = await Client.connect(server.address, plugins=[ArvoPlugin(app)])
        client = ArvoClient(temporal, app)
        async with Worker(temporal, task_queue=app.task_queue):
            await client.execute(init)
            await server.kill()
            await server.restart()
            await until(client, init, "ringing")
            assert await finish(client, init) == {"rings": 1}


@asynccontextmanager
async def time_skipping(app: ArvoApp) -> AsyncIterator[tuple[WorkflowEnvironment, ArvoClient]]:
    """Run a worker on Temporal's test server, whose time jumps to the next timer."""
    program = str(Path(sys.executable).with_name("temporal-test-server"))
    environment = await WorkflowEnvironment.start_time_skipping(test_server_existing_path=program)
    async with environment, Worker(environment.client, task_queue=app.task_queue, plugins=[ArvoPlugin(app)]):
        yield environment, ArvoClient(environment.client, app)


async def state(client: ArvoClient, init: ArvoEvent) -> Any:
    record = await client.record(init.subject)
    return record["value"] if record else None


async def until(client: ArvoClient, init: ArvoEvent, value: str) -> None:
    await eventually(lambda: state(client, init), lambda seen: bool(seen == value))


async def finish(client: ArvoClient, init: ArvoEvent) -> Any:
    """Press the button of a ringing alarm, and return its output."""
    await client.deliver(button(init.subject, "pressed"))
    async with asyncio.timeout(PATIENCE):
        record = await client.result(init.subject)
    return record["state"]["output"]


async def test_an_orchestration_that_only_ticks_keeps_nothing_of_its_ticks() -> None:
    """Not one object a tick in Python's memory; that of Temporal's SDK is in docs/performance.md."""
    init, ticks = start_ticking(1000), 600
    async with time_skipping(ArvoApp(orchestrators=[create_ticker()])) as (environment, client):
        await client.deliver(init)
        await environment.sleep(timedelta(seconds=150))
        gc.collect()
        before = sys.getallocatedblocks()
        await environment.sleep(timedelta(seconds=ticks))
        gc.collect()
        grown = sys.getallocatedblocks() - before
        record = await client.record(init.subject)
        await client.client.get_workflow_handle(workflow_id(init.subject)).terminate()
    assert record is not None
    assert record["state"]["context"]["ticks"] > ticks
    assert grown < ticks

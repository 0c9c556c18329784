"""Plain functions of an app run on threads of its worker: they may block, and the event loop goes on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker

from adapter.policies import EmissionMode
from arvo import ArvoEvent, HandlerOutput, ResumableOutput, create_arvo_event_handler, create_arvo_resumable
from arvo_temporal import ArvoApp, ArvoClient, ArvoPlugin, DeadLetter, DevServer, EmissionPolicy
from arvo_temporal.worker.capacity import Capacity
from tests.apps import TWICE, ask, asker_app, asker_contract, counted, oracle_contract, start_count
from tests.arvo_temporal.plain import Shout, shout
from tests.changed import changed_counter
from tests.conftest import Serve
from tests.polling import PATIENCE
from tests.resumables import output_of

Blocking = Callable[[], None]


@pytest.fixture
async def block() -> Blocking:
    """What blocks its thread until the event loop of the worker has done something, for which it has to be free."""
    loop = asyncio.get_running_loop()

    def until_the_loop_turns() -> None:
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop).result(timeout=PATIENCE)

    return until_the_loop_turns


async def answer_of(
    serve: Serve, function: Callable[..., Any], mode: EmissionMode = "activity", policy: EmissionPolicy | None = None
) -> str:
    handler = create_arvo_event_handler(contract=oracle_contract, executionunits=1, handler={"1.0.0": function})
    policy = policy or EmissionPolicy(timeout=timedelta(seconds=20), retry=TWICE, mode=mode)
    init = ask("Rain")
    async with serve(asker_app(handlers=[handler], policy=policy)) as client:
        await client.deliver(init)
        record = await client.result(init.subject)
    text: str = record["state"]["output"]["text"]
    return text


def yes() -> HandlerOutput:
    return {"type": "evt.oracle.ask.success", "data": {"text": "Yes"}}


@pytest.mark.parametrize("mode", ["activity", "local"])
async def test_a_handler_may_block(serve: Serve, block: Blocking, mode: EmissionMode) -> None:
    def oracle(event: ArvoEvent) -> HandlerOutput:
        block()
        return yes()

    assert await answer_of(serve, oracle, mode) == "Yes"


async def test_a_handler_knows_of_its_activity(serve: Serve) -> None:
    def oracle(event: ArvoEvent) -> HandlerOutput:
        return {"type": "evt.oracle.ask.success", "data": {"text": activity.info().activity_type}}

    assert await answer_of(serve, oracle) == "com.oracle.ask"


async def test_a_handler_may_give_heartbeats(serve: Serve) -> None:
    def oracle(event: ArvoEvent) -> HandlerOutput:
        if activity.info().attempt == 1:
            activity.heartbeat("half", 1)
            raise ConnectionError("later")
        return {"type": "evt.oracle.ask.success", "data": {"text": str(activity.info().heartbeat_details)}}

    policy = EmissionPolicy(retry=TWICE, retry_on=ConnectionError, heartbeat=timedelta(seconds=20))
    assert await answer_of(serve, oracle, policy=policy) == "['half', 1]"


async def test_a_lambda_around_an_async_handler_is_one_too(serve: Serve) -> None:
    async def oracle() -> HandlerOutput:
        await asyncio.sleep(0)
        return yes()

    assert await answer_of(serve, lambda event: oracle()) == "Yes"


async def test_an_async_handler_stays_on_the_event_loop(serve: Serve) -> None:
    async def oracle() -> HandlerOutput:
        assert threading.current_thread() is threading.main_thread()
        return yes()

    assert await answer_of(serve, oracle) == "Yes"


async def test_what_no_future_can_hold_is_reported_as_anything_else(serve: Serve) -> None:
    def oracle(event: ArvoEvent) -> HandlerOutput:
        return next(iter([]))

    assert (await answer_of(serve, oracle)).startswith("RuntimeError: ")


async def test_a_publisher_may_block(serve: Serve, block: Blocking) -> None:
    loop = asyncio.get_running_loop()
    asked: asyncio.Future[ArvoEvent] = loop.create_future()

    def delphi(event: ArvoEvent) -> None:
        block()
        loop.call_soon_threadsafe(asked.set_result, event)

    init = ask("Rain", domain="delphi")
    async with serve(asker_app(publishers={"delphi": delphi})) as client:
        (question,) = (await client.execute(init)).events
        assert await asyncio.wait_for(asked, PATIENCE) == question


async def test_a_dead_letter_publisher_may_block(serve: Serve, block: Blocking) -> None:
    letters: list[DeadLetter] = []

    def mailbox(letter: DeadLetter) -> None:
        block()
        letters.append(letter)

    init = start_count(goal=1)
    async with serve(changed_counter(dead_letters=mailbox)) as client:
        await client.execute(init)
        wrong = ArvoEvent.from_json({**counted(init.subject).to_json(), "data": {"by": "much"}})
        await client.deliver(wrong)
        await client.deliver(counted(init.subject))
        await client.result(init.subject)
    assert [letter.event_id for letter in letters] == [wrong.id]


def blocking_handler(block: Callable[[], object]) -> ArvoApp:
    """Return an app whose oracle blocks before it answers."""

    def oracle(event: ArvoEvent) -> HandlerOutput:
        block()
        return yes()

    handler = create_arvo_event_handler(contract=oracle_contract, executionunits=1, handler={"1.0.0": oracle})
    return asker_app(handlers=[handler], policy=EmissionPolicy(timeout=timedelta(seconds=20), retry=TWICE))


def blocking_function(block: Callable[[], object]) -> ArvoApp:
    """Return an app whose orchestration is a function that answers by itself, and blocks before."""

    def answer() -> ResumableOutput:
        block()
        return {"output": {"text": "Yes"}}

    contracts: Any = {"self": asker_contract, "services": {}}
    return ArvoApp(orchestrators=[create_arvo_resumable(contracts=contracts, handler={"1.0.0": answer})])


@pytest.mark.parametrize("blocking", [blocking_handler, blocking_function], ids=["handler", "step"])
async def test_as_many_block_at_once_as_the_worker_runs_activities(
    server: DevServer, blocking: Callable[[Callable[[], object]], ArvoApp]
) -> None:
    together = threading.Barrier(12)
    app = blocking(lambda: together.wait(timeout=PATIENCE))
    app.task_queue = f"arvo-{uuid4()}"
    client = await Client.connect(server.address, plugins=[ArvoPlugin(app)])
    async with Worker(client, task_queue=app.task_queue, **Capacity(activities=12).worker_options()):
        questions = [ask("Rain") for _ in range(12)]
        sender = ArvoClient(client, app)
        await asyncio.gather(*(sender.deliver(question) for question in questions))
        records = await asyncio.gather(*(sender.result(question.subject) for question in questions))
    assert {output_of(record)["text"] for record in records} == {"Yes"}


async def test_plain_activities_need_no_executor_in_a_worker_of_ones_own(server: DevServer) -> None:
    app = asker_app()
    app.task_queue, app.workflows, app.activities = f"arvo-{uuid4()}", [Shout], [shout]
    client = await Client.connect(server.address, plugins=[ArvoPlugin(app)])
    async with Worker(client, task_queue=app.task_queue):
        assert await client.execute_workflow(Shout.run, "hello", id=str(uuid4()), task_queue=app.task_queue) == "HELLO!"

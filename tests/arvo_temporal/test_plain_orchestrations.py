"""Orchestrations that plain workflows start, wait for and deliver to; after each test the histories are replayed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import Client
from temporalio.worker import Replayer, Worker

from arvo import create_arvo_event_handler
from arvo_temporal import ArvoApp, ArvoClient, ArvoPlugin, DevServer, EmissionPolicy
from tests.apps import TWICE, asker_app, counted, counter_app, oracle_contract
from tests.arvo_temporal.plain_orders import Ask, Count, CountElsewhere, Fail, shouted
from tests.polling import PATIENCE

Run = Callable[..., AbstractAsyncContextManager[Client]]

oracle = create_arvo_event_handler(
    contract=oracle_contract,
    executionunits=1,
    handler={"1.0.0": lambda: {"type": "evt.oracle.ask.success", "data": {"text": "yes"}}},
)


@pytest.fixture
async def own_worker(server: DevServer) -> AsyncIterator[Run]:
    """A worker of one's own, with workflows and activities that the app does not know, without a cache."""
    ran: list[tuple[str, list[type], ArvoApp]] = []

    @asynccontextmanager
    async def running(app: ArvoApp, workflows: Iterable[type], task_queue: str) -> AsyncIterator[Client]:
        ran.append((task_queue, list(workflows), app))
        client = await Client.connect(server.address, plugins=[ArvoPlugin(app)])
        options: dict[str, Any] = {"workflows": list(workflows), "activities": [shouted], "max_cached_workflows": 0}
        async with Worker(client, task_queue=task_queue, **options):
            yield client

    yield running
    for task_queue, workflows, app in ran:
        client = await Client.connect(server.address)
        async for execution in client.list_workflows(f"TaskQueue = '{task_queue}'"):
            history = await client.get_workflow_handle(execution.id).fetch_history()
            await Replayer(workflows=workflows, plugins=[ArvoPlugin(app)]).replay_workflow(history)


def queue() -> str:
    return f"own-{uuid4()}"


async def test_one_is_executed_on_a_worker_of_ones_own(own_worker: Run) -> None:
    mine = queue()
    async with own_worker(asker_app(handlers=[oracle]), [Ask], mine) as client:
        assert await client.execute_workflow(Ask.run, "Rain?", id=mine, task_queue=mine) == "YES!"


async def test_one_is_executed_by_the_worker_of_its_app_beside(own_worker: Run, server: DevServer) -> None:
    mine, app = queue(), asker_app(handlers=[oracle])
    app.task_queue = queue()
    beside = ArvoApp(task_queues={"arvo.orc.asker": app.task_queue})
    client = await Client.connect(server.address, plugins=[ArvoPlugin(app)])
    async with Worker(client, task_queue=app.task_queue), own_worker(beside, [Ask], mine) as own:
        assert await own.execute_workflow(Ask.run, "Rain?", id=mine, task_queue=mine) == "YES!"


async def test_one_is_started_by_a_key_and_delivered_to(own_worker: Run) -> None:
    mine = queue()
    async with own_worker(counter_app(), [Count], mine) as client:
        result = await client.execute_workflow(Count.run, mine, id=mine, task_queue=mine)
    assert result["workflow_id"].startswith(f"arvo.orc.counter/1.0.0/{mine}/")
    assert result["output"] == {"total": 3, "seen": [2, 1]}


async def test_one_goes_on_when_the_workflow_that_has_started_it_ends(own_worker: Run) -> None:
    mine = queue()
    app = counter_app()
    async with own_worker(app, [CountElsewhere], mine) as client:
        subject = await client.execute_workflow(CountElsewhere.run, id=mine, task_queue=mine)
        sender = ArvoClient(client, app)
        await sender.execute(counted(subject))
        assert (await sender.result(subject, timeout=PATIENCE))["status"] == "done"


MISTAKES = {
    "throws": "ChildWorkflowError: ArvoOrchestrationFailed: ArithmeticError: the count is broken",
    "no init": "ApplicationError: InvalidEvent: The event 'evt.tally.counted' starts no orchestration",
    "unknown": "ActivityError: OrchestrationNotFound: There is no orchestration",
    "not in the app": "ApplicationError: InvalidEvent: This worker's app has no orchestrator 'arvo.orc.asker'",
    "twice": "WorkflowAlreadyStartedError: ",
    "too large": "ApplicationError: ViolationError<Execution>: ",
    "no subject": "ApplicationError: ViolationError<Execution>: ",
}


@pytest.mark.parametrize("mistake", MISTAKES)
async def test_what_goes_wrong_is_a_failure_that_a_workflow_can_catch(own_worker: Run, mistake: str) -> None:
    mine, app = queue(), counter_app()
    app.policies["arvo.orc.counter"] = replace(EmissionPolicy(), retry=TWICE)
    async with own_worker(app, [Fail], mine) as client:
        said = await client.execute_workflow(Fail.run, mistake, id=mine, task_queue=mine)
    assert said.startswith(MISTAKES[mistake])

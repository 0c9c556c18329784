"""A worker with a changed machine under the same version: what becomes of the orchestrations that already run."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowQueryFailedError
from temporalio.worker import Worker

from arvo import ArvoEvent
from arvo_temporal import ArvoApp, ArvoClient, ArvoPlugin, Limits, workflow_id
from arvo_temporal.dev_server.server import DevServer
from arvo_temporal.replay.runs import runs_of
from tests.polling import eventually
from tests.trips import STATES, arrived, said, start_trip, trip_app, trip_machine


async def test_a_state_that_is_gone_makes_a_continued_orchestration_wait(server: DevServer) -> None:
    init, queue = start_trip(), f"arvo-{uuid4()}"
    async with deployed(server, trip_app(limits=Limits(deliveries_per_run=3)), queue) as client:
        await travelled(client, init)
        await client.execute(said(init.subject))
        await eventually(lambda: runs_of(client.client, workflow_id(init.subject)), lambda runs: len(runs) == 2)
    booking = {"entry": "book", "on": {"evt.hotel.book.success": {"target": "away"}}}
    renamed = trip_machine(states={"booking": booking, "travelling": None, "away": STATES["travelling"]})
    async with deployed(server, trip_app(renamed), queue) as client:
        await client.deliver(said(init.subject))
        told = await eventually(lambda: failed_tasks(client, init), bool)
    for text in (
        "does not fit the machine of this worker",
        "state travelling was removed",
        "state away was added",
        "new version of the contract",
    ):
        assert text in told[0]


async def test_other_limits_count_from_the_next_run(server: DevServer) -> None:
    init, queue = start_trip(), f"arvo-{uuid4()}"
    async with deployed(server, trip_app(limits=Limits(deliveries_per_run=9)), queue) as client:
        await client.execute(init)
        for _ in range(6):
            await client.execute(said(init.subject, "noted"))
    async with deployed(server, trip_app(limits=Limits(deliveries_per_run=2)), queue) as client:
        for _ in range(6):
            await client.execute(said(init.subject, "noted"))
        assert await failed_tasks(client, init) == []
        history = await client.history(init.subject)
        runs = await runs_of(client.client, workflow_id(init.subject))
    assert len(history) == 13
    assert len(runs) == 3


async def travelled(client: ArvoClient, init: ArvoEvent) -> None:
    await client.execute(init)
    await client.deliver(said(init.subject))
    await arrived(client, init.subject, "travelling")


async def failed_tasks(client: ArvoClient, init: ArvoEvent) -> list[str]:
    """Return what people read in the history where a workflow task failed."""
    history = await client.client.get_workflow_handle(workflow_id(init.subject)).fetch_history()
    return [
        event.workflow_task_failed_event_attributes.failure.message
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
    ]


async def test_it_is_explained_where_the_orchestration_waits(server: DevServer) -> None:
    init, queue = start_trip(), f"arvo-{uuid4()}"
    async with deployed(server, trip_app(), queue) as client:
        await travelled(client, init)
    changed = trip_app(trip_machine(states={"approving": {}, "lost": {"type": "final"}}))
    async with deployed(server, changed, queue) as client:
        with pytest.raises(WorkflowQueryFailedError, match="state lost was added"):
            await client.record(init.subject)
        await client.deliver(said(init.subject, "noted"))
        (told,) = await eventually(lambda: failed_tasks(client, init), bool)
    for text in (
        workflow_id(init.subject),
        "Step 2 (evt.desk.approved) differs",
        "the history has activity 'com.hotel.book', this code gives nothing",
        "under the same version 1.0.0",
        "state approving: on evt.desk.approved was removed",
        "state lost was added",
        "new version of the contract",
    ):
        assert text in told


async def test_a_change_that_replays_well_is_let_through(server: DevServer) -> None:
    init, queue = start_trip(), f"arvo-{uuid4()}"
    async with deployed(server, trip_app(), queue) as client:
        await travelled(client, init)
    home = {**STATES["travelling"], "on": {"evt.desk.noted": "unpacking"}}
    changed = trip_app(trip_machine(states={"travelling": home, "unpacking": {"on": {"evt.desk.noted": "over"}}}))
    async with deployed(server, changed, queue) as client:
        await client.execute(said(init.subject, "noted"))
        record = await client.record(init.subject)
        assert record is not None
        assert record["value"] == "unpacking"
        await client.execute(said(init.subject, "noted"))
        await client.result(init.subject)
        assert await failed_tasks(client, init) == []


@asynccontextmanager
async def deployed(server: DevServer, app: ArvoApp, queue: str) -> AsyncIterator[ArvoClient]:
    """Run a worker for an app; what ran before it on the task queue is its to go on with."""
    app.task_queue = queue
    client = await Client.connect(server.address, plugins=[ArvoPlugin(app)])
    async with Worker(client, task_queue=queue):
        yield ArvoClient(client, app)

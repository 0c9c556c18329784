"""A worker with a changed machine under the same version: what becomes of the orchestrations that already run."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowQueryFailedError
from temporalio.worker import Worker

from adapter import ArvoApp, ArvoClient, ArvoPlugin, workflow_id
from adapter.dev_server import DevServer
from arvo import ArvoEvent
from tests.polling import eventually
from tests.trips import STATES, arrived, said, start_trip, trip_app, trip_machine


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

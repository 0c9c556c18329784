"""A worker with a changed machine under the same version: what becomes of the orchestrations that already run."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client
from temporalio.worker import Worker

from adapter.memo import KEPT
from arvo import ArvoEvent
from arvo_temporal import ArvoApp, ArvoClient, ArvoPlugin, Limits, OrchestrationSilentError, workflow_id
from arvo_temporal.dev_server.server import DevServer
from arvo_temporal.replay.runs import runs_of
from tests.polling import eventually
from tests.trips import STATES, arrived, said, start_trip, trip_app, trip_machine

LOST = trip_machine(states={"approving": {}, "lost": {"type": "final"}})
NOTED = trip_machine(states={"booking": {**STATES["booking"], "entry": ["note", "book"]}})
NOISE = "".join(f"{number * 7919 % 1_000_003:x}" for number in range(2 * KEPT))
"""A description that makes a definition too long for the memo."""


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
    asked, sent, queue = start_trip(), start_trip(), f"arvo-{uuid4()}"
    async with deployed(server, trip_app(), queue) as client:
        await travelled(client, asked)
        await travelled(client, sent)
    async with deployed(server, trip_app(LOST), queue) as client:
        await client.deliver(said(sent.subject, "noted"))
        (in_history,) = await eventually(lambda: failed_tasks(client, sent), bool)
        answers = {asked: await answer(client, asked), sent: in_history}
    for init, told in answers.items():
        for text in (
            workflow_id(init.subject),
            "Step 2 (evt.desk.approved)",
            "under the same version 1.0.0",
            "state approving: on evt.desk.approved was removed",
            "state lost was added",
            "new version of the contract",
            "arvo-temporal check-deploy",
        ):
            assert text in told


async def test_after_an_explanation_the_code_is_tried_and_if_it_differs_explained_again(
    server: DevServer, caplog: pytest.LogCaptureFixture
) -> None:
    init, queue = start_trip(), f"arvo-{uuid4()}"
    async with deployed(server, trip_app(), queue) as client:
        await travelled(client, init)
    async with deployed(server, trip_app(LOST), queue) as client:
        answers = [await answer(client, init) for _ in range(5)]
    assert ["TMPRL1100" in told for told in answers] == [False, True, False, True, False]
    assert ["was broken off" in told for told in answers] == [False, False, True, False, True]
    assert all("state lost was added" in told for told in answers[::2])
    assert len(errors(caplog)) == 1
    assert "state lost was added" in errors(caplog)[0]


async def test_a_change_on_the_way_that_replays_well_costs_one_task(
    server: DevServer, caplog: pytest.LogCaptureFixture
) -> None:
    init, queue = start_trip(), f"arvo-{uuid4()}"
    async with deployed(server, trip_app(), queue) as client:
        await travelled(client, init)
    async with deployed(server, trip_app(NOTED), queue) as client:
        await client.deliver(said(init.subject, "noted"))
        await client.result(init.subject)
        (told,) = await failed_tasks(client, init)
        record = await client.record(init.subject)
    assert "Step 2 (evt.desk.approved)" in told
    assert "goes on by itself" in told
    assert record is not None
    assert errors(caplog) == []


async def test_queries_are_answered_after_one_explanation_if_the_code_fits(
    server: DevServer, caplog: pytest.LogCaptureFixture
) -> None:
    init, queue = start_trip(), f"arvo-{uuid4()}"
    async with deployed(server, trip_app(), queue) as client:
        await travelled(client, init)
    async with deployed(server, trip_app(NOTED), queue, max_cached_workflows=0) as client:
        assert "Step 2 (evt.desk.approved)" in await answer(client, init)
        records = [await client.record(init.subject) for _ in range(3)]
    assert [record and record["value"] for record in records] == ["travelling"] * 3
    assert errors(caplog) == []


async def test_a_run_that_began_on_a_worker_is_not_explained_to_it(server: DevServer) -> None:
    init, queue, old = start_trip(), f"arvo-{uuid4()}", trip_app()
    async with deployed(server, trip_app(NOTED), queue, max_cached_workflows=0) as client:
        old.task_queue = queue
        await travelled(ArvoClient(client.client, old), init)
        await client.execute(said(init.subject, "noted"))
        await client.result(init.subject)
        assert await failed_tasks(client, init) == []


async def test_a_later_run_is_explained_from_the_state_that_it_began_in(server: DevServer) -> None:
    init, queue = start_trip(), f"arvo-{uuid4()}"
    async with deployed(server, trip_app(limits=Limits(deliveries_per_run=3)), queue) as client:
        await client.execute(init)
        for _ in range(3):
            await client.execute(said(init.subject, "noted"))
        await eventually(lambda: runs_of(client.client, workflow_id(init.subject)), lambda runs: len(runs) == 2)
        await client.deliver(said(init.subject))
        await arrived(client, init.subject, "travelling")
    noted = trip_machine(states={"approving": {**STATES["approving"], "exit": "note"}})
    async with deployed(server, trip_app(noted), queue) as client:
        await client.deliver(said(init.subject, "noted"))
        await client.result(init.subject)
        (told,) = await failed_tasks(client, init)
    assert "Step 5 (evt.desk.approved)" in told
    assert "state approving: exit was added" in told


async def test_of_a_machine_that_is_not_remembered_it_is_said_after_the_code_was_tried(
    server: DevServer, caplog: pytest.LogCaptureFixture
) -> None:
    init, queue = start_trip(), f"arvo-{uuid4()}"
    async with deployed(server, trip_app(trip_machine(description=NOISE)), queue) as client:
        await travelled(client, init)
    async with deployed(server, trip_app(LOST), queue) as client:
        answers = [await answer(client, init) for _ in range(3)]
    assert ["TMPRL1100" in told for told in answers] == [True, False, True]
    assert "was broken off" in answers[1]
    assert "too long to be remembered" in answers[1]
    assert [workflow_id(init.subject) in text for text in errors(caplog)] == [True]


async def test_a_machine_that_is_not_remembered_and_replays_well_costs_nothing(server: DevServer) -> None:
    init, queue = start_trip(), f"arvo-{uuid4()}"
    async with deployed(server, trip_app(trip_machine(description=NOISE)), queue) as client:
        await travelled(client, init)
    async with deployed(server, trip_app(trip_machine(states={"lost": {"type": "final"}})), queue) as client:
        await client.deliver(said(init.subject, "noted"))
        await client.result(init.subject)
        assert await failed_tasks(client, init) == []


async def answer(client: ArvoClient, init: ArvoEvent) -> str:
    """Return the error that a query for the record is answered with."""
    with pytest.raises(OrchestrationSilentError) as failure:
        await client.record(init.subject)
    return str(failure.value)


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the guard has logged as errors."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("arvo_temporal") and record.levelname == "ERROR"
    ]


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
async def deployed(server: DevServer, app: ArvoApp, queue: str, **options: Any) -> AsyncIterator[ArvoClient]:
    """Run a worker for an app; what ran before it on the task queue is its to go on with."""
    app.task_queue = queue
    client = await Client.connect(server.address, plugins=[ArvoPlugin(app)])
    async with Worker(client, task_queue=queue, **options):
        yield ArvoClient(client, app)

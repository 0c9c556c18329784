"""Starts on a server that has no search attributes for orchestrations: as before, and told once."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.operatorservice.v1 import RemoveSearchAttributesRequest
from temporalio.client import Client

from adapter import starting
from adapter.registered import has_attributes
from adapter.search_attributes import ATTRIBUTES, ORCHESTRATOR
from arvo import ArvoEvent
from arvo_temporal import ArvoApp, ArvoClient, workflow_id
from arvo_temporal.dev_server.server import DevServer
from arvo_temporal.registration import register_attributes
from tests.apps import counted, counter_app, start_count, supervise, supervisor_app
from tests.arvo_temporal.replay.test_changed_machine import deployed
from tests.histories import count_events
from tests.polling import eventually
from tests.workflows.test_search_attributes import attributes, changes, half

STARTED = EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED


@pytest.fixture(scope="module")
async def bare() -> AsyncIterator[DevServer]:
    """A server as it was before there were search attributes."""
    async with DevServer(ui=False, for_orchestrations=False) as server:
        yield server


@pytest.fixture(autouse=True)
def nothing_told() -> None:
    starting._tell_what_is_lacking.cache_clear()


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    records = (record for record in caplog.records if record.name == starting.logger.name)
    return [record.getMessage() for record in records if record.levelno == logging.WARNING]


async def test_everything_works_as_before_and_it_is_told_once(
    bare: DevServer, caplog: pytest.LogCaptureFixture
) -> None:
    inits = [start_count(goal=2) for _ in range(3)]
    async with deployed(bare, counter_app(), f"bare-{uuid4()}") as client:
        await client.deliver(inits[0])
        await client.execute(inits[1])
        third = await client.start("arvo.orc.counter", {"goal": 2})
        other = ArvoClient(client.client, counter_app(), task_queue=client.client.namespace)
        await other.start("arvo.orc.counter", {"goal": 2})
        for subject in (inits[0].subject, inits[1].subject, third.subject):
            await client.deliver(half(subject))
            await client.deliver(counted(subject))
            await client.execute(counted(subject))
            await client.result(subject)
        assert [one.code for one in await client.violations(third.subject)] == ["ViolationError<Contract>"]
        assert await changes(client, inits[0]) == []
    (told,) = warnings(caplog)
    assert "The namespace 'default' has no search attributes" in told
    assert "arvo-temporal setup --namespace default" in told


async def test_children_and_schedules_work_as_before(bare: DevServer) -> None:
    init = supervise(goal=1)
    async with deployed(bare, supervisor_app(), f"bare-{uuid4()}") as client:
        await client.execute(init)
        record = await client.record(init.subject)
        assert record is not None
        child = ArvoEvent.from_json(record["events"]["produced"][0])
        await eventually(lambda: count_events(client, init, STARTED), bool)
        await client.execute(counted(child.subject))
        await client.result(init.subject)
    app = ArvoApp(orchestrators=counter_app().orchestrators.values(), search_attributes=["state"])
    async with deployed(bare, app, f"bare-{uuid4()}") as client:
        schedule = f"s-{uuid4()}"
        handle = await client.schedules.create("arvo.orc.counter", {"goal": 0}, timedelta(days=9), id=schedule)
        await handle.trigger()
        await eventually(handle.describe, lambda seen: bool(seen.info.recent_actions))


async def test_the_server_is_not_asked_each_time_and_it_is_looked_again_after_a_while(bare: DevServer) -> None:
    client = await Client.connect(bare.address, namespace="default")
    starts: list[bool] = []
    starter = starting.Starter(client, None)

    async def send(options: starting.StartOptions) -> str:
        starts.append(options["search_attributes"] is not None)
        return (await client.start_workflow(**options)).id

    await starter.start(start_count(goal=1), None, send)
    await register_attributes(client, ATTRIBUTES)
    await starter.start(start_count(goal=1), None, send)
    assert starts == [False, False]
    starter._look_at = 0.0
    started = await starter.start(init := start_count(goal=1), None, send)
    assert starts == [False, False, True]
    assert started == workflow_id(init.subject)
    assert (await attributes(ArvoClient(client), started)).get(ORCHESTRATOR) == "arvo.orc.counter"
    await client.operator_service.remove_search_attributes(
        RemoveSearchAttributesRequest(namespace="default", search_attributes=list(ATTRIBUTES))
    )
    await eventually(lambda: has_attributes(client), lambda there: not there)
    await starter.start(start_count(goal=1), None, send)
    assert starts == [False, False, True, True, False], "the server has refused it, and takes it without them"


async def test_another_refusal_of_the_server_is_its_own(bare: DevServer) -> None:
    starter = starting.Starter(await Client.connect(bare.address), None)

    async def send(options: starting.StartOptions) -> None:
        raise ValueError(options["id"])

    with pytest.raises(ValueError, match=r"arvo\.orc\.counter"):
        await starter.start(start_count(goal=1), None, send)

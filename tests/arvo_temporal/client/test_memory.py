"""Temporal as machine memory: reads running and closed orchestrations, and leaves writing to the workflow."""

from __future__ import annotations

from copy import copy
from typing import Any

import pytest

from adapter.errors import MemoryIsReadOnlyError
from arvo import ArvoEvent, SimpleEventBroker, SimpleMachineMemory
from arvo_temporal import Limits, OrchestrationFailedError, TemporalMachineMemory, workflow_id
from tests.apps import counted, start_count
from tests.conftest import Serve
from tests.resumables import Kind, counter_app, in_each_kind, orchestrator_of


async def in_one_process(kind: Kind, *events: ArvoEvent) -> object:
    memory = SimpleMachineMemory()
    orchestrator: Any = copy(orchestrator_of("arvo.orc.counter", kind))
    orchestrator.memory = memory
    broker = SimpleEventBroker([orchestrator])
    for event in events:
        await broker.publish(event)
    return await memory.read(events[0].subject)


@in_each_kind
async def test_it_reads_what_a_memory_in_one_process_would_hold(serve: Serve, kind: Kind) -> None:
    init = start_count(goal=2)
    events = [counted(init.subject), counted(init.subject)]
    async with serve(counter_app(kind=kind)) as client:
        memory = TemporalMachineMemory(client.client)
        await client.execute(init)
        await client.execute(events[0])
        running = await memory.read(init.subject)
        await client.execute(events[1])
        await client.result(init.subject)
    closed = await memory.read(init.subject)
    assert without_time(running) == without_time(await in_one_process(kind, init, events[0]))
    assert without_time(closed) == without_time(await in_one_process(kind, init, *events))


@in_each_kind
async def test_without_a_worker_the_app_rebuilds_it(serve: Serve, kind: Kind) -> None:
    init, app = start_count(goal=9), counter_app(Limits(deliveries_per_run=3), kind=kind)
    events = [counted(init.subject, by=by) for by in (1, 1, 1, 1, 1)]
    async with serve(app) as client:
        await client.execute(init)
        for event in events:
            await client.execute(event)
    await client.deliver(counted(init.subject))
    expected = without_time(await in_one_process(kind, init, *events))
    assert without_time(await TemporalMachineMemory(client.client, app).read(init.subject)) == expected
    await client.client.get_workflow_handle(workflow_id(init.subject)).terminate("enough")
    assert without_time(await TemporalMachineMemory(client.client, app).read(init.subject)) == expected


@in_each_kind
async def test_one_that_failed_or_was_cancelled_is_remembered(serve: Serve, kind: Kind) -> None:
    failed, cancelled, app = start_count(goal=9), start_count(goal=9), counter_app(kind=kind)
    wrong = counted(failed.subject, by=-1)
    async with serve(app) as client:
        for event in (failed, cancelled, counted(cancelled.subject)):
            await client.execute(event)
        before = await client.record(cancelled.subject)
        await client.execute(wrong)
        await client.client.get_workflow_handle(workflow_id(cancelled.subject)).cancel()
        with pytest.raises(OrchestrationFailedError):
            await client.result(cancelled.subject)
        with pytest.raises(OrchestrationFailedError):
            await client.result(failed.subject)
    memory = TemporalMachineMemory(client.client, app)
    assert without_stack(await memory.read(failed.subject)) == without_stack(await in_one_process(kind, failed, wrong))
    assert await memory.read(cancelled.subject) == before
    assert await memory.read(start_count(goal=9).subject) is None


async def test_only_the_workflow_writes_and_locks(serve: Serve) -> None:
    init = start_count(goal=1)
    async with serve(counter_app()) as client:
        memory = TemporalMachineMemory(client.client)
        with pytest.raises(MemoryIsReadOnlyError, match="ArvoClient"):
            await memory.write(init.subject, {})
        with pytest.raises(MemoryIsReadOnlyError):
            await memory.lock(init.subject)
        with pytest.raises(MemoryIsReadOnlyError):
            await memory.unlock(init.subject)


def without_time(record: object) -> object:
    """A record without the times at which events were produced."""
    if isinstance(record, dict):
        return {key: without_time(value) for key, value in record.items() if key != "time"}
    if isinstance(record, list):
        return [without_time(value) for value in record]
    return record


def without_stack(record: object) -> object:
    """A record of a failure without the traceback."""
    assert isinstance(record, dict)
    return {**record, "error": {**record["error"], "stack": None}}

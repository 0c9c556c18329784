"""Temporal as machine memory: reads running and closed orchestrations, and leaves writing to the workflow."""

from __future__ import annotations

import pytest

from adapter import TemporalMachineMemory
from adapter.errors import MemoryIsReadOnlyError
from arvo import ArvoEvent, SimpleEventBroker, SimpleMachineMemory, create_arvo_orchestrator
from tests.apps import counted, counter_app, counter_machine, start_count
from tests.conftest import Serve


async def in_one_process(*events: ArvoEvent) -> object:
    memory = SimpleMachineMemory()
    orchestrator = create_arvo_orchestrator(executionunits=1, memory=memory, machines=[counter_machine])
    broker = SimpleEventBroker([orchestrator])
    for event in events:
        await broker.publish(event)
    return await memory.read(events[0].subject)


async def test_it_reads_what_a_memory_in_one_process_would_hold(serve: Serve) -> None:
    init = start_count(goal=2)
    events = [counted(init.subject), counted(init.subject)]
    async with serve(counter_app()) as client:
        memory = TemporalMachineMemory(client.client)
        await client.execute(init)
        await client.execute(events[0])
        running = await memory.read(init.subject)
        await client.execute(events[1])
        await client.result(init.subject)
    closed = await memory.read(init.subject)
    assert without_time(running) == without_time(await in_one_process(init, events[0]))
    assert without_time(closed) == without_time(await in_one_process(init, *events))


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

"""The smallest nested system, on Temporal and in one process."""

from __future__ import annotations

import pytest

from arvo import ArvoEvent, SimpleEventBroker, create_arvo_orchestrator_event_factory
from arvo_temporal import ArvoApp, TemporalMachineMemory, workflow_id
from examples.number_modifier import contracts
from examples.number_modifier.app import create_orchestrators
from examples.number_modifier.handlers import create_handlers
from tests.conftest import Serve
from tests.examples.produced import produced_on_temporal, shapes

CASES = [("increment", 42), ("decrement", 38)]


def modification(operation: str) -> ArvoEvent:
    return create_arvo_orchestrator_event_factory(contracts.number_modifier.version("1.0.0")).init(
        source="com.test.person",
        data={"parentSubject$$": None, "key": "answer", "operation": operation, "by": 2},
    )


@pytest.mark.parametrize(("operation", "value"), CASES)
async def test_it_changes_the_number_through_a_child(serve: Serve, operation: str, value: int) -> None:
    store = {"answer": 40}
    app = ArvoApp(orchestrators=create_orchestrators(), handlers=create_handlers(store))
    init = modification(operation)
    async with serve(app) as client:
        await client.deliver(init)
        record = await client.result(init.subject)
        remembered = await TemporalMachineMemory(client.client).read(init.subject)
        parents = {
            run.workflow_type: run.parent_id
            async for run in client.client.list_workflows(f"TaskQueue = '{app.task_queue}'")
        }
    assert store == {"answer": value}
    assert record["state"]["output"] == {"success": True, "value": value}
    assert remembered == record
    assert parents == {
        "arvo.orc.number.modifier": None,
        f"arvo.orc.{operation}": workflow_id(init.subject),
    }


@pytest.mark.parametrize(("operation", "value"), CASES)
async def test_it_produces_the_same_events_in_one_process(serve: Serve, operation: str, value: int) -> None:
    init = modification(operation)
    broker = SimpleEventBroker([*create_orchestrators(), *create_handlers({"answer": 40})])
    await broker.publish(init)
    app = ArvoApp(orchestrators=create_orchestrators(), handlers=create_handlers({"answer": 40}))
    async with serve(app) as client:
        await client.deliver(init)
        await client.result(init.subject)
        produced = await produced_on_temporal(client, app.task_queue)
    assert shapes(produced) == shapes(broker.events)
    assert broker.events[-1].data == {"success": True, "value": value}

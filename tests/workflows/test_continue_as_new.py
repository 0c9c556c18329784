"""An orchestration outlives any number of runs of its workflow."""

from __future__ import annotations

from temporalio.client import WorkflowExecutionStatus

from adapter import Limits, workflow_id
from tests.apps import counted, counter_app, start_count
from tests.conftest import Serve


async def test_a_count_goes_on_over_many_runs(serve: Serve) -> None:
    init = start_count(goal=200)
    events = [counted(init.subject) for _ in range(200)]
    async with serve(counter_app(Limits(deliveries_per_run=40))) as client:
        await client.deliver(init)
        for event in events[:100]:
            await client.deliver(event)
        for event in events[100:]:
            await client.execute(event)
        record = await client.result(init.subject)
        ledger = await client.ledger(init.subject)
        runs = [run async for run in client.client.list_workflows(f"WorkflowId = '{workflow_id(init.subject)}'")]
    assert record["state"]["output"]["total"] == 200
    assert ledger["counts"] == {"applied": 201}
    assert sum(run.status is WorkflowExecutionStatus.CONTINUED_AS_NEW for run in runs) >= 3


async def test_an_event_is_a_duplicate_in_a_later_run_too(serve: Serve) -> None:
    init = start_count(goal=12)
    events = [counted(init.subject) for _ in range(11)]
    async with serve(counter_app(Limits(deliveries_per_run=5))) as client:
        for event in (init, *events, events[0]):
            await client.deliver(event)
        await client.deliver(counted(init.subject))
        record = await client.result(init.subject)
        ledger = await client.ledger(init.subject)
    assert record["state"]["output"]["total"] == 12
    assert ledger["counts"] == {"applied": 13, "duplicate": 1}

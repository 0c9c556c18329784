"""An orchestration is started in one way, whoever delivers its init event."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from temporalio.client import WorkflowExecutionDescription

from adapter.memo import MEMO
from arvo import ArvoEvent, ArvoOrchestrationSubject
from arvo_temporal import ArvoApp, ArvoClient, workflow_id
from tests.apps import counter_app, start_count
from tests.conftest import Serve
from tests.polling import PATIENCE


async def test_deliver_and_execute_start_it_alike(serve: Serve) -> None:
    delivered, executed, app = start_count(goal=1), start_count(goal=1), counter_app()
    async with serve(app) as client:
        await client.deliver(delivered)
        await client.execute(executed)
        seen = {init.subject: await facts(client, init) for init in (delivered, executed)}
    for subject, (kind, queue, summary, memo) in seen.items():
        key = ArvoOrchestrationSubject.parse(subject).execution.id
        assert (kind, queue, summary) == ("arvo.orc.counter", app.task_queue, f"{key} · root")
        assert memo["version"] == "1.0.0"


async def test_one_of_another_app_is_started_on_its_task_queue(serve: Serve) -> None:
    there = counter_app()
    inits = start_count(goal=1), start_count(goal=1)
    async with serve(there) as client:
        here = ArvoClient(client.client, ArvoApp(task_queues={"arvo.orc.counter": there.task_queue}))
        starts: list[Callable[[ArvoEvent], Awaitable[object]]] = [here.deliver, here.execute]
        for start, init in zip(starts, inits, strict=True):
            async with asyncio.timeout(PATIENCE):
                await start(init)
            _, queue, _, memo = await facts(here, init)
            assert (queue, memo) == (there.task_queue, None)


async def facts(client: ArvoClient, init: ArvoEvent) -> tuple[str, str, str | None, Any]:
    """Return type, task queue, summary and memo of an orchestration's workflow."""
    handle = client.client.get_workflow_handle(workflow_id(init.subject))
    described: WorkflowExecutionDescription = await handle.describe()
    memo = await described.memo_value(MEMO, None)
    return described.workflow_type, described.task_queue, await described.static_summary(), memo

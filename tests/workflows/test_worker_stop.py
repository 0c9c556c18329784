"""A worker stops at once, also while it waits for a nested orchestration on behalf of its parent."""

from __future__ import annotations

import asyncio

from arvo_temporal import Limits
from tests.apps import counted, supervise, supervisor_app
from tests.conftest import Serve
from tests.polling import PATIENCE
from tests.workflows.test_nesting import child_of, output, unhandled


async def test_another_worker_goes_on_waiting(serve: Serve) -> None:
    app = supervisor_app(Limits(deliveries_per_run=3))
    init = supervise(goal=2)
    async with asyncio.timeout(PATIENCE):
        async with serve(app) as client:
            await client.execute(init)
            subject = await child_of(client, init)
            for _ in range(7):
                await client.execute(unhandled(init.subject))
        async with serve(app) as client:
            await client.deliver(counted(subject, 2))
            assert await output(client, init) == "total 2"

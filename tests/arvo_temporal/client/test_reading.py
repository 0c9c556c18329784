"""What an orchestration is asked while its worker has gone with a workflow task in hand."""

from __future__ import annotations

from uuid import uuid4

from temporalio.client import Client
from temporalio.worker import Worker

from arvo_temporal import ArvoClient, ArvoPlugin
from arvo_temporal.dev_server.server import DevServer
from tests.adapter.test_temporal_errors import poll
from tests.apps import counted, counter_app, start_count


async def test_it_answers_when_the_task_that_was_lost_is_given_again(server: DevServer) -> None:
    app, init = counter_app(), start_count(goal=3)
    app.task_queue = f"arvo-{uuid4()}"
    client = await Client.connect(server.address, plugins=[ArvoPlugin(app)])
    sender = ArvoClient(client, app)
    async with Worker(client, task_queue=app.task_queue):
        await sender.execute(init)
    await sender.deliver(counted(init.subject))
    assert (await poll(client, app.task_queue)).task_token, "it is nobody's now"
    async with Worker(client, task_queue=app.task_queue):
        assert (await sender.ledger(init.subject)).counts == {"applied": 2}

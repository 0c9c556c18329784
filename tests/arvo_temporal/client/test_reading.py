"""What an orchestration is asked while its worker has gone with a workflow task in hand."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import PollWorkflowTaskQueueRequest
from temporalio.client import Client
from temporalio.worker import Worker

from arvo_temporal import ArvoClient, ArvoPlugin
from arvo_temporal.dev_server.server import DevServer
from tests.apps import counted, counter_app, start_count
from tests.polling import PATIENCE


async def test_it_answers_when_the_task_that_was_lost_is_given_again(server: DevServer) -> None:
    app, init = counter_app(), start_count(goal=3)
    app.task_queue = f"arvo-{uuid4()}"
    client = await Client.connect(server.address, plugins=[ArvoPlugin(app)])
    sender = ArvoClient(client, app)
    async with Worker(client, task_queue=app.task_queue):
        await sender.execute(init)
    await sender.deliver(counted(init.subject))
    await take_task(client, app.task_queue)
    async with Worker(client, task_queue=app.task_queue):
        assert (await sender.ledger(init.subject)).counts == {"applied": 2}


async def take_task(client: Client, queue: str) -> None:
    """Take a workflow task from the server, as a worker does that is killed then."""
    request = PollWorkflowTaskQueueRequest(namespace="default", task_queue=TaskQueue(name=queue), identity="killed")
    task = await client.workflow_service.poll_workflow_task_queue(request, timeout=timedelta(seconds=PATIENCE))
    assert task.task_token

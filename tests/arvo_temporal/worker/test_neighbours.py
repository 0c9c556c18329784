"""Task queues: each app has one of its own, and a worker refuses one that another app serves."""

from __future__ import annotations

import os
import socket
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.client import Client
from temporalio.worker import Worker

from adapter.worker_identity import read_identity, worker_identity
from arvo_temporal import ArvoApp, ArvoPlugin
from arvo_temporal.dev_server.server import DevServer
from arvo_temporal.worker import WorkerOptions
from arvo_temporal.worker.health import polling
from arvo_temporal.worker.neighbours import TaskQueueTakenError, refuse_other_apps
from examples.number_modifier.handlers import create_handlers
from tests.apps import asker_app, counter_app, supervisor_app
from tests.arvo_temporal.cli.commands import ARVO_TEMPORAL, run, running
from tests.polling import eventually

HERE = f"{os.getpid()}@{socket.gethostname()}"


async def polled(client: Client, queue: str) -> None:
    """Wait until the server has seen a worker on a task queue."""
    kind = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
    await eventually(lambda: polling(client, queue, kind, None), lambda pollers: bool(list(pollers)))


def test_the_default_task_queue_is_the_type_of_the_first_orchestrator() -> None:
    assert counter_app().task_queue == "arvo.orc.counter"
    assert supervisor_app().task_queue == "arvo.orc.supervisor"
    assert ArvoApp(orchestrators=counter_app().orchestrators.values(), task_queue="mine").task_queue == "mine"


def test_an_app_of_handlers_is_named_after_its_first_and_an_empty_one_has_the_common_queue() -> None:
    assert ArvoApp(handlers=create_handlers({})).task_queue == "com.value.read"
    assert ArvoApp().task_queue == "arvo"


def test_an_identity_has_process_host_and_app() -> None:
    assert worker_identity(counter_app()) == f"{HERE} arvo.orc.counter"
    assert read_identity(f"{HERE} arvo.orc.counter") == (os.getpid(), socket.gethostname(), "arvo.orc.counter")
    assert read_identity("1@host") == (1, "host", None)
    assert read_identity("1@host by hand") == (1, "host", None)
    assert read_identity("the worker") == (None, "", None)
    assert worker_identity(ArvoApp()) == HERE


async def test_a_worker_of_another_app_is_refused_and_one_of_the_same_is_not(server: DevServer) -> None:
    there, queue = counter_app(), f"arvo-{uuid4()}"
    client = await Client.connect(server.address, plugins=[ArvoPlugin(there)])
    async with Worker(client, task_queue=queue):
        await polled(client, queue)
        await refuse_other_apps(client, WorkerOptions(counter_app(), queue))
        await refuse_other_apps(client, WorkerOptions(supervisor_app(), queue))
        with pytest.raises(TaskQueueTakenError) as refused:
            await refuse_other_apps(client, WorkerOptions(asker_app(), queue))
    for text in (f"'{queue}'", f"{HERE} arvo.orc.counter", "ArvoApp(task_queue=...)", "--no-check"):
        assert text in str(refused.value)


async def test_a_queue_that_nobody_serves_is_free(server: DevServer) -> None:
    client = await Client.connect(server.address)
    await refuse_other_apps(client, WorkerOptions(asker_app(), f"arvo-{uuid4()}"))


async def test_a_server_that_does_not_tell_keeps_no_worker_from_running(server: DevServer) -> None:
    client = await Client.connect(server.address, namespace="nobody-has-made-this")
    await refuse_other_apps(client, WorkerOptions(asker_app(), "anything"))


async def test_an_identity_of_the_users_own_stays(server: DevServer) -> None:
    queue = f"arvo-{uuid4()}"
    client = await Client.connect(server.address, plugins=[ArvoPlugin(counter_app())], identity="the counter")
    async with Worker(client, task_queue=queue):
        await polled(client, queue)
        await refuse_other_apps(client, WorkerOptions(counter_app(), queue))


async def test_the_command_says_whose_queue_it_is_and_can_be_forced(server: DevServer) -> None:
    queue = f"arvo-{uuid4()}"
    command = (*ARVO_TEMPORAL, "worker", "examples.number_modifier.app:app", "--task-queue", queue)
    environment = {"TEMPORAL_ADDRESS": server.address}
    client = await Client.connect(server.address, plugins=[ArvoPlugin(counter_app())])
    async with Worker(client, task_queue=queue):
        await polled(client, queue)
        code, output = await run(*command, environment=environment)
        assert code == 1
        assert f"Error: The task queue '{queue}'" in output
        assert f"{HERE} arvo.orc.counter" in output
        async with running(*command, "--no-check", environment=environment) as forced:
            await forced.until(server.address)
            forced.press_ctrl_c()
            assert await forced.end() == 0

"""Reads of an orchestration whose machine the worker that is asked lacks."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from arvo_temporal import ArvoClient, ArvoPlugin, OrchestrationSilentError, TemporalMachineMemory, workflow_id
from arvo_temporal.dev_server.server import DevServer
from tests.apps import asker_app, counted, counter_app, start_count
from tests.arvo_temporal.cli.commands import ARVO_TEMPORAL, run

LACKS = "This worker has no orchestrator 'arvo.orc.counter' of version 1.0.0."

READS: dict[str, Callable[[Client, str], Awaitable[Any]]] = {
    "record": lambda client, subject: ArvoClient(client).record(subject),
    "ledger": lambda client, subject: ArvoClient(client).ledger(subject),
    "violations": lambda client, subject: ArvoClient(client).violations(subject),
    "memory": lambda client, subject: TemporalMachineMemory(client).read(subject),
}


async def begun(server: DevServer, queue: str, count: int = 1) -> list[str]:
    """Begin counts on a task queue, and return their subjects; their worker is gone then."""
    app = counter_app()
    client = await Client.connect(server.address, plugins=[ArvoPlugin(app)])
    sender, subjects = ArvoClient(client, app, task_queue=queue), []
    async with Worker(client, task_queue=queue):
        for _ in range(count):
            init = start_count(goal=3)
            await sender.deliver(init)
            await sender.execute(counted(init.subject))
            subjects.append(init.subject)
    return subjects


@pytest.mark.parametrize("read", READS)
async def test_a_read_says_what_the_worker_lacks(
    server: DevServer, read: str, caplog: pytest.LogCaptureFixture
) -> None:
    queue = f"arvo-{uuid4()}"
    (subject,) = await begun(server, queue)
    client = await Client.connect(server.address, plugins=[ArvoPlugin(asker_app())])
    with caplog.at_level(logging.WARNING, "temporalio"):
        async with Worker(client, task_queue=queue):
            with pytest.raises(OrchestrationSilentError) as silent:
                await READS[read](client, subject)
    assert LACKS in str(silent.value)
    assert str(silent.value).count("\n") == 0
    assert silent.value.workflow_id == workflow_id(subject)
    told = [record for record in caplog.records if LACKS in record.getMessage()]
    assert told
    assert [record for record in told if record.exc_info or "\n" in record.getMessage()] == []


async def test_the_command_prints_one_line(server: DevServer) -> None:
    queue = f"arvo-{uuid4()}"
    (subject,) = await begun(server, queue)
    client = await Client.connect(server.address, plugins=[ArvoPlugin(asker_app())])
    async with Worker(client, task_queue=queue):
        code, output = await run(*ARVO_TEMPORAL, "record", subject, environment={"TEMPORAL_ADDRESS": server.address})
    assert (code, output.count("\n")) == (1, 1)
    assert output.startswith("Error: ")
    assert LACKS in output


async def test_a_check_before_a_deployment_leaves_nothing_unawaited(server: DevServer) -> None:
    queue = f"arvo-{uuid4()}"
    await begun(server, queue, count=12)
    command = ("check-deploy", "examples.number_modifier.app:app", "--query", f"TaskQueue = '{queue}'")
    code, output = await run(*ARVO_TEMPORAL, *command, environment={"TEMPORAL_ADDRESS": server.address})
    assert (code, output.count(LACKS)) == (1, 12)
    assert "never awaited" not in output
    assert "Traceback" not in output


async def test_what_waits_for_its_machine_goes_on_when_it_is_deployed(server: DevServer) -> None:
    queue, app = f"arvo-{uuid4()}", counter_app()
    (subject,) = await begun(server, queue)
    client = await Client.connect(server.address, plugins=[ArvoPlugin(app)])
    sender = ArvoClient(client, app)
    for _ in range(2):
        assert (await sender.deliver(counted(subject))).accepted
    lacking = await Client.connect(server.address, plugins=[ArvoPlugin(asker_app())])
    async with Worker(lacking, task_queue=queue):
        with pytest.raises(OrchestrationSilentError):
            await ArvoClient(lacking).record(subject)
    async with Worker(client, task_queue=queue):
        assert (await sender.result(subject))["state"]["output"]["total"] == 3

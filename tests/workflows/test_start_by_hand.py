"""A person starts and signals an orchestration with nothing but the `temporal` command line."""

from __future__ import annotations

import asyncio
import json

import pytest

from arvo import ArvoEvent, create_arvo_orchestrator_event_factory
from arvo_temporal import ArvoApp, workflow_id
from arvo_temporal.dev_server.server import DevServer
from examples.number_modifier import contracts
from examples.number_modifier.app import create_orchestrators
from examples.number_modifier.handlers import create_handlers
from tests.apps import counted, counter_app, start_count
from tests.cli import temporal
from tests.conftest import Serve
from tests.polling import PATIENCE


def init_event() -> ArvoEvent:
    return create_arvo_orchestrator_event_factory(contracts.number_modifier.version("1.0.0")).init(
        source="com.test.person",
        data={"parentSubject$$": None, "key": "answer", "operation": "increment", "by": 2},
    )


async def start(server: DevServer, app: ArvoApp, event: ArvoEvent, identity: str) -> str:
    return await temporal(
        server,
        *("workflow", "execute", "--type", event.type, "--task-queue", app.task_queue),
        *("--workflow-id", identity, "--input", event.to_json_text()),
    )


async def test_started_from_the_command_line_it_completes(server: DevServer, serve: Serve) -> None:
    app = ArvoApp(orchestrators=create_orchestrators(), handlers=create_handlers({"answer": 40}))
    init = init_event()
    async with serve(app) as client:
        await start(server, app, init, workflow_id(init.subject))
        record = await client.result(init.subject)
    assert record["state"]["output"] == {"success": True, "value": 42}


async def test_a_wrong_workflow_id_fails_and_names_the_right_one(server: DevServer, serve: Serve) -> None:
    app = ArvoApp(orchestrators=create_orchestrators(), handlers=create_handlers({}))
    init = init_event()
    async with serve(app):
        with pytest.raises(AssertionError) as failure:
            await start(server, app, init, "my-own-id")
    assert workflow_id(init.subject) in str(failure.value)


async def test_signalled_from_the_command_line_it_consumes(server: DevServer, serve: Serve) -> None:
    init = start_count(goal=3)
    identity = workflow_id(init.subject)
    first, *others = (json.dumps(counted(init.subject).to_json()) for _ in range(3))
    async with serve(counter_app()) as client:
        await client.deliver(init)
        for name, events in (("deliver", [first]), ("deliver_all", others)):
            inputs = [argument for event in events for argument in ("--input", event)]
            await temporal(server, "workflow", "signal", "--name", name, "--workflow-id", identity, *inputs)
        async with asyncio.timeout(PATIENCE):
            record = await client.result(init.subject)
    assert record["state"]["output"]["total"] == 3

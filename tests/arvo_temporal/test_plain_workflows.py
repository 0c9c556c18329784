"""Plain Temporal workflows and activities beside the orchestrations of an app, on the same worker."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from temporalio.client import Client
from temporalio.worker import Worker

from arvo_temporal import ArvoApp, ArvoClient, ArvoPlugin, DevServer
from tests.apps import app as counting
from tests.apps import counted, start_count
from tests.arvo_temporal.cli.commands import WORKER, running
from tests.arvo_temporal.plain import Announce, Shout, send, sent
from tests.conftest import replay_everything

MIXED = """
from arvo_temporal import ArvoApp
from tests.apps import app as counting
from tests.arvo_temporal.plain import Shout, shout

app = ArvoApp(orchestrators=counting.orchestrators.values(), workflows=[Shout], activities=[shout], task_queue="mixed")
"""


async def test_a_worker_runs_them_and_says_so(server: DevServer, tmp_path: Path) -> None:
    (tmp_path / "mixed.py").write_text(MIXED)
    async with running(*WORKER, "mixed:app", cwd=tmp_path, environment={"TEMPORAL_ADDRESS": server.address}) as worker:
        await worker.until(server.address)
        client = await Client.connect(server.address)
        assert await client.execute_workflow(Shout.run, "hello", id=str(uuid4()), task_queue="mixed") == "HELLO!"
        orchestrations = ArvoClient(client, counting, task_queue="mixed")
        init = start_count(1)
        await orchestrations.deliver(init)
        await orchestrations.deliver(counted(init.subject))
        assert (await orchestrations.result(init.subject))["status"] == "done"
        worker.press_ctrl_c()
        assert await worker.end() == 0
    said = " ".join(worker.output.split())
    assert "workflow tests.arvo_temporal.plain.Shout activity tests.arvo_temporal.plain.shout" in said


async def test_events_made_in_them_are_the_same_when_they_are_replayed(server: DevServer) -> None:
    app = ArvoApp(workflows=[Announce], activities=[send], task_queue=f"arvo-{uuid4()}")
    client = await Client.connect(server.address, plugins=[ArvoPlugin(app)])
    async with Worker(client, task_queue=app.task_queue, max_cached_workflows=0):
        handle = await client.start_workflow(Announce.run, id=str(uuid4()), task_queue=app.task_queue)
        await handle.signal(Announce.hint)
        answer = await handle.execute_update(Announce.ask)
        events = await handle.result()
    assert events == sent
    assert events[-1] == answer
    await replay_everything(server, app)

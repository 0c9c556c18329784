"""What one worker process takes on at once: the options of `worker.py` that bound it."""

from __future__ import annotations

from pathlib import Path

import pytest
from temporalio.client import Client

from arvo_temporal import ArvoClient
from arvo_temporal.dev_server.server import DevServer
from tests.apps import app as counting
from tests.apps import ask, asker_app, counted, start_count
from tests.arvo_temporal.cli.commands import WORKER, running

REBUILT = """
from arvo import ArvoOrchestrator
from tests.apps import app

class Told(ArvoOrchestrator):
    def consume(self, event, record):
        print("step of", event.type, flush=True)
        return super().consume(event, record)

for orchestrator in app.orchestrators.values():
    orchestrator.__class__ = Told
"""

CROWD = """
import asyncio
from tests.apps import asker_app

present = 0

async def crowded(event):
    global present
    present += 1
    print("present:", present, flush=True)
    await asyncio.sleep(0.5)
    present -= 1

app = asker_app(publishers={"delphi": crowded})
"""


@pytest.mark.parametrize(("cached", "first_steps"), [("0", 3), ("10", 1)])
async def test_orchestrations_beyond_the_cache_are_rebuilt_for_each_event(
    server: DevServer, tmp_path: Path, cached: str, first_steps: int
) -> None:
    (tmp_path / "told.py").write_text(REBUILT)
    queue = f"cached-{cached}"
    environment = {"TEMPORAL_ADDRESS": server.address, "ARVO_TASK_QUEUE": queue}
    options = ("told:app", "--cached-orchestrations", cached)
    async with running(*WORKER, *options, cwd=tmp_path, environment=environment) as worker:
        await worker.until(server.address)
        client = ArvoClient(await Client.connect(server.address), counting, task_queue=queue)
        init = start_count(2)
        await client.deliver(init)
        await worker.until("step of arvo.orc.counter")
        await client.deliver(counted(init.subject))
        await worker.until("step of evt.tally.counted")
        await client.deliver(counted(init.subject))
        await client.result(init.subject)
        worker.press_ctrl_c()
        assert await worker.end() == 0
    assert worker.output.count("step of arvo.orc.counter") == first_steps


@pytest.mark.parametrize("activities", ["1", "100"])
async def test_no_more_publishers_run_at_once_than_the_worker_may(
    server: DevServer, tmp_path: Path, activities: str
) -> None:
    (tmp_path / "crowd.py").write_text(CROWD)
    queue = f"crowd-{activities}"
    client = ArvoClient(await Client.connect(server.address), asker_app(), task_queue=queue)
    for number in range(4):
        await client.deliver(ask(f"question {number}", "delphi"))
    environment = {"TEMPORAL_ADDRESS": server.address, "ARVO_TASK_QUEUE": queue, "ARVO_ACTIVITIES": activities}
    async with running(*WORKER, "crowd:app", cwd=tmp_path, environment=environment) as worker:
        while worker.output.count("present:") < 4:
            assert await worker.read(), worker.output
        worker.press_ctrl_c()
        assert await worker.end() == 0
    most = max(int(line.split()[-1]) for line in worker.output.splitlines() if "present:" in line)
    assert (most == 1) is (activities == "1")

"""A worker that is killed in the middle of a call: it is made again under the same ids, and goes on where it was."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.client import Client

from arvo import ArvoEvent
from arvo_temporal import ArvoClient, workflow_id
from arvo_temporal.dev_server.server import DevServer
from tests.apps import counted, start_count
from tests.loops import HANGS_AT, NOTES, TURNS
from tests.polling import PATIENCE, eventually
from tests.resumables import output_of
from tests.workflows.test_worker_restart import worker_process


@pytest.mark.parametrize(
    ("app", "later"), [("waiting", False), ("blocking", True)], ids=["killed at once", "killed after a heartbeat"]
)
async def test_a_call_goes_on_where_the_killed_worker_was(
    server: DevServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, app: str, later: bool
) -> None:
    notes = tmp_path / "notes"
    notes.touch()
    monkeypatch.setenv(NOTES, str(notes))
    task_queue, init = f"arvo-{uuid4()}", start_count(goal=1)
    client = ArvoClient(await Client.connect(server.address), task_queue=task_queue)

    async def written() -> list[str]:
        return notes.read_text().splitlines()

    async with worker_process(server, task_queue, f"tests.loops:{app}") as worker:
        await client.deliver(init)
        await eventually(written, lambda lines: f"turn {HANGS_AT - 1}" in lines)
        await client.deliver(counted(init.subject))
        for _ in range(2 if later else 0):
            await another_heartbeat(client, init)
        os.kill(worker.pid, signal.SIGKILL)
        await worker.wait()
    async with worker_process(server, task_queue, f"tests.loops:{app}"), asyncio.timeout(PATIENCE):
        record = await client.result(init.subject)
        await eventually(written, lambda lines: any(line.startswith("request") for line in lines))
        ledger = await client.ledger(init.subject)
    lines = await written()
    tries = [line for line in lines if line.startswith("try")]
    turns = [line for line in lines if line.startswith("turn")]
    # The progress that was being kept as the worker died may be lost; what was kept is not.
    assert turns in ([f"turn {turn}" for turn in range(TURNS)], [f"turn {turn}" for turn in (0, 1, 2, 2, 3, 4)])
    assert len(tries) == 2
    assert len(set(tries)) == 1
    assert output_of(record)["total"] == TURNS
    assert ledger.counts == {"applied": 2}


async def another_heartbeat(client: ArvoClient, init: ArvoEvent) -> None:
    """Wait until the call that is under way has given one more sign of life."""
    before = await last_heartbeat(client, init)
    await eventually(lambda: last_heartbeat(client, init), lambda seen: seen != before)


async def last_heartbeat(client: ArvoClient, init: ArvoEvent) -> str:
    """Return when the server has had the last sign of life of the call that is under way."""
    description = await client.client.get_workflow_handle(workflow_id(init.subject)).describe()
    return str([call.last_heartbeat_time for call in description.raw_description.pending_activities])

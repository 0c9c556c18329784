"""A worker that is killed in the middle of a call: it is made again under the same ids, and goes on where it was."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.client import Client

from arvo_temporal import ArvoClient
from arvo_temporal.dev_server.server import DevServer
from tests.apps import counted, start_count
from tests.loops import HANGS_AT, NOTES, TURNS
from tests.polling import eventually
from tests.resumables import output_of
from tests.workflows.test_worker_restart import worker_process


@pytest.mark.parametrize("app", ["waiting", "blocking"])
async def test_a_call_goes_on_where_the_killed_worker_was(
    server: DevServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, app: str
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
        os.kill(worker.pid, signal.SIGKILL)
        await worker.wait()
    async with worker_process(server, task_queue, f"tests.loops:{app}"):
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

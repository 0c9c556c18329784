"""A worker that dies in the middle: the next one finishes its orchestrations."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.client import Client

from arvo_temporal import ArvoClient
from arvo_temporal.dev_server.server import DevServer
from tests.apps import counted, start_count
from tests.conftest import Serve
from tests.polling import PATIENCE
from tests.resumables import Kind, counter_app, in_each_kind, output_of

ROOT = Path(__file__).parents[2]


@in_each_kind
async def test_another_worker_finishes_what_one_has_begun(serve: Serve, kind: Kind) -> None:
    app = counter_app(kind=kind)
    init = start_count(goal=3)
    async with serve(app) as client:
        await client.execute(init)
        await client.execute(counted(init.subject))
    await client.deliver(counted(init.subject))
    async with serve(app) as client:
        await client.deliver(counted(init.subject))
        record = await client.result(init.subject)
    assert output_of(record)["seen"] == [1, 1, 1]


@pytest.mark.parametrize("module", ["tests.apps:app", "tests.resumables:app"], ids=["machine", "step"])
async def test_a_killed_worker_loses_nothing(server: DevServer, module: str) -> None:
    task_queue = f"arvo-{uuid4()}"
    client = ArvoClient(await Client.connect(server.address), task_queue=task_queue)
    init = start_count(goal=40)
    async with worker_process(server, task_queue, module) as worker:
        await client.execute(init)
        for _ in range(20):
            await client.deliver(counted(init.subject))
        os.kill(worker.pid, signal.SIGKILL)
        await worker.wait()
    for _ in range(20):
        await client.deliver(counted(init.subject))
    async with worker_process(server, task_queue, module):
        async with asyncio.timeout(PATIENCE):
            record = await client.result(init.subject)
    assert output_of(record)["total"] == 40


@asynccontextmanager
async def worker_process(
    server: DevServer, task_queue: str, app: str = "tests.apps:app"
) -> AsyncIterator[asyncio.subprocess.Process]:
    worker = await asyncio.create_subprocess_exec(
        sys.executable,
        "worker.py",
        app,
        "--task-queue",
        task_queue,
        cwd=ROOT,
        env={**os.environ, "TEMPORAL_ADDRESS": server.address},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield worker
    finally:
        if worker.returncode is None:
            worker.terminate()
            assert await worker.wait() == 0

"""The fixtures that tests share: a real Temporal dev server, and workers for the apps under test."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from temporalio.client import Client
from temporalio.worker import Replayer, Worker

from arvo_temporal import ArvoApp, ArvoClient, ArvoPlugin
from arvo_temporal.dev_server.server import DevServer
from arvo_temporal.replay.runs import has_begun

# The gate looks at the same examples each time, and at no clock: a loaded machine is no failure.
# HYPOTHESIS_PROFILE=default looks at new ones.
settings.register_profile("repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

pytest_plugins = ["arvo_temporal.pytest"]

Serve = Callable[[ArvoApp], AbstractAsyncContextManager[ArvoClient]]


@pytest.fixture(scope="session")
async def server() -> AsyncIterator[DevServer]:
    """One dev server for the whole run, or for each process of it; tests keep apart by task queue and by subject."""
    async with DevServer(ui=False) as running:
        yield running


@pytest.fixture
async def serve(server: DevServer) -> AsyncIterator[Serve]:
    """Return a context manager that runs a worker for an app and gives a client for it.

    The app gets a task queue of its own. After the test every history that it has produced is replayed.
    """
    served: list[ArvoApp] = []

    @asynccontextmanager
    async def serving(app: ArvoApp) -> AsyncIterator[ArvoClient]:
        if app not in served:
            app.task_queue = f"arvo-{uuid4()}"
            served.append(app)
        client = await Client.connect(server.address, plugins=[ArvoPlugin(app)])
        async with Worker(client, task_queue=app.task_queue):
            yield ArvoClient(client, app)

    yield serving
    for app in served:
        await replay_everything(server, app)


async def replay_everything(server: DevServer, app: ArvoApp) -> None:
    """Replay all histories of an app's task queue; raises if one is not deterministic."""
    client = await Client.connect(server.address)
    executions = client.list_workflows(f"TaskQueue = '{app.task_queue}'")
    begun = (history async for history in executions.map_histories() if has_begun(history))
    await Replayer(workflows=[], plugins=[ArvoPlugin(app)]).replay_workflows(begun)

"""Fixtures: Temporal's servers, workers for apps, and apps without Temporal.

None of them needs an event loop or a plugin for one: what has to be awaited is awaited in the test, on its own loop.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final, Protocol
from uuid import uuid4

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from adapter.app import ArvoApp
from arvo.broker import SimpleEventBroker
from arvo_temporal.client import ArvoClient
from arvo_temporal.dev_server import DevServer, DevServerError
from arvo_temporal.plugin import ArvoPlugin

_TEST_SERVER: Final = "temporal-test-server"


@dataclass(frozen=True, slots=True)
class TimeSkipping:
    """An app on a server whose time jumps.

    Attributes:
        client: Sends events to the app.
        environment: The server, as Temporal's SDK has it.
    """

    client: ArvoClient
    environment: WorkflowEnvironment

    async def sleep(self, duration: timedelta | float) -> None:
        """Let time pass: a timedelta, or seconds. Timers that come due meanwhile fire, each at its own moment."""
        await self.environment.sleep(duration)


class ServeApp(Protocol):
    """Runs a worker for an app on the dev server, and gives a client for it."""

    def __call__(self, app: ArvoApp, *, task_queue: str | None = None) -> AbstractAsyncContextManager[ArvoClient]:
        """Run a worker while the block lasts; by default on a task queue that no other test has."""


class ServeAppInSkippedTime(Protocol):
    """Runs a worker for an app on a server of its own, whose time jumps."""

    def __call__(self, app: ArvoApp) -> AbstractAsyncContextManager[TimeSkipping]:
        """Run server and worker while the block lasts."""


@pytest.fixture(scope="session")
def arvo_dev_server() -> Iterator[DevServer]:
    """Temporal's dev server, one for the run, or for each process of pytest-xdist. Use its `address`; it is shared."""
    loop = asyncio.new_event_loop()
    server = DevServer(ui=False)
    if (problem := loop.run_until_complete(_problem_of_start(server))) is not None:
        loop.close()
        pytest.fail(f"arvo_dev_server: {problem}", pytrace=False)
    yield server
    loop.run_until_complete(server.stop())
    loop.close()


@pytest.fixture
def arvo_worker(arvo_dev_server: DevServer) -> Iterator[ServeApp]:
    """Give a function that runs a worker for an app and returns a client.

    Use it as in `async with arvo_worker(app) as client:`. Tests keep apart: the app has another task queue in each,
    unless one is named.
    """
    queues = _TaskQueues()

    @asynccontextmanager
    async def serve(app: ArvoApp, *, task_queue: str | None = None) -> AsyncIterator[ArvoClient]:
        queues.give(app, task_queue)
        client = await Client.connect(arvo_dev_server.address, plugins=[ArvoPlugin(app)])
        async with Worker(client, task_queue=app.task_queue):
            yield ArvoClient(client, app)

    yield serve
    queues.restore()


@pytest.fixture
def arvo_time_skipping() -> ServeAppInSkippedTime:
    """Give a function that runs a worker for an app on a server whose time jumps.

    Use it as in `async with arvo_time_skipping(app) as skipping:`. Then `skipping.client` sends events, and
    `await skipping.sleep(timedelta(days=3))` takes no time.
    """
    program = _test_server()

    @asynccontextmanager
    async def serve(app: ArvoApp) -> AsyncIterator[TimeSkipping]:
        environment = await WorkflowEnvironment.start_time_skipping(test_server_existing_path=program)
        async with environment, Worker(environment.client, task_queue=app.task_queue, plugins=[ArvoPlugin(app)]):
            yield TimeSkipping(ArvoClient(environment.client, app), environment)

    return serve


@pytest.fixture
def arvo_app() -> Callable[..., SimpleEventBroker]:
    """Give a function that runs an app in this process, without Temporal: `SimpleEventBroker.of`."""
    return SimpleEventBroker.of


class _TaskQueues:
    """Task queues of apps during a test."""

    def __init__(self) -> None:
        self._before: dict[int, tuple[ArvoApp, str]] = {}

    def give(self, app: ArvoApp, task_queue: str | None) -> None:
        """Give an app a task queue; the one that it has got before in this test, if none is named."""
        if id(app) not in self._before:
            self._before[id(app)] = (app, app.task_queue)
            app.task_queue = f"{app.task_queue}-{uuid4()}"
        if task_queue is not None:
            app.task_queue = task_queue

    def restore(self) -> None:
        """Give every app its own one back."""
        for app, task_queue in self._before.values():
            app.task_queue = task_queue


async def _problem_of_start(server: DevServer) -> DevServerError | None:
    try:
        await server.__aenter__()
    except DevServerError as error:
        return error
    return None


def _test_server() -> str:
    beside = Path(sys.executable).with_name(_TEST_SERVER)
    found = str(beside) if beside.exists() else shutil.which(_TEST_SERVER)
    if found is None:
        pytest.fail(
            f"arvo_time_skipping: The program '{_TEST_SERVER}', whose time jumps, is neither beside {sys.executable} "
            "nor on the PATH: install it with  pip install 'arvo-temporal[testing]'",
            pytrace=False,
        )
    return found

"""The app of the soak: orders, numbers and clocks, with handlers and a publisher that fail now and then."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from temporalio import activity
from temporalio.common import RetryPolicy

from arvo import ArvoEvent, ArvoEventHandler, ExecutionViolation
from arvo.handling.execution import ExecutionResult, TelemetryOptions
from arvo_temporal import ArvoApp, ArvoClient, EmissionPolicy
from benchmarks.memory.app import create_ticker
from examples.number_modifier import app as numbers
from examples.number_modifier.handlers import create_handlers as create_number_handlers
from examples.orders import app as orders
from examples.orders.approvals import ApprovalDesk
from examples.orders.handlers import create_handlers as create_order_handlers

FAILURES = 0.1
"""Share of what handlers and publishers do that fails, and is tried again."""

ON_PURPOSE = "says the soak"
"""What the messages of these failures have."""

FOLDER = "SOAK_FOLDER"
"""The environment variable with the folder where workers write down how many tasks their event loops have."""


class UnreliableHandler(ArvoEventHandler):
    """A handler that fails now and then; Temporal tries it again."""

    def __init__(self, handler: ArvoEventHandler) -> None:
        self.__dict__.update(handler.__dict__)
        self._handler = handler

    async def execute(self, event: ArvoEvent, opentelemetry: TelemetryOptions | None = None) -> ExecutionResult:
        """Execute, or fail."""
        _be_unreliable()
        return await self._handler.execute(event, opentelemetry)


async def decide(request: ArvoEvent) -> None:
    """Decide a request at once, as the desk does, and deliver the decision; or fail."""
    _be_unreliable()
    client = ArvoClient(activity.client(), task_queue=activity.info().task_queue)
    await client.deliver(ApprovalDesk().decide(request))


def tasks_file(folder: Path, pid: int) -> Path:
    """Return where a worker process writes down how many tasks its event loop has."""
    return folder / f"tasks-{pid}"


def _be_unreliable() -> None:
    if FOLDER in os.environ:
        tasks_file(Path(os.environ[FOLDER]), os.getpid()).write_text(str(len(asyncio.all_tasks())))
    if random.random() < FAILURES:
        raise ExecutionViolation(f"The service is down, {ON_PURPOSE}.")


def _policies(keys: Sequence[str]) -> Iterator[tuple[str, EmissionPolicy]]:
    retry = RetryPolicy(initial_interval=timedelta(milliseconds=100), maximum_attempts=0)
    for key in keys:
        yield key, EmissionPolicy(timeout=timedelta(seconds=10), retry=retry)


_handlers = [UnreliableHandler(handler) for handler in (*create_order_handlers(), *create_number_handlers({}))]
app = ArvoApp(
    orchestrators=[*orders.create_orchestrators(), *numbers.create_orchestrators(), create_ticker()],
    handlers=_handlers,
    publishers={"external": decide},
    policies=dict(_policies([*(handler.source for handler in _handlers), "external"])),
    task_queue="soak",
)

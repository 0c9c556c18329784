"""What an activity that waits for long has to do meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError


@asynccontextmanager
async def heartbeating(details: Callable[[], Sequence[Any]] = tuple) -> AsyncIterator[None]:
    """Send a heartbeat three times per heartbeat timeout while the block runs; nothing without a timeout.

    Args:
        details: Returns the details of the heartbeats, which the next try finds.
    """
    timeout = activity.info().heartbeat_timeout
    if not timeout:
        yield
        return

    async def beat() -> None:
        while True:
            activity.heartbeat(*details())
            await asyncio.sleep(timeout.total_seconds() / 3)

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()


@asynccontextmanager
async def leaving_with_the_worker() -> AsyncIterator[None]:
    """End the block as soon as the worker is asked to stop; the server gives the activity to another worker.

    Raises:
        ApplicationError: The worker stops.
    """
    body = asyncio.current_task()
    assert body is not None, "an activity runs in a task"
    leaving = False

    async def leave() -> None:
        nonlocal leaving
        await activity.wait_for_worker_shutdown()
        leaving = True
        body.cancel()

    task = asyncio.create_task(leave())
    try:
        yield
    except asyncio.CancelledError:
        if not leaving:
            raise
        body.uncancel()
        raise ApplicationError("The worker stops; another one goes on waiting.", type="WorkerStops") from None
    finally:
        task.cancel()

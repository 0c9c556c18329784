"""Ways to wait for several tasks, or through a cancellation, that asyncio lacks."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


async def first_completed(*works: Coroutine[Any, Any, object]) -> None:
    """Wait until one of these ends, then cancel the others and wait until they have come to their ends.

    Raises:
        Exception: What the first one has raised.
    """
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            await task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def uninterrupted(work: Coroutine[Any, Any, object]) -> None:
    """Wait until this has ended; a cancellation of the caller is held back until then.

    Raises:
        Exception: What it has raised.
    """
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as cancellation:
            cancelled = cancellation
    if cancelled is not None:
        raise cancelled
    await task

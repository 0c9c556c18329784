"""Call a function of the user's, async or not, without ever blocking the event loop."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def call(function: Callable[[T], Awaitable[None] | None], given: T) -> None:
    """Call a function with one thing; one that is not async runs in a thread, with the context of this task."""
    if _is_async(function):
        done = function(given)
    else:
        done = await asyncio.to_thread(function, given)
    if inspect.isawaitable(done):
        await done


def _is_async(function: object) -> bool:
    """Whether a function, or an object that can be called like one, is async."""
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__call__)

"""Waits for what has to become true."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

# Seconds. On a busy machine a server may lose a task to a poll that has gone, and give it again after ten.
PATIENCE = 90.0


async def eventually(look: Callable[[], Awaitable[T]], wanted: Callable[[T], bool], within: float = PATIENCE) -> T:
    """Look again and again until what is seen is wanted, and return it.

    Raises:
        TimeoutError: If it is not, after `within` seconds; it says what was seen last.
    """
    seen: object = "nothing"
    try:
        async with asyncio.timeout(within):
            while True:
                seen = found = await look()
                if wanted(found):
                    return found
                await asyncio.sleep(0.02)
    except TimeoutError as error:
        raise TimeoutError(f"Seen last, after {within:g} s: {seen!r}") from error

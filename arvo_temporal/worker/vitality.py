"""Whether a worker lives and is ready for work: what is known of it, and how that is judged."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import NoReturn

_BEAT = 1.0
_BOUND = 10.0


class Vitality:
    """What is known of a worker; threads may read it while the event loop writes it.

    Args:
        bound: Seconds without a turn of the event loop from which on it counts as blocked.
        clock: Tells the time in seconds.
    """

    def __init__(self, *, bound: float = _BOUND, clock: Callable[[], float] = time.monotonic) -> None:
        self._bound = bound
        self._clock = clock
        self._turned = clock()
        self._obstacle: str | None = "The worker has not begun to poll yet."
        self._stops = False

    async def beat(self) -> NoReturn:
        """Note again and again that the event loop turns."""
        while True:
            self.turned()
            await asyncio.sleep(min(_BEAT, self._bound / 4))

    def turned(self) -> None:
        """Note that the event loop has turned."""
        self._turned = self._clock()

    def polls(self, obstacle: str | None) -> None:
        """Note that the worker polls and gets work, or why it does not."""
        self._obstacle = obstacle

    def stops(self) -> None:
        """Note that the worker takes no more work and finishes what it has."""
        self._stops = True

    def not_live(self) -> str | None:
        """Return why the worker is to be started again; None while it lives. The server has no part in it."""
        still = self._clock() - self._turned
        if still <= self._bound:
            return None
        return f"The event loop has not turned for {still:.0f} s: an async handler blocks it."

    def not_ready(self) -> str | None:
        """Return why the worker gets no work, or does none; None if it does."""
        return self.not_live() or ("The worker is stopping." if self._stops else self._obstacle)

"""How many emissions are under way at once: the rest waits its turn, in the order in which it was produced."""

from __future__ import annotations

import asyncio
from collections import deque

_BYTES_AT_ONCE = 3 * 1024 * 1024
"""The server takes 4 MB from one task of a workflow; so much can also be carried, or nearly, while it is under way."""


class Departures:
    """Gives emissions their turn. What is waiting when a run ends waits again in the next one.

    Args:
        most: How many are under way at once.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._under_way = 0
        self._bytes = 0
        self._is_over = False
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    async def begin(self, size: int) -> None:
        """Wait for the turn of an emission.

        Args:
            size: How many bytes it has.
        """
        if not self._waiting and self._has_room(size):
            self._take(size)
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append((size, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self.end(size)
            raise

    def end(self, size: int) -> None:
        """Give the next ones their turn, as an emission that has had its own is over."""
        self._under_way -= 1
        self._bytes -= size
        while self._waiting and self._has_room(self._waiting[0][0]):
            following, turn = self._waiting.popleft()
            if not turn.cancelled():
                self._take(following)
                turn.set_result(None)

    def stop(self) -> None:
        """Give no turn any more: what waits for its own is dropped."""
        self._is_over = True
        self._waiting.clear()

    def _has_room(self, size: int) -> bool:
        if self._is_over:
            return False
        fits = self._under_way < self._most and self._bytes + size <= _BYTES_AT_ONCE
        return fits or not self._under_way

    def _take(self, size: int) -> None:
        self._under_way += 1
        self._bytes += size

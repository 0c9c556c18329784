"""What is logged once in a while, and not for each event."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable


class Throttle:
    """Lets one of a kind through, and then no more of it for a while. It may be asked from several threads.

    Args:
        seconds: How long nothing more of a kind is let through.
        kinds: How many kinds are remembered: those let through last. One that is forgotten is let through again.
        clock: Tells the time in seconds.
    """

    def __init__(self, seconds: float = 60.0, kinds: int = 1024, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._kinds = kinds
        self._clock = clock
        self._let_through: OrderedDict[Hashable, tuple[float, int]] = OrderedDict()
        """Kind to when one was let through, and how many were left out since."""
        self._lock = threading.Lock()

    def left_out(self, kind: Hashable) -> int | None:
        """Return how many of a kind were left out since the last one; None if this one is to be left out too."""
        now = self._clock()
        with self._lock:
            last, left_out = self._let_through.get(kind, (None, 0))
            if last is not None and now - last < self._seconds:
                self._let_through[kind] = (last, left_out + 1)
                return None
            self._let_through[kind] = (now, 0)
            self._let_through.move_to_end(kind)
            if len(self._let_through) > self._kinds:
                self._let_through.popitem(last=False)
            return left_out

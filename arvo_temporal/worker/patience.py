"""How long a supervisor goes on with a process that dies again and again."""

from __future__ import annotations


class Patience:
    """How soon a process that has died is started again, and how often.

    Each quick death in a row doubles the pause; a process that has lived longer starts a new row.

    Args:
        settled: Seconds after which a death is no longer quick.
        pause: Seconds before the first new start.
        deaths: After how many quick deaths in a row it is given up.
    """

    def __init__(self, settled: float = 30.0, pause: float = 0.5, deaths: int = 4) -> None:
        self.settled = settled
        self.deaths = deaths
        self._pause = pause
        self._quick = 0

    def after(self, lived: float) -> float | None:
        """Return the pause after a life of so many seconds, in seconds; None to give up."""
        self._quick = self._quick + 1 if lived < self.settled else 0
        return None if self._quick >= self.deaths else self._pause * 2.0 ** max(self._quick - 1, 0)

"""When an orchestration pauses between two of the events that wait for it.

Temporal takes a workflow that keeps on for two seconds for dead, fails the task, and tries it again: where thousands
of events have piled up it would never get beyond that. So a stretch of work ends in time. How long it takes is a
matter of the machine and not of the history, which therefore gets a mark for each pause: a replay pauses where the
marks say, whatever its own pace.
"""

from __future__ import annotations

import time

from temporalio import workflow

_STRETCH = 0.2
"""Seconds of work without a pause: a replay may be several times slower, and has to end in time as well."""
_BATCH = 250
"""Deliveries without a pause, where a run began with pauses by count."""


class Pace:
    """The pauses of one run.

    Args:
        by_count: Whether the run began when pauses came by count and left no marks (`adapter.memo`).
    """

    def __init__(self, *, by_count: bool) -> None:
        self._by_count = by_count
        self._position = 0
        self._taken = 0
        self._began = 0.0
        self._is_replay = False

    def begin(self) -> None:
        """Begin a stretch of work."""
        self._taken = 0
        self._began = time.monotonic()
        self._is_replay = workflow.unsafe.is_replaying()

    def wants_pause(self) -> bool:
        """Tell, after a delivery with more to come, whether to pause first."""
        self._position += 1
        self._taken += 1
        if self._by_count and self._taken == _BATCH:
            return True
        # Temporal's patch markers are the one thing in a history that a replay can ask for ahead.
        may_pause = self._is_replay or time.monotonic() - self._began > _STRETCH
        return may_pause and workflow.patched(f"pause-{self._position}")

"""When an orchestration pauses between two of the events that wait for it.

Temporal takes a workflow that keeps on for two seconds for dead, fails the task, and tries it again: where thousands
of events have piled up it would never get beyond that. So a stretch of work ends in time. How long it takes is a
matter of the machine and not of the history, which therefore gets a mark for each pause: a replay pauses where the
marks say, whatever its own pace.
"""

from __future__ import annotations

import time
from datetime import timedelta

from temporalio import workflow

from adapter.names import PAUSE
from adapter.observation import sleep
from workflows.foresight import Foresight
from workflows.marks import ENOUGH, Marks

_STRETCH = 0.2
"""Seconds of work without a pause: a replay may be several times slower, and has to end in time as well."""
_PAUSE_WITHIN = timedelta(seconds=10)
"""For a local activity that does nothing, which takes milliseconds; a timer takes a second."""
_LONG = 8 * 1024 * 1024
"""Bytes of a history that takes a worker seconds to fetch and to replay."""
_STRETCHES = 15
"""How many stretches a workflow task has at most in a long history. A task that has local activities is prolonged only
eight seconds after a worker has its history, and the server gives it up ten seconds after the worker has asked for it.
"""
_MOMENT = 0.001
_TOLERANCE = 2
"""So many times as many turns as in the last stretch that was measured may be in one that is not."""


class Pace:
    """The pauses of one run.

    Args:
        foresight: Told where the results of local activities have come in.
    """

    def __init__(self, foresight: Foresight) -> None:
        self._foresight = foresight
        self._position = 0
        self._turns = 0
        self._measured = 0
        self._most: int | None = None
        self._most_after_pause: int | None = None
        self._pauses = 0
        self._began = 0.0
        self._marks_before = 0

    def begin(self, marks: Marks) -> None:
        """Begin a stretch of work."""
        self._marks_before = marks.count
        self._began = time.monotonic()
        self._turns = 0
        self._most, self._most_after_pause = self._most_after_pause, None

    def count_turn(self) -> None:
        """Note that a turn was given."""
        self._position += 1
        self._turns += 1

    def pause_is_due(self, marks: Marks) -> bool:
        """Tell, between two turns, whether to pause first; a stretch also ends where it leaves many marks.

        Behind a pause there may be no mark that a replay finds. So a stretch that follows one has no more turns,
        whatever the time, than the last one that was measured lets expect.
        """
        if self._turns == self._most:
            return True
        # Temporal's patch markers are the one thing in a history that a replay can ask for ahead.
        mark = f"pause-{self._position}"
        if not marks.is_replay:
            if time.monotonic() - self._began <= _STRETCH and marks.count - self._marks_before < ENOUGH:
                return False
            marks.settle()
        if not marks.place(mark):
            return False
        self._measured = self._turns
        return True

    async def pause(self) -> None:
        """End a stretch of work, and in a long history at times the workflow task with it; then go on."""
        self._most_after_pause = _TOLERANCE * self._measured
        is_long = self._foresight.history().size > _LONG
        ends_task = is_long and self._pauses % _STRETCHES == 0
        self._pauses += 1
        if ends_task:
            await sleep(_MOMENT, "pause")
        else:
            pausing = workflow.execute_local_activity(PAUSE, start_to_close_timeout=_PAUSE_WITHIN)
            await self._foresight.result(pausing)

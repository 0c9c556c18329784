"""How far a replay looks ahead: whether it finds, at the place where it needs them, the marks that were left there.

A replay is told of the patch markers of the next workflow task, and no further. That is enough, except behind the
result of a local activity, which a replay has as soon as it is in sight as well. The worker may have had it later than
that: where a query is answered in the workflow task that has begun the activity, the SDK records the result together
with the answer, and lets the workflow have it in the following task, whose markers are then out of sight. The same
holds where a worker dies in between: what comes of the result is in the history only later.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import NamedTuple, TypeVar

from temporalio import workflow

T = TypeVar("T")

_NOWHERE = -1


class History(NamedTuple):
    """What Temporal says of a history: its bytes, and whether it suggests that the next run begins."""

    size: int
    is_long: bool


class Foresight:
    """Knows of one run where results of local activities have come in.

    Places are workflow tasks, each of which has the length of the history as it begins.
    """

    def __init__(self) -> None:
        self._last = self._late = _NOWHERE
        self._before = History(0, is_long=False)

    async def result(self, activity: Awaitable[T]) -> T:
        """Wait for a local activity that is just being scheduled, and return its result.

        Raises:
            FailureError: It has failed for good.
        """
        begun, before = _place(), self.history()
        try:
            return await activity
        finally:
            self._last = _place()
            if self._last != begun:
                self._late, self._before = self._last, before

    def history(self) -> History:
        """Return how long the history is, as a replay is told too: where a result has come late, as it was before."""
        if _place() == self._late:
            return self._before
        info = workflow.info()
        return History(info.get_current_history_size(), info.is_continue_as_new_suggested())

    def is_certain(self) -> bool:
        """Tell whether a replay is going to find a mark that is left now: not where a result has come late."""
        return _place() != self._late

    def may_have_failed(self) -> bool:
        """Tell in a replay whether what it has done here was done later, where it does not find the marks of that."""
        return _place() == self._last


def _place() -> int:
    return workflow.info().get_current_history_length()

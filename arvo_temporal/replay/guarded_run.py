"""What a worker knows of a run whose machine has changed, over all its tries to replay it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from adapter.definition_changes import ChangedMachine
from adapter.observation import HistoryEntry
from arvo.orchestration import MachineMemoryRecord
from arvo.statechart import StateValue
from arvo_temporal.replay.changed_parts import ChangedParts
from arvo_temporal.replay.check import CURE

logger = logging.getLogger(__name__)

_SOON = 60.0
"""Seconds. Temporal tries a failed workflow task again at once: what comes later follows the answer to a query, which
no history has."""
_MAY_DIFFER = "This code may not do what was done then; if it does, the next try goes on by itself."
_DIFFERS = "A replay was broken off, as this code most likely does not do what was done then."
_MORE = "The command that differs is told by  arvo-temporal check-deploy ."


class GuardedRun:
    """A run whose machine is not the one that it began with.

    A try to replay it is spent on an explanation where it comes to a step that goes through what has changed, and the
    next one really replays. If that is broken off, which is Temporal's judgement, the one after it explains again.

    Args:
        workflow_id: The orchestration.
        changed: How its machine has changed.
        parts: What of that matters where a step goes through it; None where the run does not remember its machine.
        clock: Tells the time in seconds.

    Attributes:
        fits: Whether a try has come to the end of the history: this code does what was done.
    """

    def __init__(
        self,
        workflow_id: str,
        changed: ChangedMachine,
        parts: ChangedParts | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._workflow_id = workflow_id
        self._changed = changed
        self._parts = parts
        self._clock = clock
        self._place: HistoryEntry | None = None
        self._value: StateValue | None = None
        self._was_tried = False
        self._was_broken_off = False
        self._told = 0
        self._told_at = 0.0
        self._explains = False
        self._has_explained = False
        self.fits = False

    def begin(self) -> None:
        """Begin a try."""
        if self._was_tried and not self._told and not self._was_broken_off:
            self._was_broken_off = True
            logger.error("%s", self._explanation(), extra={"workflow_id": self._workflow_id})
        self._was_tried = True
        self._has_explained = False
        self._explains = not self._told or (self._told == 1 and self._clock() - self._told_at > _SOON)
        if not self._explains:
            self._told = 0

    def go_on_from(self, record: MachineMemoryRecord | None) -> None:
        """Note the record that the run begins with; None in the first run of an orchestration."""
        self._value = _value(record)

    def settle(self) -> None:
        """Note that a try has come to the end of the history; Temporal still asks one that ended in an explanation."""
        self.fits = not self._has_explained

    def look_at(self, step: HistoryEntry) -> str | None:
        """Return the explanation if it is to be given at this step of a replay, which ends the try."""
        before, self._value = self._value, _value(step.record)
        if self._place is None and self._parts and self._parts.on_the_way(before, step.event_type, self._value):
            self._place = step
        if not self._explains or not self._is_the_place(step):
            return None
        self._has_explained = True
        self._told += 1
        self._told_at = self._clock()
        return self._explanation()

    def _is_the_place(self, step: HistoryEntry) -> bool:
        """Tell whether to speak up at a step: before Temporal judges, so at the first where no better one is known."""
        return self._place.step == step.step if self._place else self._was_broken_off

    def _explanation(self) -> str:
        where = (
            f"Step {self._place.step} ({self._place.event_type}) goes through what has changed. " if self._place else ""
        )
        verdict = _DIFFERS if self._was_broken_off else _MAY_DIFFER
        return f"'{self._workflow_id}': {where}{verdict}\n{self._changed}\n{CURE}\n{_MORE}"


def _value(record: MachineMemoryRecord | None) -> StateValue | None:
    return record.get("value") if record else None

"""Marks in the history of a run: which steps came to another fate than that their event was applied.

Such a fate depends on the code of its day, and code changes: that is what fixes are. Without a trace of it, a worker
with the fix would consume the event at its old place in the history, and come to other commands than the ones that are
recorded there. So it leaves a mark, which costs nothing where events are applied.

Each mark is two events of the history, and the list of all marks has a bound. Therefore steps of one fate that follow
each other share their marks: one for the first of them, and one for each power of two in the number of those that
follow, so that 1,900 refusals in a row leave nine. Where they are many all the same, the run ends (continue-as-new).
"""

from __future__ import annotations

from temporalio import workflow

from adapter.ledger import Fate
from workflows.foresight import Foresight

ENOUGH = 40
"""So many marks are enough for one run, and for one stretch of turns; the SDK lists 2,048 bytes of them."""

_FATES = (Fate.REFUSED, Fate.UNHANDLED, Fate.FAILED)
_POWERS = tuple(1 << exponent for exponent in range(12))


class Marks:
    """The marks of one run of an orchestration, in its history and now.

    Args:
        foresight: Knows where a replay finds marks.

    Attributes:
        count: How many there are; exact between two stretches of turns.
        is_replay: Whether the present stretch of turns is one of a replay.
    """

    def __init__(self, foresight: Foresight) -> None:
        self.count = 0
        self.is_replay = False
        self._position = 0
        self._standing: Fate | None = None
        self._stands_to = 0
        self._present: Fate | None = None
        self._first = 0
        self._asked: set[str] = set()
        self._new_changes: list[str] = []
        self._withheld: set[str] = set()
        self._foresight = foresight

    def begin(self) -> None:
        """Begin a stretch of turns, which is of a replay as a whole or not at all."""
        self.is_replay = workflow.unsafe.is_replaying()

    def next(self) -> Fate | None:
        """Go on to the next step, and return the fate that a mark in the history says it has had."""
        self._position += 1
        if not self.is_replay:
            return None
        if self._position > self._stands_to:
            self._find()
        return self._standing

    def is_in_doubt(self, fate: Fate, stands: Fate | None) -> bool:
        """Tell whether a step can neither leave a mark of its fate here nor, in a replay, rely on there being none.

        Args:
            fate: What the present code makes of it.
            stands: The fate that a mark says it has had; None if there is none.
        """
        if fate not in _FATES or stands is not None:
            return False
        return self._foresight.may_have_failed() if self.is_replay else not self._foresight.is_certain()

    def place(self, mark: str) -> bool | None:
        """Leave a mark beside those of steps, or look for it in a replay.

        Returns:
            Whether it is there; None where it cannot be left, or where a replay could not find it.
        """
        if workflow.unsafe.is_replaying():
            return workflow.patched(mark) or (None if self._foresight.may_have_failed() else False)
        return workflow.patched(mark) if self._foresight.is_certain() else None

    def note(self, fate: Fate) -> None:
        """Note what a step has come to, unless it is replayed; its mark is left when its neighbours are known."""
        if self.is_replay:
            return
        following = self._position - self._first
        if fate is not self._present or following > sum(_POWERS):
            self._leave(following - 1)
        if self._present is None and fate in _FATES:
            self._present, self._first = fate, self._position
        if self._new_changes:
            self.settle()

    def settle(self) -> None:
        """Leave what is due: at the end of a stretch, and before anything else that the history notes."""
        self._leave(self._position - self._first)
        for change in self._new_changes:
            workflow.patched(change)
        self._new_changes.clear()

    def patched(self, change: str) -> bool:
        """Tell within a step whether a change of the code is in force.

        A replay looks for the marks of a step before it makes the step: so a change that is new is noted in the history
        only after them. Where a replay would not find it, it is not in force, and stays so for this run.
        """
        if change in self._withheld:
            return False
        if change in self._new_changes:
            return True
        if change in self._asked or self.is_replay:
            self._asked.add(change)
            return workflow.patched(change)
        if not self._foresight.is_certain():
            self._withheld.add(change)
            return False
        self._asked.add(change)
        self._new_changes.append(change)
        return True

    def _find(self) -> None:
        """Look for marks that begin at this step: patch markers are the one thing that a replay can ask for ahead."""
        self._stands_to = self._position
        self._standing = next((fate for fate in _FATES if workflow.patched(f"{fate}-{self._position}")), None)
        if self._standing is not None:
            found = [power for power in _POWERS if workflow.patched(f"{self._standing}-{self._position}+{power}")]
            self._stands_to += sum(found)
            self.count += 1 + len(found)

    def _leave(self, following: int) -> None:
        if self._present is not None:
            first = f"{self._present}-{self._first}"
            marks = [first, *(f"{first}+{power}" for power in _POWERS if following & power)]
            for mark in marks:
                workflow.patched(mark)
            self.count += len(marks)
        self._present = None

"""Refusals that stand: what was refused stays refused when changed code replays the history.

A refusal depends on the code of its day, and code changes: that is what fixes are. Without a trace of the refusal,
a worker with the fix would consume the event at its old place in the history, and come to other commands than the ones
that are recorded there. So a refusal leaves a marker, which costs nothing where nothing is refused.
"""

from __future__ import annotations

from collections.abc import Callable

from temporalio import workflow

from adapter.failures import refusal
from arvo.errors import ArvoError
from arvo.orchestration import Step


class Refusals:
    """The refusals of one run of an orchestration, in its history and now."""

    def __init__(self) -> None:
        self._steps = 0

    def uphold(self, step: Callable[[], Step]) -> Step:
        """Return what `step` returns, or raise the violation that refuses it.

        Raises:
            ArvoError: The step is refused, now or by the history.
            NondeterminismError: The history has not refused the step, and the present code does.
        """
        self._steps += 1
        # Temporal's patch markers are the one thing in a history that a replay can ask for ahead.
        mark = f"refused-{self._steps}"
        refused_then = workflow.unsafe.is_replaying() and workflow.patched(mark)
        try:
            made = step()
        except ArvoError as error:
            if not workflow.patched(mark):
                raise workflow.NondeterminismError(
                    f"The history has consumed what the present code refuses: {error} Deploy the code that took it, "
                    "and ship the stricter rule as a new version of the contract."
                ) from error
            raise
        if refused_then:
            raise refusal("It was refused when it arrived; the present code would take it. Redrive it.")
        return made

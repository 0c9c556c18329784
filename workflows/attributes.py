"""The search attributes that an orchestration changes itself: its troubles, and its state where the app asks for it.

A run that began without search attributes never changes any: its namespace may not have them. Each change is one event
of the history, so there is one for all that a stretch of turns has changed, and none where nothing has.
"""

from __future__ import annotations

from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeUpdate, TypedSearchAttributes

from adapter.search_attributes import ORCHESTRATOR, STATE, STATE_SINCE, TROUBLE, active_states
from arvo.orchestration import MachineMemoryRecord
from workflows.trouble import Troubles


class OwnAttributes:
    """The search attributes of one run that change.

    Args:
        troubles: The troubles of the orchestration.
        shows_state: Whether the run began with an app that wants its state among them.
    """

    def __init__(self, troubles: Troubles, *, shows_state: bool) -> None:
        self._troubles = troubles
        self._are_there = _shown().get(ORCHESTRATOR) is not None
        self._shows_state = shows_state

    def lag_behind(self) -> bool:
        """Tell whether there is trouble that they do not show, or the other way round."""
        return self._are_there and bool(self._changes_of_trouble(closed=False))

    def show(self, record: MachineMemoryRecord | None, *, closed: bool) -> None:
        """Bring them up to date.

        Args:
            record: The record of the orchestration.
            closed: Whether the orchestration is closed: its status tells how, and trouble that comes with the end is
                not shown beside it.
        """
        if not self._are_there:
            return
        changes = [*self._changes_of_trouble(closed=closed), *self._changes_of_state(record, closed=closed)]
        if changes:
            workflow.upsert_search_attributes(changes)

    def _changes_of_trouble(self, *, closed: bool) -> list[SearchAttributeUpdate[Any]]:
        shown = set(_shown().get(TROUBLE, ()))
        present = [kind.value for kind in self._troubles.kinds()]
        if shown == set(present) or (closed and not shown):
            return []
        return [TROUBLE.value_set(present) if present else TROUBLE.value_unset()]

    def _changes_of_state(
        self, record: MachineMemoryRecord | None, *, closed: bool
    ) -> list[SearchAttributeUpdate[Any]]:
        shown = _shown().get(STATE, ())
        present = active_states(record.get("value")) if record and self._shows_state else []
        if set(shown) == set(present) or closed:
            return []
        if not present:
            return [STATE.value_unset(), STATE_SINCE.value_unset()]
        return [STATE.value_set(present), STATE_SINCE.value_set(workflow.now())]


def _shown() -> TypedSearchAttributes:
    """Return those that the run has now: given at its start, carried into it, or changed since."""
    return workflow.info().typed_search_attributes

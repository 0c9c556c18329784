"""Which transitions the steps of an orchestration have taken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from adapter.app import ArvoApp
from adapter.observation import HistoryEntry
from arvo import surroundings
from arvo.events import ArvoOrchestrationSubject
from arvo.orchestration import ArvoMachine, ArvoOrchestrator, OrchestrationRecord
from arvo.statechart import Snapshot, Transition, transitions_taken


def with_transitions(app: ArvoApp, steps: Iterable[HistoryEntry]) -> list[HistoryEntry]:
    """Return the steps of one orchestration with the transitions that its machine has taken in them.

    Args:
        app: The app whose machines are asked.
        steps: The steps, oldest first. Those before them may be missing: then the first one has no transitions, unless
            it is the beginning.
    """
    found: list[HistoryEntry] = []
    before: OrchestrationRecord | None = None
    with surroundings.untraced():
        for step in steps:
            machine = _machine(app, step.record)
            if machine is not None and (before is not None or step.step == 1):
                step = replace(step, transitions=_taken(machine, before, step.given))
            found.append(step)
            before = step.record
    return found


def _machine(app: ArvoApp, record: OrchestrationRecord | None) -> ArvoMachine | None:
    if record is None:
        return None
    named = ArvoOrchestrationSubject.parse(record["subject"]).orchestrator
    orchestrator = app.orchestrators.get(named.name)
    return orchestrator.machine(named.version) if isinstance(orchestrator, ArvoOrchestrator) else None


def _taken(machine: ArvoMachine, before: OrchestrationRecord | None, given: Any) -> tuple[Transition, ...]:
    try:
        snapshot: Snapshot[Any] | None = None if before is None else machine.logic.restore(before["state"])
        return transitions_taken(machine.logic, snapshot, given)
    except Exception:
        return ()  # the machine has thrown: that is what the step says, and it has taken none

"""The system as an app: `python worker.py examples.number_modifier.app:app --dev`."""

from __future__ import annotations

from arvo import ArvoOrchestrator, SimpleMachineMemory, create_arvo_orchestrator
from arvo_temporal import ArvoApp
from examples.number_modifier.handlers import create_handlers
from examples.number_modifier.machines import decrement_machine, increment_machine, modifier_machine


def create_orchestrators() -> list[ArvoOrchestrator]:
    """Return the orchestrators, with a memory that serves where Temporal does not."""
    memory = SimpleMachineMemory()
    return [
        create_arvo_orchestrator(executionunits=1, memory=memory, machines=[machine])
        for machine in (modifier_machine, increment_machine, decrement_machine)
    ]


store: dict[str, int] = {"answer": 40}
app = ArvoApp(orchestrators=create_orchestrators(), handlers=create_handlers(store))

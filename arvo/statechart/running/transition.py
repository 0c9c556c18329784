"""From one snapshot to the next: XState's initialTransition and transition on a compiled machine."""

from __future__ import annotations

from typing import Any, TypeAlias, TypeVar

from arvo.statechart.running.calls import Trace
from arvo.statechart.running.compiled import CompiledMachine
from arvo.statechart.running.effects import Effect
from arvo.statechart.running.macrostep import Macrostep
from arvo.statechart.running.microstep import INIT
from arvo.statechart.running.purity import checked
from arvo.statechart.running.snapshot import Snapshot

C = TypeVar("C")
Result: TypeAlias = tuple[Snapshot[C], tuple[Effect, ...]]
"""The next snapshot, and what to do, in order."""


def start(machine: CompiledMachine[C], input: Any, trace: Trace | None = None) -> Result[C]:
    """The first snapshot of a new execution."""
    if machine.check_purity and trace is None:
        return checked(lambda trace: start(machine, input, trace))
    before = machine.configurations.of((machine.root,))
    event = {"type": INIT, "input": input}
    step = Macrostep(machine, before, machine.first_context(input), machine.histories.empty, event)
    step.trace = trace
    step.start(machine.initial_microstep)
    return settled(machine, step), tuple(step.effects)


def advance(machine: CompiledMachine[C], snapshot: Snapshot[C], event: Any, trace: Trace | None = None) -> Result[C]:
    """The snapshot after an event: the same one if nothing changed, or if the machine has come to its end."""
    status = snapshot._status
    if status == "done" or status == "error":
        return snapshot, ()
    if machine.check_purity and trace is None:
        return checked(lambda trace: advance(machine, snapshot, event, trace))
    configuration, context, history = snapshot._configuration, snapshot._context, snapshot._history
    step = Macrostep(machine, configuration, context, history, event, status)
    step.trace = trace
    step.run()
    if (
        step.context is context
        and step.configuration is configuration
        and step.history is history
        and step.status == status
    ):
        return snapshot, tuple(step.effects)
    return settled(machine, step), tuple(step.effects)


def settled(machine: CompiledMachine[C], step: Macrostep) -> Snapshot[C]:
    """The snapshot of a macrostep that has run to rest."""
    return Snapshot(
        machine,
        step.status,
        step.configuration.resting,
        step.context,
        step.history,
        step.output,
        step.error,
    )

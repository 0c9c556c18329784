"""From one snapshot to the next: XState's initialTransition and transition on a compiled machine."""

from __future__ import annotations

from typing import Any, TypeAlias, TypeVar

from arvo.statechart.running.calls import Trace
from arvo.statechart.running.compiled import CompiledMachine
from arvo.statechart.running.configuration import Microstep
from arvo.statechart.running.effects import Effect
from arvo.statechart.running.macrostep import Macrostep
from arvo.statechart.running.microstep import INIT
from arvo.statechart.running.noted_macrostep import NotedMacrostep
from arvo.statechart.running.purity import checked
from arvo.statechart.running.snapshot import Snapshot

C = TypeVar("C")
Result: TypeAlias = tuple[Snapshot[C], tuple[Effect, ...]]
"""The next snapshot, and what to do, in order."""


def start(
    machine: CompiledMachine[C], input: Any, trace: Trace | None = None, noted: list[Microstep] | None = None
) -> Result[C]:
    """The first snapshot of a new execution; what it does is appended to `noted`."""
    if machine.check_purity and trace is None:
        return checked(lambda trace: start(machine, input, trace, _once(noted)))
    before = machine.configurations.of((machine.root,))
    event = {"type": INIT, "input": input}
    given = (machine, before, machine.first_context(input), machine.histories.empty, event)
    step = Macrostep(*given) if noted is None else NotedMacrostep(noted, *given)
    step.trace = trace
    step.start(machine.initial_microstep)
    return _settled(machine, step), tuple(step.effects)


def advance(
    machine: CompiledMachine[C],
    snapshot: Snapshot[C],
    event: Any,
    trace: Trace | None = None,
    noted: list[Microstep] | None = None,
) -> Result[C]:
    """The snapshot after an event: the same one if nothing changed, or if the machine has come to its end.

    What it does is appended to `noted`.
    """
    status = snapshot._status
    if status == "done" or status == "error":
        return snapshot, ()
    if machine.check_purity and trace is None:
        return checked(lambda trace: advance(machine, snapshot, event, trace, _once(noted)))
    configuration, context, history = snapshot._configuration, snapshot._context, snapshot._history
    if noted is None:
        step = Macrostep(machine, configuration, context, history, event, status)
    else:
        step = NotedMacrostep(noted, machine, configuration, context, history, event, status)
    step.trace = trace
    step.run()
    if (
        step.context is context
        and step.configuration is configuration
        and step.history is history
        and step.status == status
    ):
        return snapshot, tuple(step.effects)
    return _settled(machine, step), tuple(step.effects)


def _once(noted: list[Microstep] | None) -> list[Microstep] | None:
    """Where to note the first of two computations of a step; `None` for the second one."""
    return None if noted else noted


def _settled(machine: CompiledMachine[C], step: Macrostep) -> Snapshot[C]:
    return Snapshot(
        machine,
        step.status,
        step.configuration.resting,
        step.context,
        step.history,
        step.output,
        step.error,
    )

"""States that cannot be entered, and states that cannot be left."""

from __future__ import annotations

from collections.abc import Iterator

from arvo.checking.checked import CheckedMachine
from arvo.checking.findings import Finding, Severity
from arvo.checking.waiting import together
from arvo.statechart.running import StateNode


def check_shape(machine: CheckedMachine) -> Iterator[Finding]:
    """Find unreachable states and dead ends; of what lies in an unreachable state nothing more is said."""
    unreachable = set(machine.logic.unreachable_states())
    for node in machine.logic.nodes:
        if node in unreachable and node.parent not in unreachable:
            yield machine.finding(
                Severity.WARNING,
                "unreachable-state",
                f"state {node.id!r} can never be entered: no transition leads there",
                "lead a transition to it, or remove it",
                path=node.path,
                state=node.id,
            )
    for node in machine.logic.dead_ends():
        if not unreachable.intersection((node, *node.ancestors)) and not _does_something(machine, node):
            yield machine.finding(
                Severity.WARNING,
                "dead-end",
                f"state {node.id!r} is never left, and nothing happens in it: the orchestration stays open for ever",
                "end it there with 'type': 'final', or give it a transition",
                path=node.path,
                state=node.id,
            )


def _does_something(machine: CheckedMachine, node: StateNode) -> bool:
    """Whether an event has an effect in a state although it does not leave it."""
    return any(
        one.actions and machine.can_come(descriptor)
        for near in together(node, machine.logic.nodes)
        for descriptor, found in near.transitions.items()
        for one in found
    )

"""Where a machine is while it waits for an answer, and where it can go meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from arvo.checking.checked import CheckedMachine, matches
from arvo.statechart.running import StateNode, Transition

_TOO_WIDE = ("*", "sys.*")
"""Descriptors that stand for no answer in particular."""


def together(node: StateNode, nodes: Iterable[StateNode]) -> set[StateNode]:
    """The states that can be active together with one: itself, around it, in it, and in regions beside it."""
    return {other for other in nodes if _together(node, other)}


def _together(one: StateNode, other: StateNode) -> bool:
    if one is other or one in other.ancestors or other in one.ancestors:
        return True
    shared = next(ancestor for ancestor in one.ancestors if ancestor in other.ancestors)
    return shared.type == "parallel"


def is_handled(type_: str, nodes: Iterable[StateNode], *, by_name: bool = False) -> bool:
    """Whether one of some states takes an event.

    Args:
        type_: Type of the event.
        nodes: The states.
        by_name: Leave out the descriptors that take everything, and every system error.
    """
    return any(
        matches(descriptor, type_)
        for node in nodes
        for descriptor in node.transitions
        if not (by_name and descriptor in _TOO_WIDE)
    )


def ways_on(machine: CheckedMachine, nodes: Iterable[StateNode], answers: Collection[str]) -> Iterator[Transition]:
    """Transitions of some states that something else than the given answers can set off."""
    for node in nodes:
        yield from node.always
        for descriptor, found in node.transitions.items():
            known = machine.matched(descriptor)
            only_answers = bool(known) and all(type_ in answers for type_ in known)
            if not only_answers and machine.can_come(descriptor):
                yield from found


def reached_without(machine: CheckedMachine, nodes: Collection[StateNode], answers: Collection[str]) -> set[StateNode]:
    """The states that can be active later, when none of the given answers has come yet."""
    everything = machine.logic.nodes
    found: set[StateNode] = set()
    ahead = set(nodes)
    while ahead:
        onward = {target for one in ways_on(machine, ahead, answers) for target in one.target or ()}
        entered = {near for target in onward for near in together(_real(target), everything)}
        found |= ahead
        ahead = entered - found
    return found - set(nodes)


def _real(target: StateNode) -> StateNode:
    """A target, or what a history state stands for."""
    return target.parent if target.type == "history" and target.parent is not None else target

"""What can be said about a machine without running it. Guards count as able to pass and to fail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, product
from typing import Any, TypeAlias

from arvo.statechart.running import (
    CompiledMachine,
    Configuration,
    EntrySet,
    History,
    Microstep,
    Selection,
    StateNode,
    StateValue,
    Transition,
    copied,
    domain_of,
    microstep_of,
)

Outcome: TypeAlias = tuple[Transition, ...]


@dataclass(frozen=True, slots=True)
class Reachable:
    """Configurations that a machine can come to rest in.

    Attributes:
        values: Their state values, nearest to the start first.
        complete: Whether these are all; `False` if the limit was reached.
    """

    values: tuple[StateValue, ...]
    complete: bool


def transitions(machine: CompiledMachine[Any]) -> Iterator[Transition]:
    """All transitions in document order."""
    for node in machine.nodes:
        yield from chain.from_iterable(node.transitions.values())
        yield from node.always


def reachable(machine: CompiledMachine[Any], limit: int) -> Reachable:
    """Walk over configurations and histories, breadth first; at most `limit` of them, and of the ways out of one."""
    first = machine.initial_microstep
    queue: list[tuple[Configuration, History, bool]] = [(first.target, machine.histories.empty, first.ends)]
    seen = set(queue)
    values: dict[Configuration, None] = {}
    complete = True
    for configuration, history, ended in queue:
        if ended or not _leaves_at_once(configuration):
            values[configuration.resting] = None
        if ended:
            continue
        for count, step in enumerate(_steps(machine, configuration, history)):
            if count == limit or len(seen) > limit:
                complete = False
                break
            following = machine.histories.record(history, step.records) if step.records else history
            found = (step.target, following, step.ends)
            if found not in seen:
                seen.add(found)
                queue.append(found)
    return Reachable(tuple(copied(one.value) for one in values), complete)


def unreachable_states(machine: CompiledMachine[Any]) -> tuple[StateNode, ...]:
    """States that no sequence of transitions can enter. What it names is certain; it may miss some."""
    entered = set(machine.initial_microstep.target.nodes)
    waiting = [one for one in transitions(machine) if one.target]
    while True:
        possible = [one for one in waiting if one.source in entered]
        if not possible:
            return tuple(node for node in machine.nodes if node not in entered and node.type != "history")
        waiting = [one for one in waiting if one.source not in entered]
        for transition in possible:
            entered |= EntrySet((transition,), lambda _: None).nodes | {machine.root}


def dead_ends(machine: CompiledMachine[Any]) -> tuple[StateNode, ...]:
    """Atomic states that no transition can leave."""
    moving = [(one, domain_of(one, lambda _: None)) for one in transitions(machine) if one.target]
    return tuple(
        node
        for node in machine.nodes
        if node.type == "atomic" and node.parent and not any(_leaves(node, *one) for one in moving)
    )


def accepted_events(configuration: Configuration) -> tuple[str, ...]:
    """Event descriptors that can have an effect in a configuration, innermost first; internal ones left out."""
    found: dict[str, None] = {}
    for node in sorted(configuration.nodes, key=lambda node: -len(node.ancestors)):
        for descriptor in node.transitions:
            if not descriptor.startswith("xstate.") and _may_act(configuration.selection(descriptor)):
                found[descriptor] = None
    return tuple(found)


def _may_act(selection: Selection) -> bool:
    """Whether guards may let a transition through that does something; asked of each candidate once."""
    if any(_may_act(region) for region in selection.regions):
        return True
    asked = selection.outer if all(_may_pass(region) for region in selection.regions) else ()
    return any(one.target is not None or one.actions for one in asked)


def _may_pass(selection: Selection) -> bool:
    """Whether guards may let no transition through."""
    guarded = not selection.outer or selection.outer[-1].guard is not None
    return guarded and all(_may_pass(region) for region in selection.regions)


def _steps(machine: CompiledMachine[Any], configuration: Configuration, history: History) -> Iterator[Microstep]:
    descriptors = dict.fromkeys(name for node in configuration.nodes for name in node.transitions)
    by_event = (outcomes(configuration.selection(name)) for name in descriptors)
    for outcome in chain(_eventless_outcomes(configuration), *by_event):
        if outcome:
            yield microstep_of(configuration, outcome, history, machine.histories)


def outcomes(selection: Selection) -> Iterator[Outcome]:
    """Each set of transitions that the guards may let through."""
    outer: list[Outcome] = [one.alone for one in selection.outer]
    if not outer or outer[-1][0].guard is not None:
        outer.append(())
    if not selection.regions:
        yield from outer
        return
    for combination in product(*(list(outcomes(region)) for region in selection.regions)):
        joined = tuple(chain.from_iterable(combination))
        yield from [joined] if joined else outer


def _eventless_outcomes(configuration: Configuration) -> Iterator[Outcome]:
    choices = ([*(one.alone for one in candidates), ()] for candidates in configuration.eventless)
    for combination in product(*choices):
        yield tuple(dict.fromkeys(chain.from_iterable(combination)))


def _leaves_at_once(configuration: Configuration) -> bool:
    return any(one[0].guard is None and one[0].target for one in configuration.eventless)


def _leaves(node: StateNode, transition: Transition, domain: StateNode | None) -> bool:
    """Whether a transition can leave a state for another."""
    if domain is not None and domain not in node.ancestors:
        return False
    targets = {one for target in transition.target or () for one in (target, *_defaults(target))}
    if targets == {node}:
        return False
    source = transition.source
    if source is node or source in node.ancestors:
        return True
    shared = next((one for one in node.ancestors if one is source or one in source.ancestors), None)
    return shared is not None and shared.type == "parallel"


def _defaults(target: StateNode) -> tuple[StateNode, ...]:
    return target.default_targets if target.type == "history" else ()

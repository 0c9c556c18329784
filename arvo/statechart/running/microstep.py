"""Microsteps, compiled: exit, transition actions, entry (XState's microstep, exitStates, enterStates).

Which nodes a set of transitions leaves and enters, in which order actions run and which events report
completion depends on the configuration, on the transitions and, rarely, on history: never on context. So it is
worked out once and kept as a flat program of calls.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from arvo.statechart.running.calls import Call, Step
from arvo.statechart.running.configuration import Configuration, Configurations, Microstep
from arvo.statechart.running.history import Histories, History, Records
from arvo.statechart.running.nodes import StateNode, Transition
from arvo.statechart.running.sets import EntrySet, exit_set, without_conflicts
from arvo.statechart.running.value import initial_nodes

INIT = "xstate.init"
"""Type of the event that starts a machine."""


def microstep_of(
    configuration: Configuration, transitions: tuple[Transition, ...], history: History, histories: Histories
) -> Microstep:
    """The compiled microstep, from the cache if it was worked out before."""
    found = configuration.microsteps.get(transitions) or configuration.microsteps.get((transitions, history))
    if found is not None:
        return found
    asked: list[str] = []

    def lookup(key: str, current: History = history) -> tuple[StateNode, ...] | None:
        asked.append(key)
        return current.records.get(key)

    filtered = without_conflicts(transitions, configuration.nodes, lookup)
    left = {node for one in filtered for node in exit_set(one, configuration.nodes, lookup)}
    leaving = sorted(left, key=lambda node: -node.order)
    records = tuple(_records(leaving, configuration.nodes))
    updated = histories.record(history, records) if records else history
    entered = EntrySet(filtered, lambda key: lookup(key, updated))
    compiled = _compile(configuration, filtered, leaving, records, entered)
    key: Any = (transitions, history) if asked else transitions
    return configuration.microsteps.keep(key, compiled)


def initial_microstep(root: StateNode, configurations: Configurations, history: History) -> Microstep:
    """The microstep that starts a machine: everything is entered, nothing is left."""
    start = Transition(root, INIT, tuple(initial_nodes(root)), reenter=True)
    entered = EntrySet((start,), history.records.get)
    entered.default.add(root)
    return _compile(configurations.of((root,)), (start,), (), (), entered)


def _records(leaving: Sequence[StateNode], nodes: Sequence[StateNode]) -> Iterator[tuple[str, tuple[StateNode, ...]]]:
    for node in leaving:
        for history in node.histories:
            if history.deep:
                yield history.id, tuple(n for n in nodes if n.is_leaf and node in n.ancestors)
            else:
                yield history.id, tuple(n for n in nodes if n.parent is node)


def _compile(
    before: Configuration,
    transitions: Sequence[Transition],
    leaving: Sequence[StateNode],
    records: Records,
    entered: EntrySet,
) -> Microstep:
    program = [call for node in leaving for call in node.exit]
    program += [call for transition in transitions for call in transition.actions]
    left = set(leaving)
    active = {node: None for node in before.nodes if node not in left}
    completed: set[StateNode] = set()
    done = False
    entering = tuple(entered.in_document_order())
    for node in entering:
        active[node] = None
        program += node.entry
        if node in entered.default:
            program += node.initial_actions
        if node.type == "final":
            calls, ends = _completion(node, active, completed)
            program += calls
            done = done or ends
    if done:
        ordered = sorted(active, key=lambda node: -node.order)
        program += [call for node in ordered for call in node.exit]
    moved = bool(records) or set(before.nodes) != set(active)
    target = before.configurations.of(active) if moved else before
    return Microstep(tuple(transitions), tuple(leaving), entering, tuple(program), records, target, moved, done)


def _completion(node: StateNode, active: dict[StateNode, None], completed: set[StateNode]) -> tuple[list[Call], bool]:
    """What entering a final node reports: done events of its ancestors, or the end of the machine."""
    calls: list[Call] = []
    parent = node.parent
    if parent is None:
        return [(_finish, node)], True
    if parent.type == "compound":
        calls.append((_raise_done, (parent, node)))
    ancestor = parent if parent.type == "parallel" else parent.parent
    last = ancestor or node
    while ancestor and ancestor.type == "parallel" and ancestor not in completed and _is_final(ancestor, active):
        completed.add(ancestor)
        calls.append((_raise_done, (ancestor, None)))
        last, ancestor = ancestor, ancestor.parent
    if ancestor is None:
        calls.append((_finish, last))
    return calls, ancestor is None


def _is_final(node: StateNode, active: dict[StateNode, None]) -> bool:
    if node.type == "compound":
        return any(child.type == "final" and child in active for child in node.children)
    if node.type == "parallel":
        return all(_is_final(child, active) for child in node.children)
    return node.type == "final"


def _output(node: StateNode | None, step: Step) -> Any:
    if node is None or node.output is None:
        return None
    resolve, params = node.output
    return resolve(step, params)


def _raise_done(step: Step, about: tuple[StateNode, StateNode | None]) -> None:
    completed, final = about
    step.queue.append({"type": f"xstate.done.state.{completed.id}", "output": _output(final, step)})


def _finish(step: Step, node: StateNode) -> None:
    """End the machine; its output sees the completion of `node` as the event."""
    step.status = "done"
    root = node.ancestors[-1] if node.ancestors else node
    if root.output is None:
        return
    event = step.event
    final = node if node.parent is not None else None
    step.event = {"type": f"xstate.done.state.{node.id}", "output": _output(final, step)}
    step.output = _output(root, step)
    step.event = event

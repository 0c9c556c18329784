"""The changed parts of a machine, and which steps of an orchestration go through them.

Up to the first such step the present machine does what was done, so that it tells itself which states a step has
entered and left. Where only a guard could tell, both ways count; but of an `always` only the ways that the present
machine has gone, and those without a guard that it would have gone then: it is asked for all the time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapter.definition_changes import DefinitionChange, definition_changes
from arvo.orchestration import ArvoMachine
from arvo.statechart import StateValue
from arvo.statechart.running import EntrySet, StateNode, Transition
from arvo_temporal.replay.commanding import commanding

_DONE = "xstate.done."


@dataclass(frozen=True, slots=True)
class _Step:
    """What one step of an orchestration went through: states, by their paths.

    Attributes:
        event: The type of the event.
        asked: The states that were asked for a transition.
        entered: Those that were entered.
        left: Those that were left.
        around: All of these, and those that stayed active.
    """

    event: str
    asked: frozenset[str]
    entered: frozenset[str]
    left: frozenset[str]
    around: frozenset[str]


class ChangedParts:
    """What has changed in a machine and can make it give other commands.

    Args:
        then: The definition of the machine that ran, in the form of `ArvoMachine.definition`.
        machine: The machine that runs now.
    """

    def __init__(self, then: Mapping[str, Any], machine: ArvoMachine) -> None:
        now = json.loads(machine.definition)
        self._changes = definition_changes(commanding(then), commanding(now))
        self._machine = machine.logic.compiled
        self._nodes = {_path(node): node for node in machine.logic.states()}
        self._raised = set(_raised(now))
        self._left_at_once_then = set(_left_at_once(then, ""))
        self._known: dict[tuple[str, str, str], tuple[DefinitionChange, ...]] = {}

    def on_the_way(
        self, before: StateValue | None, event_type: str, after: StateValue | None
    ) -> tuple[DefinitionChange, ...]:
        """Return the changed parts that a step went through.

        Args:
            before: The state value before it; None for the first step.
            event_type: The type of the event that it consumed.
            after: The state value after it; None if it came to none.
        """
        key = (json.dumps(before), event_type, json.dumps(after))
        found = self._known.get(key)
        if found is None:
            step = self._step(before, event_type, after)
            found = self._known[key] = tuple(change for change in self._changes if self._concerns(change, step))
        return found

    def _step(self, before: StateValue | None, event: str, after: StateValue | None) -> _Step:
        was, now = self._active(before), self._active(after)
        asked = set(self._asked(was, event))
        reached = self._reached(was, asked, event)
        passed = {node for node in reached - now if self._is_left_at_once(node, reached | was)}
        again = reached & now
        return _Step(
            event=event,
            asked=_paths(asked),
            entered=_paths((now - was) | passed | again),
            left=_paths((was - now) | passed | (again & was)),
            around=_paths(was | now | passed),
        )

    def _active(self, value: StateValue | None) -> set[StateNode]:
        return set(self._machine.configurations.of_value(value).nodes) if value is not None else set()

    def _asked(self, active: Iterable[StateNode], event: str) -> Iterator[StateNode]:
        """Yield the states that are asked for a transition: from each leaf upwards until one has it for sure."""
        for leaf in active:
            if leaf.is_leaf:
                for node in (leaf, *leaf.ancestors):
                    yield node
                    if any(transition.guard is None for transition in _candidates(node, event)):
                        break

    def _reached(self, was: set[StateNode], asked: set[StateNode], event: str) -> set[StateNode]:
        """Return the states that may have been entered, also those that were left again within the step."""
        reached: set[StateNode] = set()
        if not was:
            reached |= set(self._machine.initial_microstep.target.nodes)
        ahead = [way for node in asked for way in _candidates(node, event)]
        ahead += [way for node in was | reached for way in self._ways_out(node)]
        seen: set[Transition] = set()
        while ahead:
            way = ahead.pop()
            if way not in seen:
                seen.add(way)
                entered = EntrySet((way,), lambda _: None).nodes - reached
                reached |= entered
                ahead += [further for node in entered for further in self._ways_out(node)]
        return reached

    def _ways_out(self, node: StateNode) -> list[Transition]:
        """Return the transitions that a state can take within the step that enters it."""
        done = [way for event, ways in node.transitions.items() if event.startswith(_DONE) for way in ways]
        raised = [way for event in self._raised for way in _candidates(node, event)]
        return [*node.always, *done, *raised]

    def _is_left_at_once(self, node: StateNode, touched: set[StateNode]) -> bool:
        family = {node, *node.ancestors, *node.walk()}
        return any(self._ways_out(one) for one in family & touched)

    def _concerns(self, change: DefinitionChange, step: _Step) -> bool:
        kind, _, name = (change.part or "state").partition(" ")
        match kind:
            case "state":
                return change.state in step.around or self._is_region_of_one(change.state, step.around)
            case "on":
                return self._is_asked_for(change.state, name, step)
            case "after" if change.how == "changed":
                return change.state in step.asked and step.event.startswith(f"xstate.after.{name}.")
            case "after" | "entry" | "initial" | "type":
                return change.state in step.entered
            case "exit":
                return change.state in step.left
            case "always":
                was_left_at_once = change.state in step.around and change.state in self._left_at_once_then
                return change.state in step.left or was_left_at_once
            case "onDone":
                return any(path in step.around and self._ends(node, change.state) for path, node in self._nodes.items())
            case _:
                return change.state in step.around

    def _is_region_of_one(self, state: str, around: frozenset[str]) -> bool:
        parent = state.rpartition(".")[0]
        return parent in around and parent in self._nodes and self._nodes[parent].type == "parallel"

    def _is_asked_for(self, state: str, descriptor: str, step: _Step) -> bool:
        if state in step.around and (descriptor.startswith(_DONE) or any(_covers(descriptor, e) for e in self._raised)):
            return True
        has_exact = state in self._nodes and step.event in self._nodes[state].transitions
        return state in step.asked and (descriptor == step.event or (not has_exact and _covers(descriptor, step.event)))

    def _ends(self, node: StateNode, state: str) -> bool:
        return node.type == "final" and state in _paths(node.ancestors)


def _left_at_once(state: Mapping[str, Any], path: str) -> Iterator[str]:
    """Yield the paths of the states that an `always` without a guard leaves as soon as they are entered."""
    if any("guard" not in way for way in commanding(state).get("always", ())):
        yield path
    for name, child in (state.get("states") or {}).items():
        yield from _left_at_once(child, f"{path}.{name}" if path else name)


def _raised(value: Any) -> Iterator[str]:
    """Yield the types of the events that a machine raises for itself, as far as its definition tells."""
    if isinstance(value, Mapping):
        if value.get("type") == "xstate.raise":
            event = value["params"].get("event")
            if isinstance(event, Mapping):
                yield str(event.get("type"))
        for inner in value.values():
            yield from _raised(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _raised(inner)


def _candidates(node: StateNode, event: str) -> Sequence[Transition]:
    if event in node.transitions:
        return node.transitions[event]
    return [way for name, ways in node.transitions.items() if _covers(name, event) for way in ways]


def _covers(descriptor: str, event: str) -> bool:
    if descriptor.endswith(".*"):
        return f"{event}.".startswith(descriptor[:-1])
    return descriptor in ("*", event)


def _paths(nodes: Iterable[StateNode]) -> frozenset[str]:
    return frozenset(_path(node) for node in nodes)


def _path(node: StateNode) -> str:
    return ".".join(one.key for one in (*reversed(node.ancestors), node) if one.parent is not None)

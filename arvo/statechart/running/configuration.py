"""Configurations: the active nodes of a machine, with everything that follows from them alone.

They are the points of a graph whose edges are the compiled microsteps; each is made once, and keeps the edges that
leave it.

Order matters. During a macrostep the nodes are listed as they were entered; at rest they are listed as a
snapshot restores them from its value. The order decides about competing `always` transitions and about what
history records, so every macrostep starts from the resting order: a live snapshot and its restored copy
behave alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from arvo.statechart.errors import RestoreError
from arvo.statechart.running.cache import Cache
from arvo.statechart.running.calls import Call
from arvo.statechart.running.history import Records
from arvo.statechart.running.nodes import StateNode, Transition
from arvo.statechart.running.selection import Selection, eventless_chains, selection
from arvo.statechart.running.value import StateValue, complete, value_of


@dataclass(frozen=True, slots=True)
class Microstep:
    """A compiled microstep.

    Attributes:
        transitions: The transitions that it takes: those selected, without the ones in conflict with others.
        left: The states that are left, innermost first.
        entered: The states that are entered, outermost first.
        program: Calls to make, in order.
        records: What history states record on the way.
        target: The configuration afterwards.
        moved: Whether configuration or history changed.
        ends: Whether the machine is done afterwards.
    """

    transitions: tuple[Transition, ...]
    left: tuple[StateNode, ...]
    entered: tuple[StateNode, ...]
    program: tuple[Call, ...]
    records: Records
    target: Configuration
    moved: bool
    ends: bool


class Configuration:
    """Active nodes in list order, with caches of what depends on nothing else.

    Attributes:
        nodes: Active nodes in list order.
        microsteps: Compiled microsteps by transitions, and by history where it matters.
    """

    def __init__(self, configurations: Configurations, nodes: tuple[StateNode, ...]) -> None:
        self.configurations = configurations
        self.nodes = nodes
        self.microsteps: Cache[Any, Microstep] = Cache()
        self._selections: Cache[str, Selection] = Cache()

    @cached_property
    def value(self) -> StateValue:
        """The state value. Shared: copy it before it leaves the engine."""
        return value_of(self.configurations.root, self.nodes)

    @cached_property
    def resting(self) -> Configuration:
        """The same states listed as a restored snapshot lists them."""
        return self.configurations.of_value(self.value)

    @cached_property
    def tags(self) -> frozenset[str]:
        """Tags of all active nodes."""
        return frozenset(tag for node in self.nodes for tag in node.tags)

    @cached_property
    def eventless(self) -> tuple[tuple[Transition, ...], ...]:
        """Candidate `always` transitions of each active leaf, innermost first."""
        return eventless_chains(self.nodes)

    def selection(self, event_type: str) -> Selection:
        """Candidate transitions for an event type."""
        found = self._selections.get(event_type)
        if found is None:
            found = selection(self.configurations.root, self.value, event_type)
            self._selections.keep(event_type, found)
        return found


class Configurations:
    """The configurations of one machine, each made once; values are known by their text, which C makes fast."""

    def __init__(self, root: StateNode) -> None:
        self.root = root
        self._by_nodes: Cache[tuple[StateNode, ...], Configuration] = Cache()
        self._by_value: Cache[str, Configuration] = Cache()

    def of(self, nodes: Iterable[StateNode]) -> Configuration:
        """The configuration of nodes in this order."""
        key = tuple(nodes)
        return self._by_nodes.get(key) or self._by_nodes.keep(key, Configuration(self, key))

    def of_value(self, value: object) -> Configuration:
        """The configuration that a state value stands for; missing states are completed by initial ones.

        Raises:
            RestoreError: The value names a state that does not exist.
        """
        key = repr(value)
        found = self._by_value.get(key)
        if found is None:
            nodes = _nodes_of(self.root, value)
            found = self._by_value.keep(key, self.of(complete(nodes)))
        return found


def _nodes_of(node: StateNode, value: Any) -> list[StateNode]:
    """Nodes per level of the value: a node, its active children, then what is below each child."""
    if isinstance(value, str):
        return [node, _child(node, value)]
    if not isinstance(value, Mapping):
        raise RestoreError(f"{value!r} is no state value: write the key of a state, or an object of keys and values")
    children = [(_child(node, key), inner) for key, inner in value.items()]
    below = [found for child, inner in children for found in _nodes_of(child, inner)]
    return [node, *(child for child, _ in children), *below]


def _child(node: StateNode, key: str) -> StateNode:
    if key in node.states:
        return node.states[key]
    known = ", ".join(node.states) or "none"
    raise RestoreError(
        f"State {key!r} does not exist on {node.id!r} (its states: {known}): "
        "the snapshot belongs to another machine or version of it"
    )

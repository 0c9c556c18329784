"""The compiled definition: a tree of state nodes and their transitions, resolved once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from arvo.statechart.running.calls import Call, Compiled

NodeType: TypeAlias = Literal["atomic", "compound", "parallel", "final", "history"]


@dataclass(eq=False, slots=True)
class Transition:
    """A transition with everything resolved. Compared by identity: each one in the config is its own.

    Attributes:
        source: The node that declares it.
        event: Its event descriptor; empty for `always`.
        target: Target nodes; `None` if it has no target, which also marks a forbidden event.
        guard: Compiled guard, called with the step and `guard_params`.
        guard_name: How XState's error messages call the guard; empty for inline guards.
        actions: Compiled actions.
        path: Where in the config.
        config: The transition as written.
        alone: Only this transition, as a selection: what most events enable.
    """

    source: StateNode
    event: str
    target: tuple[StateNode, ...] | None = None
    reenter: bool = False
    guard: Compiled | None = None
    guard_params: Any = None
    guard_name: str = ""
    actions: tuple[Call, ...] = ()
    path: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)
    alone: tuple[Transition, ...] = ()

    def __post_init__(self) -> None:
        self.alone = (self,)

    def __repr__(self) -> str:
        targets = "" if self.target is None else " -> " + ", ".join(f"#{node.id}" for node in self.target)
        return f"<Transition #{self.source.id} on {self.event!r}{targets}>"


@dataclass(eq=False, slots=True)
class StateNode:
    """One state of the definition.

    Attributes:
        order: Document order: position in a walk over the config, parents first.
        transitions: Transitions per event descriptor, as written in the config.
        always: Eventless transitions.
        initial: Targets of the initial transition: one child of a compound state.
        default: Targets of a history state without a record; `None`: its parent's initial state.
        ancestors: Proper ancestors, parent first.
        path: Where in the config.
    """

    id: str
    key: str
    type: NodeType
    parent: StateNode | None
    order: int
    path: str
    config: Mapping[str, Any]
    states: dict[str, StateNode] = field(default_factory=dict)
    transitions: dict[str, list[Transition]] = field(default_factory=dict)
    always: list[Transition] = field(default_factory=list)
    entry: list[Call] = field(default_factory=list)
    exit: list[Call] = field(default_factory=list)
    initial: tuple[StateNode, ...] = ()
    initial_actions: tuple[Call, ...] = ()
    deep: bool = False
    default: tuple[StateNode, ...] | None = None
    output: Call | None = None
    tags: tuple[str, ...] = ()
    ancestors: tuple[StateNode, ...] = ()

    def __post_init__(self) -> None:
        if self.parent is not None:
            self.ancestors = (self.parent, *self.parent.ancestors)

    def __repr__(self) -> str:
        return f"<StateNode #{self.id} {self.type}>"

    @property
    def is_leaf(self) -> bool:
        """Whether it is atomic or final."""
        return self.type == "atomic" or self.type == "final"

    @property
    def children(self) -> list[StateNode]:
        """Child states, history states left out."""
        return [child for child in self.states.values() if child.type != "history"]

    @property
    def histories(self) -> list[StateNode]:
        """History states among its children."""
        return [child for child in self.states.values() if child.type == "history"]

    @property
    def default_targets(self) -> tuple[StateNode, ...]:
        """Where a history state without a record leads."""
        if self.default is not None:
            return self.default
        return self.parent.initial if self.parent else ()

    def walk(self) -> list[StateNode]:
        """This node and everything below it, in document order."""
        return [self, *(node for child in self.states.values() for node in child.walk())]

"""Which states a set of transitions leaves and enters (XState's computeExitSet, computeEntrySet and helpers).

`history` maps ids of history states to the nodes recorded for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from arvo.statechart.running.nodes import StateNode, Transition

Lookup: TypeAlias = Callable[[str], tuple[StateNode, ...] | None]
"""Asks for the record of a history state by its id."""


def is_descendant(node: StateNode, ancestor: StateNode | None) -> bool:
    """Whether `node` lies below `ancestor`; everything lies below `None`, which stands above the root."""
    return ancestor is None or ancestor in node.ancestors


def proper_ancestors(node: StateNode, until: StateNode | None) -> list[StateNode]:
    """Ancestors of `node`, parent first, up to and without `until`."""
    found: list[StateNode] = []
    if node is until:
        return found
    for ancestor in node.ancestors:
        if ancestor is until:
            break
        found.append(ancestor)
    return found


def effective_targets(targets: Iterable[StateNode], history: Lookup) -> list[StateNode]:
    """Targets with history states replaced by what they stand for, each once."""
    found: dict[StateNode, None] = {}
    for target in targets:
        if target.type != "history":
            found[target] = None
        elif (recorded := history(target.id)) is not None:
            found.update(dict.fromkeys(recorded))
        else:
            found.update(dict.fromkeys(effective_targets(target.default_targets, history)))
    return list(found)


def domain_of(transition: Transition, history: Lookup) -> StateNode | None:
    """The state inside which a transition happens; `None` stands above the root."""
    source = transition.source
    targets = effective_targets(transition.target or (), history)
    if not transition.reenter and all(node is source or source in node.ancestors for node in targets):
        return source
    head, *tail = [*targets, source]
    for ancestor in head.ancestors:
        if all(ancestor in node.ancestors for node in tail):
            return ancestor
    return None if transition.reenter else (source.ancestors[-1] if source.ancestors else source)


def exit_set(transition: Transition, nodes: Iterable[StateNode], history: Lookup) -> set[StateNode]:
    """The active nodes that a transition leaves."""
    if not transition.target:
        return set()
    domain = domain_of(transition, history)
    left = {node for node in nodes if is_descendant(node, domain)}
    if transition.reenter and domain is transition.source:
        left.add(domain)
    return left


def without_conflicts(
    transitions: Sequence[Transition], nodes: Sequence[StateNode], history: Lookup
) -> list[Transition]:
    """Drop transitions whose exit sets collide: a deeper source wins over an outer one, else the first wins."""
    if len(transitions) < 2:
        return list(transitions)
    kept: dict[Transition, set[StateNode]] = {}
    for transition in transitions:
        leaves = exit_set(transition, nodes, history)
        outer = []
        for other, other_leaves in kept.items():
            if leaves.isdisjoint(other_leaves):
                continue
            if other.source not in transition.source.ancestors:
                break
            outer.append(other)
        else:
            for other in outer:
                del kept[other]
            kept[transition] = leaves
    return list(kept)


class EntrySet:
    """The nodes that transitions enter, and which of them by default.

    Attributes:
        nodes: Nodes to enter, unordered.
        default: Nodes among them that also run the actions of their initial transition.
    """

    def __init__(self, transitions: Iterable[Transition], history: Lookup) -> None:
        self.nodes: set[StateNode] = set()
        self.default: set[StateNode] = set()
        self._history = history
        for transition in transitions:
            self._add_transition(transition)

    def in_document_order(self) -> list[StateNode]:
        """Nodes to enter, in the order in which their entry actions run."""
        return sorted(self.nodes, key=lambda node: node.order)

    def _add_transition(self, transition: Transition) -> None:
        source, targets = transition.source, transition.target or ()
        domain = domain_of(transition, self._history)
        for target in targets:
            stays = target is source and source is domain and not transition.reenter
            if target.type != "history" and not stays:
                self._enter(target)
            self._add_descendants(target)
        limit = None if source.parent is None and transition.reenter else domain
        for target in effective_targets(targets, self._history):
            ancestors = proper_ancestors(target, domain)
            if domain is not None and domain.type == "parallel":
                ancestors.append(domain)
            self._add_ancestors(ancestors, limit)

    def _enter(self, node: StateNode) -> None:
        self.nodes.add(node)
        self.default.add(node)

    def _add_descendants(self, node: StateNode) -> None:
        if node.type == "history":
            self._add_history(node)
        elif node.type == "compound":
            for initial in node.initial:
                if initial.type != "history":
                    self._enter(initial)
                self._add_descendants(initial)
                self._add_ancestors(proper_ancestors(initial, node))
        elif node.type == "parallel":
            for region in self._missing_regions(node):
                self._enter(region)
                self._add_descendants(region)

    def _add_history(self, node: StateNode) -> None:
        targets = self._history(node.id)
        if targets is None:
            targets = node.default_targets
            if targets and node.default is None and node.parent is not None:
                self.default.add(node.parent)
        for target in targets:
            self.nodes.add(target)
            self._add_descendants(target)
        for target in targets:
            self._add_ancestors(proper_ancestors(target, node.parent))

    def _add_ancestors(self, ancestors: Iterable[StateNode], limit: StateNode | None = None) -> None:
        for ancestor in ancestors:
            if is_descendant(ancestor, limit):
                self.nodes.add(ancestor)
            if ancestor.type == "parallel":
                for region in self._missing_regions(ancestor):
                    self.nodes.add(region)
                    self._add_descendants(region)

    def _missing_regions(self, parallel: StateNode) -> Iterable[StateNode]:
        for region in parallel.children:
            if not any(region in node.ancestors for node in self.nodes):
                yield region

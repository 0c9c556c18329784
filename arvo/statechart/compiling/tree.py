"""Build the tree of state nodes from a config; what they refer to is resolved afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from arvo.statechart.compiling.ids import assign_ids
from arvo.statechart.compiling.problems import ROOT_KEYS, STATE_KEYS, STUDIO_KEYS, Problems, at
from arvo.statechart.keys import items
from arvo.statechart.running import NodeType, StateNode

USELESS = {
    "history": ("on", "always", "after", "onDone", "entry", "exit", "initial", "states", "tags", "output"),
    "final": ("initial", "states"),
    "atomic": ("initial", "states"),
    "parallel": ("initial",),
}
"""What XState ignores in a state, by its type."""
CURES = {
    "history": "remove it: a history state is never active itself",
    "final": "remove it, or drop 'type': 'final'",
    "atomic": "remove it, or add 'states' and leave out the type",
    "parallel": "remove it: all regions are entered",
}


class TreeBuilder:
    """Builds the nodes of one definition."""

    def __init__(self, machine_id: str, problems: Problems) -> None:
        self.machine_id = machine_id
        self.problems = problems
        self.nodes: list[StateNode] = []

    def build(self, config: Mapping[str, Any]) -> StateNode:
        """Build the root and everything below it."""
        self.problems.keys({key: config[key] for key in config if key not in STUDIO_KEYS}, "", ROOT_KEYS)
        root = self._node(config, self.machine_id, None, "")
        assign_ids(self.machine_id, self.nodes, self.problems)
        return root

    def _node(self, config: Mapping[str, Any], key: str, parent: StateNode | None, path: str) -> StateNode:
        states = config.get("states")
        children = self.problems.mapping(states, at(path, "states"), "'states'") if states is not None else {}
        node = StateNode(
            id="",
            key=key,
            type=self._type(config, path, bool(children)),
            parent=parent,
            order=len(self.nodes),
            path=path,
            config=config,
            deep=config.get("history") == "deep",
            tags=self._tags(config.get("tags"), at(path, "tags")),
        )
        self.nodes.append(node)
        for name, child in items(children):
            where = at(at(path, "states"), name)
            inner = self.problems.mapping(child, where, f"state {name!r}")
            self.problems.keys(inner, where, STATE_KEYS)
            node.states[name] = self._node(inner, name, node, where)
        self._check(node)
        return node

    def _type(self, config: Mapping[str, Any], path: str, has_children: bool) -> NodeType:
        declared = config.get("type")
        natural: NodeType = "compound" if has_children else "history" if config.get("history") else "atomic"
        if not declared:
            return natural
        if declared in get_args(NodeType):
            known: NodeType = declared
            return known
        choice = ", ".join(repr(kind) for kind in get_args(NodeType))
        self.problems.add(at(path, "type"), f"{declared!r} is no type of state", f"write one of {choice}")
        return natural

    def _tags(self, tags: Any, path: str) -> tuple[str, ...]:
        found = [tags] if isinstance(tags, str) else tags or []
        if isinstance(found, list | tuple) and all(isinstance(tag, str) for tag in found):
            return tuple(found)
        self.problems.add(path, f"tags must be strings, not {tags!r}", 'write "tag" or ["tag", ...]')
        return ()

    def _check(self, node: StateNode) -> None:
        """Report what a state of this type cannot have, and what XState ignores in it."""
        config, path, kind = node.config, node.path, node.type
        if kind == "history":
            self._check_history(node)
        for key in USELESS.get(kind, ()):
            if config.get(key):
                self.problems.ignore(at(path, key), f"a state of type {kind} has no use for {key!r}", CURES[kind])
        if kind in ("atomic", "final") and config.get("onDone"):
            problem = f"a state of type {kind} has no use for 'onDone': nothing in it comes to an end"
            self.problems.doubt(at(path, "onDone"), problem, CURES[kind])
        if kind == "final" and _ends_machine(node):
            self._check_end(node)
        if kind != "history":
            for key in ("history", "target"):
                if config.get(key):
                    cure = "set 'type': 'history', or drop it"
                    self.problems.ignore(at(path, key), f"{key!r} belongs to history states only", cure)
        if config.get("output") is not None and kind != "final" and kind != "history" and node.parent:
            cure = "move it to a final state"
            self.problems.ignore(at(path, "output"), "only final states and the machine have an output", cure)

    def _check_end(self, node: StateNode) -> None:
        for key in ("on", "always", "after"):
            if node.config.get(key):
                problem = f"a state of type final that ends the machine has no use for {key!r}"
                self.problems.doubt(at(node.path, key), problem, f"{CURES['final']}: it is never left")

    def _check_history(self, node: StateNode) -> None:
        if node.config.get("history") not in (None, True, False, "shallow", "deep"):
            self.problems.add(
                at(node.path, "history"),
                f"{node.config['history']!r} is no kind of history",
                "write 'shallow' or 'deep'",
            )
        if node.parent is None:
            self.problems.add(
                node.path, "the root cannot be a history state", "put it into a compound or parallel state"
            )
        elif node.parent.type == "parallel" and not node.config.get("target"):
            self.problems.ignore(
                node.path,
                "history in a parallel state leads nowhere before the first visit",
                "give it a default 'target'",
            )


def _ends_machine(node: StateNode) -> bool:
    """Whether the machine is done as soon as a final state is entered: it is not inside another state."""
    return node.parent is None or (node.parent.type == "compound" and node.parent.parent is None)

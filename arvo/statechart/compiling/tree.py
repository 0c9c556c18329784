"""Build the tree of state nodes from a config; what they refer to is resolved afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from arvo.statechart.compiling.problems import ROOT_KEYS, STATE_KEYS, STUDIO_KEYS, Problems, at
from arvo.statechart.keys import items
from arvo.statechart.running import NodeType, StateNode

NEVER_ACTIVE = ("on", "always", "after", "onDone", "entry", "exit", "initial", "states", "tags", "output")
NEVER_LEFT = ("on", "always", "after", "onDone", "initial", "states")


class TreeBuilder:
    """Builds the nodes of one definition."""

    def __init__(self, machine_id: str, problems: Problems) -> None:
        self.machine_id = machine_id
        self.problems = problems
        self.nodes: list[StateNode] = []
        self._paths_by_id: dict[str, str] = {}

    def build(self, config: Mapping[str, Any]) -> StateNode:
        """Build the root and everything below it."""
        self.problems.keys({key: config[key] for key in config if key not in STUDIO_KEYS}, "", ROOT_KEYS)
        return self._node(config, self.machine_id, None, "", [])

    def _node(
        self, config: Mapping[str, Any], key: str, parent: StateNode | None, path: str, keys: list[str]
    ) -> StateNode:
        states = config.get("states")
        children = self.problems.mapping(states, at(path, "states"), "'states'") if states is not None else {}
        node = StateNode(
            id=self._id(config, path, keys),
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
            node.states[name] = self._node(inner, name, node, where, [*keys, name])
        self._check(node)
        return node

    def _id(self, config: Mapping[str, Any], path: str, keys: list[str]) -> str:
        node_id = ".".join([self.machine_id, *keys])
        if config.get("id"):
            node_id = self.problems.text(config["id"], at(path, "id"), "'id'") or node_id
        if node_id in self._paths_by_id:
            other = self._paths_by_id[node_id] or "the root"
            self.problems.add(
                at(path, "id") if "id" in config else path,
                f"id {node_id!r} is already that of {other}",
                "give one of them another 'id'",
            )
        self._paths_by_id.setdefault(node_id, path)
        return node_id

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
        """Report what a state of this type cannot have."""
        config, path, kind = node.config, node.path, node.type
        useless: tuple[str, ...] = ()
        if kind == "history":
            useless = NEVER_ACTIVE
            self._check_history(node)
        elif kind == "final":
            useless = NEVER_LEFT
        elif kind == "atomic":
            useless = ("initial", "states", "onDone")
        elif kind == "parallel":
            useless = ("initial",)
        for key in useless:
            if config.get(key):
                self.problems.warn(at(path, key), f"a state of type {kind} has no use for {key!r}", _cure(kind, key))
        if kind != "history":
            for key in ("history", "target"):
                if config.get(key):
                    cure = "set 'type': 'history', or drop it"
                    self.problems.warn(at(path, key), f"{key!r} belongs to history states only", cure)
        if config.get("output") is not None and kind != "final" and kind != "history" and node.parent:
            self.problems.warn(
                at(path, "output"), "only final states and the machine have an output", "move it to a final state"
            )

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
            self.problems.warn(
                node.path,
                "history in a parallel state leads nowhere before the first visit",
                "give it a default 'target'",
            )


def _cure(kind: str, key: str) -> str:
    if kind == "final":
        return "remove it, or drop 'type': 'final': a final state is never left"
    if kind == "history":
        return "remove it: a history state is never active itself"
    return "remove it, or add 'states'" if kind == "atomic" else "remove it: all regions are entered"

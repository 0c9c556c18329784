"""State values: what the outside sees of a configuration (XState's getStateValue and matchesState)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from arvo.statechart.keys import key_order, split_path
from arvo.statechart.running.nodes import StateNode

StateValue: TypeAlias = str | dict[str, Any]
"""`"idle"` for a leaf of a compound state, `{"child": value}` for what is nested or parallel."""


def value_of(root: StateNode, nodes: Iterable[StateNode]) -> StateValue:
    """The value of active nodes, keys in the order of the list; gaps are filled with initial states."""
    children = _children(complete(nodes))
    return _value(root, children)


def complete(nodes: Iterable[StateNode]) -> list[StateNode]:
    """The nodes with initial states where a compound or parallel node has no active child, and ancestors."""
    found = dict.fromkeys(nodes)
    children = _children(found)
    queue = list(found)
    for node in queue:
        missing: list[StateNode] = []
        if node.type == "compound" and not children.get(node):
            missing = initial_nodes(node)
        elif node.type == "parallel":
            missing = [below for child in node.children if child not in found for below in initial_nodes(child)]
        for new in missing:
            if new not in found:
                found[new] = None
                queue.append(new)
    for node in list(found):
        found.update(dict.fromkeys(ancestor for ancestor in node.ancestors if ancestor not in found))
    return list(found)


def initial_nodes(node: StateNode) -> list[StateNode]:
    """A node and the initial states below it."""
    found: dict[StateNode, None] = {node: None}
    below = node.initial if node.type == "compound" else node.children if node.type == "parallel" else ()
    for child in below:
        found.update(dict.fromkeys(initial_nodes(child)))
    return list(found)


def copied(value: StateValue) -> StateValue:
    """A value that its receiver may change."""
    if isinstance(value, str):
        return value
    return {key: inner if type(inner) is str else copied(inner) for key, inner in value.items()}


def matches(expected: object, value: object) -> bool:
    """Whether a value is in the expected state: a path such as `"a.b"`, or a partial value."""
    if isinstance(expected, str):
        return expected == value or _leads(split_path(expected), value)
    if not isinstance(expected, Mapping) or not isinstance(value, Mapping):
        return False
    return all(key in value and matches(inner, value[key]) for key, inner in expected.items())


def names_states(root: StateNode, expected: object) -> bool:
    """Whether a machine can ever match what is expected: each key is a state, in a value that such a state has."""
    if isinstance(expected, str):
        return _child(root, expected) is not None or _leads_to_a_state(root, split_path(expected))
    if not isinstance(expected, Mapping) or not _has_keys(root, expected):
        return False
    return all(names_states(root.states[key], inner) for key, inner in expected.items())


def _has_keys(node: StateNode, expected: Mapping[str, object]) -> bool:
    """Whether the value of a state can have these keys: a compound one has that of a child that is no leaf."""
    if node.type == "compound":
        inner = [child.key for child in node.children if child.children]
        return bool(inner) and (not expected or list(expected) in [[key] for key in inner])
    return all(_child(node, key) is not None for key in expected)


def _child(node: StateNode, key: str) -> StateNode | None:
    """The state within another one that has this key; what only remembers states is never active."""
    below = node.states.get(key)
    return below if below is not None and below.type != "history" else None


def _leads_to_a_state(node: StateNode, path: list[str]) -> bool:
    for length in range(1, len(path) + 1):
        below, rest = _child(node, ".".join(path[:length])), path[length:]
        if below is not None and (not rest or _leads_to_a_state(below, rest)):
            return True
    return False


def _leads(path: list[str], value: object) -> bool:
    """Whether a path of keys leads to something active; a key with dots may be as many parts of it."""
    if not isinstance(value, Mapping):
        return ".".join(path) == value
    for length in range(1, len(path) + 1):
        head, rest = ".".join(path[:length]), path[length:]
        if head in value and (not rest or _leads(rest, value[head])):
            return True
    return False


def _children(nodes: Iterable[StateNode]) -> dict[StateNode, list[StateNode]]:
    children: dict[StateNode, list[StateNode]] = {}
    for node in nodes:
        if node.parent is not None:
            children.setdefault(node.parent, []).append(node)
    return children


def _value(node: StateNode, children: dict[StateNode, list[StateNode]]) -> StateValue:
    active = children.get(node, [])
    if node.type == "compound" and active and active[0].is_leaf:
        return active[0].key
    values = {child.key: _value(child, children) for child in active}
    return {key: values[key] for key in key_order(values)}

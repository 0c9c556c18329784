"""Find state nodes by id and by path (XState's resolveTarget, getStateNodeById, getStateNodeByPath).

| target  | means                                                        |
|---------|--------------------------------------------------------------|
| `a.b`   | the sibling `a` and its child `b`                            |
| `.a.b`  | the own child `a` and its child `b`                          |
| `#id.a` | the state with that id, wherever it is, and its child `a`    |

An id is looked up up to its first dot, so an id that contains a dot cannot be found.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from arvo.statechart.errors import ReferenceProblem
from arvo.statechart.keys import split_path
from arvo.statechart.running import StateNode


class Targets:
    """The ids of one machine."""

    def __init__(self, nodes: Iterable[StateNode]) -> None:
        self.ids = {node.id: node for node in nodes}
        self._machine_id = next(iter(self.ids))

    def resolve(self, source: StateNode, target: str) -> StateNode:
        """The node that a transition of `source` names.

        Raises:
            ReferenceProblem: There is none.
        """
        if target.startswith("#"):
            return self.by_id(target)
        if target.startswith("."):
            return self.by_path(source, target[1:])
        if source.parent is None:
            raise ReferenceProblem(
                f'Invalid target: "{target}" is not a valid target from the root node',
                f'write ".{target}" for a child of the root',
            )
        return self.by_path(source.parent, target)

    def by_id(self, reference: str) -> StateNode:
        """The node of `#id` or `#id.path.below.it`; the `#` may be missing."""
        head, *path = split_path(reference)
        head = head.removeprefix("#")
        if head not in self.ids:
            raise ReferenceProblem(
                f"Child state node '#{head}' does not exist on machine '{self._machine_id}'",
                self._other_id(reference.removeprefix("#"), head),
            )
        return self._walk(self.ids[head], path)

    def by_path(self, node: StateNode, path: str) -> StateNode:
        """The node at a path of keys below `node`."""
        return self.by_id(path) if path.startswith("#") else self._walk(node, split_path(path))

    def find(self, state_id: str) -> StateNode | None:
        """The node with an id, as restoring a snapshot finds it, or `None`."""
        try:
            return self.by_id(state_id)
        except ReferenceProblem:
            return None

    def _walk(self, node: StateNode, path: Iterable[str]) -> StateNode:
        for key in path:
            if not key:
                break
            if key not in node.states:
                raise ReferenceProblem(
                    f"Child state '{key}' does not exist on '{node.id}'", self._other_child(node, key)
                )
            node = node.states[key]
        return node

    def _other_child(self, node: StateNode, key: str) -> str:
        near = get_close_matches(key, node.states, 1)
        if near:
            return f"write {near[0]!r}"
        elsewhere = [f"#{other.id}" for other in self.ids.values() if other.key == key and other.parent]
        if elsewhere:
            return f"write {elsewhere[0]!r} to reach the state {key!r} from here"
        known = ", ".join(node.states) or "none"
        return f"name one of its states: {known}"

    def _other_id(self, whole: str, head: str) -> str:
        if whole in self.ids:
            return f"give the state an id without dots: {whole!r} is only looked up to its first dot"
        near = get_close_matches(head, self.ids, 1)
        return f"write '#{near[0]}'" if near else f'give the state you mean an "id": {head!r}'

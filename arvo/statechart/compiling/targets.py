r"""Find state nodes by id and by path (XState's resolveTarget, getStateNodeById, getStateNodeByPath).

| target  | means                                                        |
|---------|--------------------------------------------------------------|
| `a.b`   | the sibling `a` and its child `b`                            |
| `.a.b`  | the own child `a` and its child `b`                          |
| `#id.a` | the state with that id, wherever it is, and its child `a`    |

A dot inside a key or an id is written `\.`. XState takes what stands before the first dot for the id; where that leads
nowhere, longer ids are looked up, so that an id with dots is found as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from difflib import get_close_matches

from arvo.statechart.errors import ReferenceProblem
from arvo.statechart.keys import escaped, split_path
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
        segments = split_path(reference.removeprefix("#"))
        try:
            return self._below(segments, 1)
        except ReferenceProblem:
            for length in range(len(segments), 1, -1):
                with suppress(ReferenceProblem):
                    return self._below(segments, length)
            raise

    def by_path(self, node: StateNode, path: str) -> StateNode:
        """The node at a path of keys below `node`."""
        return self.by_id(path) if path.startswith("#") else self._walk(node, split_path(path))

    def find(self, state_id: str) -> StateNode | None:
        """The node with an id, as restoring a snapshot finds it, or `None`."""
        try:
            return self.ids.get(state_id) or self.by_id(state_id)
        except ReferenceProblem:
            return None

    def _below(self, segments: Sequence[str], length: int) -> StateNode:
        """The node below the one whose id is made of the first segments."""
        head = ".".join(segments[:length])
        if head not in self.ids:
            raise ReferenceProblem(
                f"Child state node '#{head}' does not exist on machine '{self._machine_id}'", self._other_id(head)
            )
        return self._walk(self.ids[head], segments[length:])

    def _walk(self, node: StateNode, path: Sequence[str]) -> StateNode:
        for index, key in enumerate(path):
            if not key:
                break
            if key not in node.states:
                raise ReferenceProblem(
                    f"Child state '{key}' does not exist on '{node.id}'", self._other_child(node, key, path[index:])
                )
            node = node.states[key]
        return node

    def _other_child(self, node: StateNode, key: str, path: Sequence[str]) -> str:
        dotted = [one for one in node.states if "." in one and f"{'.'.join(path)}.".startswith(f"{one}.")]
        if dotted:
            return f"write {escaped(dotted[0])!r}: the dot belongs to the key"
        near = get_close_matches(key, node.states, 1)
        if near:
            return f"write {near[0]!r}"
        elsewhere = [f"#{other.id}" for other in self.ids.values() if other.key == key and other.parent]
        if elsewhere:
            return f"write {elsewhere[0]!r} to reach the state {key!r} from here"
        known = ", ".join(node.states) or "none"
        return f"name one of its states: {known}"

    def _other_id(self, head: str) -> str:
        near = get_close_matches(head, self.ids, 1)
        return f"write '#{near[0]}'" if near else f'give the state you mean an "id": {head!r}'

"""Give state nodes their ids: XState's, and others where XState's would not tell two states apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from arvo.statechart.compiling.problems import Problems, at
from arvo.statechart.keys import escaped
from arvo.statechart.running import StateNode


def assign_ids(machine_id: str, nodes: Sequence[StateNode], problems: Problems) -> None:
    """Set each node's id: its own, or that of the machine with the keys down to the node, joined by dots.

    Two states can have equal ids of the second kind if keys contain dots. A snapshot could not tell which of them
    history has recorded, so those with such keys have them escaped, as targets do. Equal ids are a problem else.
    """
    keys = {node: [one.key for one in reversed(node.ancestors[:-1])] + [node.key] for node in nodes if node.parent}
    plain = Counter(_joined(machine_id, keys[node]) for node in keys if not node.config.get("id"))
    paths: dict[str, str] = {}
    for node in nodes:
        natural = _joined(machine_id, keys.get(node, ()))
        if plain[natural] > 1 and any("." in key for key in keys.get(node, ())):
            natural = _joined(machine_id, map(escaped, keys[node]))
        node.id = _own(node, problems) or natural
        if node.id in paths:
            other = paths[node.id] or "the root"
            where = at(node.path, "id") if "id" in node.config else node.path
            problems.add(where, f"id {node.id!r} is already that of {other}", "give one of them another 'id'")
        paths.setdefault(node.id, node.path)


def _joined(machine_id: str, keys: Iterable[str]) -> str:
    return ".".join([machine_id, *keys])


def _own(node: StateNode, problems: Problems) -> str | None:
    given = node.config.get("id")
    return problems.text(given, at(node.path, "id"), "'id'") if given else None

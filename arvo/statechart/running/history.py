"""What history states remember: an immutable record, made once per content."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from arvo.statechart.errors import RestoreError
from arvo.statechart.running.cache import Cache
from arvo.statechart.running.nodes import StateNode

Records: TypeAlias = tuple[tuple[str, tuple[StateNode, ...]], ...]
"""What history states record: their ids, each with the nodes."""


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """What the history states of a configuration's past have recorded; compared and hashed by identity, for speed.

    Attributes:
        records: The recorded nodes by the id of the history state; never changed.
    """

    records: Mapping[str, tuple[StateNode, ...]]

    def to_json(self) -> dict[str, list[dict[str, str]]]:
        """XState's persisted form: a list of `{"id": ...}` per history state."""
        return {key: [{"id": node.id} for node in nodes] for key, nodes in self.records.items()}


class Histories:
    """The histories of one machine.

    Args:
        find: Finds a node by its id, as restoring a snapshot does; `None` if there is none.
    """

    def __init__(self, find: Callable[[str], StateNode | None]) -> None:
        self._find_node = find
        self._known: Cache[frozenset[tuple[str, tuple[StateNode, ...]]], History] = Cache()
        self._restored: Cache[str, History] = Cache()
        self.empty = self._of({})

    def record(self, history: History, records: Records) -> History:
        """The history with new records. An empty one, of a parallel state without regions, would not be restored."""
        return self._of({key: nodes for key, nodes in {**history.records, **dict(records)}.items() if nodes})

    def restore(self, data: Any) -> History:
        """Read the persisted form. Ids that no longer exist are dropped, as XState drops them."""
        key = repr(data)
        known = self._restored.get(key)
        if known is not None:
            return known
        found = self._find(self._ids(data))
        return self._restored.keep(key, found) if found.to_json() == data else found

    def _ids(self, data: Any) -> dict[str, list[str]]:
        try:
            return {str(key): [item["id"] for item in items] for key, items in data.items()}
        except (AttributeError, KeyError, TypeError):
            raise RestoreError('historyValue must look like {"<history id>": [{"id": "<state id>"}]}') from None

    def _find(self, ids: Mapping[str, Iterable[str]]) -> History:
        found = {key: tuple(filter(None, map(self._find_node, names))) for key, names in ids.items()}
        return self._of({key: nodes for key, nodes in found.items() if nodes})

    def _of(self, records: dict[str, tuple[StateNode, ...]]) -> History:
        key = frozenset(records.items())
        known = self._known.get(key)
        return self._known.keep(key, History(records)) if known is None else known

"""The active states of an orchestration as it tells of them, bounded: authors may write as much as they like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from adapter.plain_text import shortened
from adapter.view import StateView
from arvo.statechart.inspecting import state_name
from arvo.statechart.running import StateNode

_CHARACTERS = 40_000
"""Of all states together: an answer to a query has 2 MB at most, and JSON escapes a character with up to 12 bytes."""
_TEXT = 300
_TAGS = 20
_DEPTH = 100


class StateViews:
    """Makes the views of active states, the outer ones first, until there is no room for more.

    Args:
        since: When each active state was entered, by its path, in seconds since the epoch.
    """

    def __init__(self, since: Mapping[str, float]) -> None:
        self._since = since
        self._room = _CHARACTERS

    def within(self, node: StateNode, value: Any, depth: int = 1) -> tuple[StateView, ...]:
        """Return the active states in one, by its part of the state value."""
        return tuple(self._each(node, value, depth))

    def _each(self, node: StateNode, value: Any, depth: int) -> Iterator[StateView]:
        inner: Mapping[str, Any] = (
            value if isinstance(value, Mapping) else {value: None} if isinstance(value, str) else {}
        )
        for child in node.states.values():  # the keys of a value that was carried are in another order
            if child.key in inner and depth <= _DEPTH and self._room > 0:
                yield self._view(child, inner[child.key], depth)

    def _view(self, node: StateNode, value: Any, depth: int) -> StateView:
        path, said = state_name(node), node.config.get("description")
        told = StateView(
            path=shortened(path, _TEXT),
            key=shortened(node.key, _TEXT),
            description=shortened(said, _TEXT) if isinstance(said, str) else None,
            tags=tuple(shortened(tag, _TEXT) for tag in node.tags[:_TAGS]),
            parallel=node.type == "parallel",
            since=iso_time(self._since.get(path)),
        )
        self._room -= len(told.path) + len(told.key) + len(told.description or "") + sum(map(len, told.tags))
        return told.model_copy(update={"states": self.within(node, value, depth + 1)})


def iso_time(time: float | None) -> str | None:
    """Return a time of seconds since the epoch in ISO 8601, in UTC."""
    return None if time is None else datetime.fromtimestamp(time, UTC).isoformat()

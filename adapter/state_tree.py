"""The active states of an orchestration as a small tree, for a page or a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from adapter.plain_text import plain_text
from adapter.view import StateView


def state_tree(states: Sequence[StateView], said: Callable[[str], str]) -> list[str]:
    """Return the active states as lines of plain text; the regions of a parallel one are its branches.

    Args:
        states: The states.
        said: Says in words since when one is active, which it is given in ISO 8601.
    """
    return [line for state in states for line in _drawn(state, "", "", said)]


def _drawn(state: StateView, first: str, rest: str, said: Callable[[str], str]) -> Iterator[str]:
    tags = f" [{', '.join(state.tags)}]" if state.tags else ""
    description = f"  {' '.join(state.description.split())}" if state.description else ""
    since = f", {said(state.since)}" if state.since else ""
    yield plain_text(f"{first}{state.key}{tags}{description}{since}")
    for number, child in enumerate(state.states, 1):
        last = number == len(state.states)
        yield from _drawn(child, f"{rest}{'└─ ' if last else '├─ '}", f"{rest}{'   ' if last else '│  '}", said)

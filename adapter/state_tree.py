"""The active states of an orchestration as a small tree, for a page or a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from textwrap import wrap

from adapter.plain_text import plain_text
from adapter.view import StateView

_WIDTH = 64
"""Characters of a line: the page of a workflow shows no longer ones as a whole, nor does a terminal of 80 columns."""
_MOST_LINES = 3


def state_tree(states: Sequence[StateView], said: Callable[[str], str]) -> list[str]:
    """Return the active states as lines of plain text; the regions of a parallel one are its branches.

    Args:
        states: The states.
        said: Says in words since when one is active, which it is given in ISO 8601.
    """
    return [line for state in states for line in _drawn(state, "", "", said)]


def _drawn(state: StateView, first: str, rest: str, said: Callable[[str], str]) -> Iterator[str]:
    trunk = f"{rest}{'│  ' if state.states else '   '}"
    room = max(20, _WIDTH - len(trunk))
    heading, *below = _heading(state, said, room)
    yield f"{first}{heading}"
    described = plain_text(" ".join((state.description or "").split()))
    for line in (*below, *wrap(described, room, max_lines=_MOST_LINES, placeholder=" …")):
        yield f"{trunk}{line}"
    for number, child in enumerate(state.states, 1):
        last = number == len(state.states)
        yield from _drawn(child, f"{rest}{'└─ ' if last else '├─ '}", f"{rest}{'   ' if last else '│  '}", said)


def _heading(state: StateView, said: Callable[[str], str], room: int) -> list[str]:
    """Return what a state is and since when, in one line if it fits; a key stays whole, since people look for it."""
    tags = f" [{', '.join(state.tags)}]" if state.tags else ""
    named = plain_text(f"{state.key}{tags}")
    since = said(state.since) if state.since else ""
    heading = f"{named}, {since}" if since else named
    if len(heading) <= room:
        return [heading]
    lines = wrap(named, room, break_long_words=False, break_on_hyphens=False) or [named]
    return [*lines, since] if since else lines

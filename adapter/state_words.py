"""Where an orchestration stands, in a few words: the value of its machine's state."""

from __future__ import annotations

from typing import Any

from adapter.plain_text import shortened
from arvo.statechart.inspecting import active_leaves

_MOST = 500
_BETWEEN = ", "


def state_words(value: Any) -> str | None:
    """Return a state value as its active leaves: `paying`, or `payment.pending, stock.reserved`; None for none.

    They are in the order of the alphabet, as that of a value's keys is lost on its way to the next run.
    """
    if value is None:
        return None
    return shortened(value if isinstance(value, str) else _BETWEEN.join(sorted(active_leaves(value))), _MOST)


def moved_words(before: str | None, after: str | None) -> str:
    """Return from where to where a step has led, in words: of several regions those alone that have moved.

    Args:
        before: The active leaves before it, as `state_words` has them; None for none.
        after: Those after it.
    """
    if after is None:
        return ""
    if before is None or before == after:
        return f"in {after}"
    old, new = before.split(_BETWEEN), after.split(_BETWEEN)
    left = [leaf for leaf in old if leaf not in new]
    entered = [leaf for leaf in new if leaf not in old]
    if not left or not entered:
        return f"{before} → {after}"
    return f"{_BETWEEN.join(left)} → {_BETWEEN.join(entered)}"

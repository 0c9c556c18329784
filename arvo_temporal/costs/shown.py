"""How often the state of an orchestration is changed among its search attributes, where its app asks for that.

What several steps change in one workflow task is one change, and what is over when the orchestration is closed is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from adapter.app import ArvoApp
from adapter.search_attributes import active_states
from arvo.statechart.inspecting import Way

States = frozenset[str]
_NONE: States = frozenset()


def shows_state(app: ArvoApp) -> bool:
    """Tell whether the state of orchestrations is among their search attributes."""
    return "state" in app.search_attributes


def states_of(way: Way) -> States:
    """Return the active states where a way leads, as a search attribute has them."""
    return frozenset(active_states(way.place.configuration.value))


def changes_of_path(path: Sequence[Way], waits: Sequence[bool]) -> tuple[int, int]:
    """Return the least and the most that a path changes.

    Args:
        path: The ways from the start to the end.
        waits: Of each way but the first, whether its event can only come in a later workflow task than the way before.
    """
    rested = [states_of(way) for way in path[:-1]]
    return _changes([_NONE, *_waited(rested, waits)]), _changes([_NONE, *rested])


def changes_of_turn(turn: Sequence[Way], waits: Sequence[bool]) -> tuple[int, int]:
    """Return the least and the most that a turn changes.

    Args:
        turn: The ways of a turn; the last one leads to where the first one begins.
        waits: Of each way, as `changes_of_path` takes it.
    """
    led = [states_of(way) for way in turn]
    waited = _waited([led[-1], *led[:-1]], waits)
    # What comes before and after a turn may have the same states as its ends.
    least = _changes(waited) - int(bool(waited) and waited[0] != waited[-1])
    return least, _changes([led[-1], *led])


def _waited(rested: Iterable[States], waits: Iterable[bool]) -> list[States]:
    return [states for states, wait in zip(rested, waits, strict=True) if wait]


def _changes(shown: Sequence[States]) -> int:
    return sum(before != after for before, after in pairwise(shown))

"""What is still on its way when a machine is done: how much more, or less, that makes of its costs."""

from __future__ import annotations

from collections import Counter

from arvo_temporal.costs.routes import Leaving
from arvo_temporal.costs.tally import Tally

Sent = Counter[tuple[str, Leaving]]
"""How many events of a type have left in a way."""


def least_at_the_end(before: Sent, last: Sent) -> Tally:
    """Return what the end adds at least to what was counted; less where something may not have begun, or not ended.

    Args:
        before: What may be open, of what was sent before the last step.
        last: What the last step sends.
    """
    earlier, now = _by_way(before), _by_way(last)
    held, handed = now[Leaving.ACTIVITY] + now[Leaving.CHILD], now[Leaving.OUTWARD]
    # Behind the result of a local activity a mark may have no place.
    is_marked = bool(held or handed) and not (now[Leaving.LOCAL] or earlier[Leaving.LOCAL])
    return Tally(
        activities=-earlier[Leaving.ACTIVITY] - now[Leaving.ACTIVITY],
        children=-earlier[Leaving.CHILD] - now[Leaving.CHILD],
        unfinished=earlier[Leaving.OUTWARD] + handed,
        marks=int(is_marked),
        timers=int(handed > 0),
        outboxes=int(held > 0),
        ordered=int(handed > 0) + int(held > 0),
    )


def most_at_the_end(before: Sent, last: Sent) -> Tally:
    """Return what the end adds at most; see `least_at_the_end`. What the last step asks goes to an outbox."""
    earlier, now = _by_way(before), _by_way(last)
    waited = earlier[Leaving.ACTIVITY] + earlier[Leaving.OUTWARD] + now[Leaving.OUTWARD]
    children = earlier[Leaving.CHILD] + now[Leaving.CHILD]
    left = waited + children + now[Leaving.ACTIVITY]
    return Tally(
        activities=-now[Leaving.ACTIVITY],
        children=-now[Leaving.CHILD],
        marks=int(left + earlier[Leaving.LOCAL] + now[Leaving.LOCAL] > 0),
        timers=int(waited > 0),
        fired=int(waited > 0),
        outboxes=int(left > 0),
    )


def _by_way(sent: Sent) -> Counter[Leaving]:
    found: Counter[Leaving] = Counter()
    for (_, how), count in sent.items():
        found[how] += count
    return found

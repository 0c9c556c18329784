"""What is still on its way when a machine is done: how much more, or less, that makes of its costs."""

from __future__ import annotations

from collections import Counter

from adapter.app import ArvoApp
from arvo_temporal.costs.routes import Leaving, published
from arvo_temporal.costs.tally import Tally

Sent = Counter[tuple[str, Leaving]]
"""How many events of a type have left in a way."""


def least_at_the_end(before: Sent, last: Sent) -> Tally:
    """Return what the end adds at least to what was counted; less where something may not have begun, or not ended.

    Args:
        before: What may be open, of what was sent before the last step.
        last: What the last step sends.
    """
    earlier, now = by_kind(before), by_kind(last)
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


def most_at_the_end(before: Sent, last: Sent, told: Sent) -> Tally:
    """Return what the end adds at most. What the last step asks goes to an outbox.

    Args:
        before: See `least_at_the_end`.
        last: Likewise.
        told: The completion, as `completion` returns it.
    """
    earlier, now = by_kind(before), by_kind(last + told)
    waited = earlier[Leaving.ACTIVITY] + earlier[Leaving.OUTWARD] + now[Leaving.OUTWARD]
    children = earlier[Leaving.CHILD] + now[Leaving.CHILD]
    left = waited + children + now[Leaving.ACTIVITY]
    return leaving(told) + Tally(
        activities=-now[Leaving.ACTIVITY],
        children=-now[Leaving.CHILD],
        marks=int(left + earlier[Leaving.LOCAL] + now[Leaving.LOCAL] > 0),
        timers=int(waited > 0),
        fired=int(waited > 0),
        outboxes=int(left > 0),
    )


def completion(app: ArvoApp, source: str) -> Sent:
    """Return how the completion of an orchestrator leaves where no parent reads it."""
    how = published(app, None)
    return Counter() if how is Leaving.NOWHERE else Counter({(source, how): 1})


def leaving(sent: Sent) -> Tally:
    """Return what it costs that events leave."""
    kinds = by_kind(sent)
    return Tally(
        activities=kinds[Leaving.ACTIVITY] + kinds[Leaving.OUTWARD],
        locals=kinds[Leaving.LOCAL],
        children=kinds[Leaving.CHILD],
    )


def by_kind(sent: Sent) -> Counter[Leaving]:
    """Return how many events leave in each way."""
    found: Counter[Leaving] = Counter()
    for (_, how), count in sent.items():
        found[how] += count
    return found

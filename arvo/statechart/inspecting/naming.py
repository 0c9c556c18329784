"""What states and state values are called: in pictures, lists, search attributes, names of tests, and errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from arvo.statechart.running import StateNode


def state_name(node: StateNode) -> str:
    """The keys of a state from the root down, such as `payment.pending`; the root's id for the root."""
    if node.parent is None:
        return node.id
    return ".".join(one.key for one in (*reversed(node.ancestors[:-1]), node))


def value_words(value: Any) -> str:
    """A state value, as people say it: `approving`, or `securing.stock.settled, securing.payment.authorizing`."""
    return ", ".join(active_leaves(value)) or "nowhere"


def active_leaves(value: Any) -> Iterator[str]:
    """The names of the innermost active states of a state value, in its order; none for None."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if inner:
                yield from (f"{key}.{leaf}" for leaf in active_leaves(inner))
            else:
                yield str(key)
    elif value is not None:
        yield str(value)


def active_names(value: Any) -> Iterator[str]:
    """The names of all active states of a state value, each before those within it; none for None."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key)
            yield from (f"{key}.{name}" for name in active_names(inner))
    elif value is not None:
        yield str(value)

"""Texts of a definition that UTF-8 cannot carry: snapshots and records with them could not be written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from arvo.statechart.compiling.problems import at

PROBLEM = "it holds half of a surrogate pair, which UTF-8 cannot carry"
CURE = "write complete characters"


def broken_texts(config: Mapping[Any, Any]) -> Iterator[str]:
    """Yield the paths of the keys and texts that hold half of a surrogate pair.

    Args:
        config: A definition, which may hold anything, itself included.
    """
    waiting: list[tuple[str, Any]] = [("", config)]
    seen: set[int] = set()
    while waiting:
        path, member = waiting.pop()
        if isinstance(member, str) and _is_broken(member):
            yield path
        elif isinstance(member, Mapping | list | tuple) and id(member) not in seen:
            seen.add(id(member))
            inner = list(member.items() if isinstance(member, Mapping) else enumerate(member))
            yield from (at(path, key) for key, _ in inner if isinstance(key, str) and _is_broken(key))
            waiting.extend((at(path, key), value) for key, value in reversed(inner))


def _is_broken(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False

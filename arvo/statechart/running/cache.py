"""A bounded cache."""

from __future__ import annotations

from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")

LIMIT = 4096


class Cache(dict[K, V]):
    """A dict that starts over when it is full, so that nothing from outside can make it grow without end."""

    __slots__ = ()

    def keep(self, key: K, value: V) -> V:
        """Remember a value and return it."""
        if len(self) >= LIMIT:
            self.clear()
        self[key] = value
        return value

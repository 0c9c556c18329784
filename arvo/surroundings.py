"""Where ids and time come from: the one place of this package that reads a clock and draws random numbers.

All other code asks the current surroundings. By default these are random UUIDs and the wall clock; a caller that has
to repeat itself exactly, such as a replayed workflow, supplies its own with `use`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from itertools import count
from os import urandom
from typing import NamedTuple

__all__ = [
    "current",
    "deterministic_ids",
    "patched",
    "Surroundings",
    "untraced",
    "use",
]

_VARIANTS = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}
_NAMESPACE = bytes.fromhex("3f0d9c527a5e5b0e9a439d2f6b1f7c11")


def _wall_clock() -> datetime:
    return datetime.now(UTC)


def _newest(change: str) -> bool:
    return True


def _random_id() -> str:
    return _format_uuid(urandom(16).hex(), "4")


def _format_uuid(digits: str, version: str) -> str:
    # several times faster than uuid.UUID, and every event has one
    variant = _VARIANTS[digits[16]]
    return f"{digits[:8]}-{digits[8:12]}-{version}{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"


class Surroundings(NamedTuple):
    """A source of ids and a source of time, which code runs, and whether what happens is traced.

    Attributes:
        new_id: Returns a fresh id, as UUID text.
        now: Returns the present moment, aware and in UTC.
        tracing: Whether spans are opened where a tracer provider is installed.
        patched: Tells whether a change of the code, by its name, is in force.
    """

    new_id: Callable[[], str] = _random_id
    now: Callable[[], datetime] = _wall_clock
    tracing: bool = True
    patched: Callable[[str], bool] = _newest


_ORDINARY = Surroundings()
_current: ContextVar[Surroundings] = ContextVar("arvo_surroundings", default=_ORDINARY)


def current() -> Surroundings:
    """Return the surroundings of the running code."""
    return _current.get()


class use(AbstractContextManager[Surroundings]):
    """Let code inside the `with` block take its ids and its time from `surroundings`."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings

    def __enter__(self) -> Surroundings:
        self._token = _current.set(self._surroundings)
        return self._surroundings

    def __exit__(self, *raised: object) -> None:
        # A coroutine that is thrown away, as of a workflow whose worker stops, is closed in another context than it has
        # run in: there nothing is to be set back.
        with suppress(ValueError):
            _current.reset(self._token)


def untraced() -> AbstractContextManager[Surroundings]:
    """Let code inside the `with` block open no spans: for a rehearsal, which is nobody's work."""
    here = current()
    return use(Surroundings(here.new_id, here.now, tracing=False, patched=here.patched))


def patched(change: str) -> bool:
    """Tell whether a change of a machine's code is in force for the orchestration that runs it.

    A guard, an action or an expression that branches on it keeps to the old way where a running orchestration has gone
    it before, and goes the new one everywhere else: always, unless a workflow replays its history.

    Args:
        change: A name for the change, used for no other one: `2026-05-hostels`.
    """
    return current().patched(change)


def deterministic_ids(*seed: str) -> Callable[[], str]:
    """Return a source of ids that repeats itself: the same seed gives the same ids in the same order.

    Args:
        *seed: Texts that together name what the ids are for, such as a subject and the id of an event.

    Returns:
        A function whose n-th call returns the UUIDv5 of the seed and n.
    """
    encoded = (part.encode("utf-8", "surrogatepass") for part in seed)
    state = _NAMESPACE + b"".join([b"%d:%b" % (len(part), part) for part in encoded])
    positions = count()

    def new_id() -> str:
        position = hashlib.sha1(b"%b#%d" % (state, next(positions)), usedforsecurity=False)
        return _format_uuid(position.hexdigest(), "5")

    return new_id

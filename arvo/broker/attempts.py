"""Calls of what may fail: one that does is told of, and keeps no other from being made."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from traceback import format_exception
from typing import TypeAlias

from arvo.events import ArvoEvent

Call: TypeAlias = Callable[[], Awaitable[None] | None]
OnError: TypeAlias = Callable[[Exception, ArvoEvent], Awaitable[None] | None]

_MENTIONED = 10


class Attempts:
    """Calls handlers, subscribers, publishers and hooks, and keeps what they raise.

    Args:
        on_error: Told what a call raised, and for which event; unset, it is kept.
    """

    def __init__(self, on_error: OnError | None) -> None:
        self._on_error = on_error
        self._raised: list[Exception] = []

    async def make(self, call: Call, event: ArvoEvent) -> None:
        """Call somebody; whatever that raises is told or kept."""
        try:
            await _settled(call())
        except Exception as error:
            if self._on_error is None:
                self._raised.append(error)
            else:
                await self._tell(self._on_error, error, event)

    async def during(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do some work that makes calls, then raise what was kept of them.

        Raises:
            Exception: The first of what was kept.
            BaseException: What the work itself raised. Either has the rest of what was kept in its notes.
        """
        kept = self._raised = []
        try:
            await work()
            if kept:
                raise kept.pop(0)
        except BaseException as error:
            _mention(error, kept)
            raise

    async def _tell(self, on_error: OnError, error: Exception, event: ArvoEvent) -> None:
        try:
            await _settled(on_error(error, event))
        except Exception as unheard:
            self._raised.append(unheard)


def _mention(error: BaseException, others: Sequence[Exception]) -> None:
    for other in others[:_MENTIONED]:
        error.add_note(f"Another event made this be raised:\n{''.join(format_exception(other)).rstrip()}")
    if len(others) > _MENTIONED:
        error.add_note(f"And {len(others) - _MENTIONED} more.")


async def _settled(result: Awaitable[None] | None) -> None:
    if inspect.isawaitable(result):
        await result

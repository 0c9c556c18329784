"""One thing done to many orchestrations: a few at a time, and each comes to its own end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

AT_ONCE = 8
"""How many orchestrations are worked on at once."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Each(Generic[T]):
    """What something has come to for one orchestration.

    Attributes:
        workflow_id: The orchestration.
        result: What it has come to; None where it was not possible.
        error: Why it was not possible.
    """

    workflow_id: str
    result: T | None
    error: Exception | None = None


async def for_each(
    workflow_ids: Sequence[str],
    work: Callable[[str], Awaitable[T]],
    *,
    stop: asyncio.Event | None = None,
    at_once: int = AT_ONCE,
) -> AsyncGenerator[Each[T], None]:
    """Do something to each orchestration, and yield what it has come to as it comes.

    One that fails does not stop the others. Where the caller stops iterating, what is under way is cancelled.

    Args:
        workflow_ids: The orchestrations.
        work: What is done.
        stop: Asks to begin nothing more; what is under way comes to its end.
        at_once: To how many at once.
    """
    waiting = iter(workflow_ids)
    under_way: set[asyncio.Task[Each[T]]] = set()

    def begin() -> None:
        while (
            len(under_way) < at_once and not (stop and stop.is_set()) and (following := next(waiting, None)) is not None
        ):
            under_way.add(asyncio.create_task(_done(following, work)))

    begin()
    try:
        while under_way:
            done, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            begin()
            for task in done:
                yield task.result()
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


async def _done(workflow_id: str, work: Callable[[str], Awaitable[T]]) -> Each[T]:
    try:
        return Each(workflow_id, await work(workflow_id))
    except Exception as error:
        return Each(workflow_id, None, error)

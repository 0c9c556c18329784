"""How far a call of a resumable's function has come, so that a call that is made again need not begin anew."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from typing import Any

from arvo.wire import copy_json


class Progress:
    """What a call of a function keeps for the next try of the same call.

    Where a call is tried again, because its process was killed or its time was up, the next try finds here what the one
    before has kept last. Each event is a call of its own, and begins with nothing. On Temporal these are the heartbeat
    details of the activity; within one process nothing tries again, and nothing is kept.

    Attributes:
        last: What the try before has kept last, as JSON; None if there was none.
    """

    def __init__(self, last: Any = None, keep: Callable[[Any], Awaitable[None]] | None = None) -> None:
        """Make the progress of one try.

        Args:
            last: What the try before has kept.
            keep: Keeps what the function has come to.
        """
        self.last = last
        self._keep = keep

    def save(self, value: Any) -> Awaitable[None]:
        """Keep how far this call has come, in place of what was kept before.

        An async function awaits it: `await progress.save({"turn": 3})`. In a plain function it returns when it is done.

        Args:
            value: Anything that is JSON.

        Raises:
            JsonError: It is not.
        """
        kept = copy_json(value)
        return self._keep(kept) if self._keep else _Done()


class _Done(Awaitable[None]):
    def __await__(self) -> Generator[Any, None, None]:
        return
        yield

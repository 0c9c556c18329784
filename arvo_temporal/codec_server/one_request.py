"""A connection to a codec server: it brings one request, and is over soon, whatever comes."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

_ASKS_WITHIN = 10.0
_ENDS_WITHIN = 60.0


class OneRequest(H11Protocol):
    """Closes a connection that asks nothing, and ends one that does not end.

    There are few places (`limit_concurrency`), and uvicorn leaves one for ever to who connects and says nothing, sends
    half a head, or does not read the answer.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._ends: list[asyncio.TimerHandle] = []

    def connection_made(self, transport: Any) -> None:
        """See the base class."""
        super().connection_made(transport)
        self._ends = [
            self.loop.call_later(_ASKS_WITHIN, self._end_without_request),
            self.loop.call_later(_ENDS_WITHIN, transport.abort),
        ]

    def connection_lost(self, exc: Exception | None) -> None:
        """See the base class."""
        for end in self._ends:
            end.cancel()
        super().connection_lost(exc)

    def _end_without_request(self) -> None:
        if self.cycle is None:
            self.transport.abort()

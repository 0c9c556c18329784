"""The faults: the server is killed and comes back, and senders repeat themselves."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from temporalio.service import RPCError

from arvo import ArvoEvent
from arvo_temporal import ArvoClient, OrchestrationBusyError
from arvo_temporal.dev_server.server import DevServer

_SENDERS = 16


@dataclass(slots=True)
class Faults:
    """How often each fault came up.

    Attributes:
        worker_kills: How many worker processes were killed.
        server_kills: How often the server was killed.
        releases: How many releases were rolled out, after the first one.
        held: How many orchestrations have waited for a better one.
        sent: How many deliveries there were.
        sent_in_vain: How many of these came too early, or were not taken.
        poison: How many signals of each kind of poison the server has taken.
    """

    worker_kills: int = 0
    server_kills: int = 0
    releases: int = 0
    held: int = 0
    sent: int = 0
    sent_in_vain: int = 0
    poison: Counter[str] = field(default_factory=Counter)

    @property
    def delivered(self) -> int:
        """How many deliveries were taken."""
        return self.sent - self.sent_in_vain


async def kill_server(server: DevServer, times: int, within: float, faults: Faults) -> None:
    """Kill and restart the server, `times` times within so many seconds."""
    for _ in range(times):
        await asyncio.sleep(within / (times + 1))
        await server.kill()
        await server.restart()
        faults.server_kills += 1


async def send(client: ArvoClient, letters: Sequence[ArvoEvent], per_second: float, faults: Faults) -> None:
    """Deliver every letter; one that the server does not take, or takes too early, goes back in line."""
    line = deque(letters)

    async def sender() -> None:
        while line:
            event = line.popleft()
            if not await _is_taken(client, event):
                faults.sent_in_vain += 1
                line.append(event)
            faults.sent += 1
            await asyncio.sleep(_SENDERS / per_second)

    await asyncio.gather(*(sender() for _ in range(_SENDERS)))


async def _is_taken(client: ArvoClient, event: ArvoEvent) -> bool:
    try:
        return (await client.deliver(event)).status != "early"
    except (RPCError, OrchestrationBusyError):
        return False

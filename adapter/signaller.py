"""Signals to running orchestrations: events that come while one is under way go together in the next.

A signal costs an orchestration an event of its history, of which a run has a limited number, and Temporal bills it.
So what many senders, or one that does not wait, have for one orchestration shares signals. Nobody waits for company:
an event that comes alone leaves at once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

from temporalio.client import Client
from temporalio.common import RawValue
from temporalio.service import RPCError

from adapter.payload import DELIVER_ALL_SIGNAL, DELIVER_SIGNAL, to_raw
from adapter.room import WAITS, Room, busy
from adapter.temporal_errors import has_no_room
from arvo.events import ArvoEvent

_SHARED_BYTES = 200 * 1024
"""How much JSON shares a signal; a larger event goes alone. Temporal warns at 256 KB, which a codec adds to."""


class _Place(NamedTuple):
    """Where events wait: threads that share a client have an event loop each."""

    loop: asyncio.AbstractEventLoop
    identity: str


@dataclass(eq=False, slots=True)
class _Waiting:
    """An event that waits for its signal, and the future of whoever has sent it."""

    payload: RawValue
    signalled: asyncio.Future[None]

    @property
    def size(self) -> int:
        return len(self.payload.payload.data)

    def settle(self, error: Exception | None) -> None:
        """Tell the sender, who may have gone."""
        if self.signalled.done():
            return
        if error is None:
            self.signalled.set_result(None)
        else:
            self.signalled.set_exception(error)


class Signaller:
    """Signals events to orchestrations, to each one in the order in which they came.

    Args:
        client: A Temporal client.
        room: Tells whether their histories take more.
    """

    def __init__(self, client: Client, room: Room) -> None:
        self._client = client
        self._room = room
        self._queues: dict[_Place, deque[_Waiting]] = {}
        self._sending: set[asyncio.Task[None]] = set()

    async def signal(self, identity: str, event: ArvoEvent) -> None:
        """Signal an event; returns when the server has it.

        Args:
            identity: The workflow id.
            event: The event.

        Raises:
            OrchestrationBusyError: The orchestration has taken no more for half a minute.
            RPCError: The server's error about the signal that it was in.
        """
        loop = asyncio.get_running_loop()
        place = _Place(loop, identity)
        queue = self._queues.get(place)
        if queue is None:
            await self._signal_alone(place, to_raw(event))
        else:
            waiting = _Waiting(to_raw(event), loop.create_future())
            queue.append(waiting)
            await waiting.signalled

    async def _signal_alone(self, place: _Place, payload: RawValue) -> None:
        self._queues[place] = deque()
        try:
            await self._send(place.identity, [payload])
        finally:
            if self._queues[place]:
                # A task of its own, so that others do not end with this sender.
                task = place.loop.create_task(self._signal_the_rest(place))
                self._sending.add(task)
                task.add_done_callback(self._sending.discard)
            else:
                del self._queues[place]

    async def _signal_the_rest(self, place: _Place) -> None:
        queue = self._queues[place]
        sharing: list[_Waiting] = []
        try:
            while queue:
                sharing = _next_to_share(queue)
                await self._signal_together(place.identity, sharing)
        finally:
            del self._queues[place]
            for waiting in [*sharing, *queue]:
                waiting.signalled.cancel()

    async def _signal_together(self, identity: str, sharing: list[_Waiting]) -> None:
        failure = None
        try:
            await self._send(identity, [waiting.payload for waiting in sharing])
        except Exception as error:  # whatever it is, it is for the senders
            failure = error
        for waiting in sharing:
            waiting.settle(failure)

    async def _send(self, identity: str, payloads: list[RawValue]) -> None:
        """Send a signal; where the run takes no more, wait for the next run to begin."""
        size = sum(len(payload.payload.data) for payload in payloads)
        for wait in (0.0, *WAITS):
            await asyncio.sleep(wait)
            if await self._room.has_room(identity, size) and await self._is_taken(identity, payloads):
                return
        raise busy(identity)

    async def _is_taken(self, identity: str, payloads: list[RawValue]) -> bool:
        """Send a signal, and tell whether the run has taken it: it may have all signals that the server allows."""
        name = DELIVER_SIGNAL if len(payloads) == 1 else DELIVER_ALL_SIGNAL
        try:
            await self._client.get_workflow_handle(identity).signal(name, args=payloads)
        except RPCError as error:
            if not has_no_room(error):
                raise
            return False
        return True


def _next_to_share(queue: deque[_Waiting]) -> list[_Waiting]:
    """Remove and return the first events, as many as share a signal."""
    sharing = [queue.popleft()]
    size = sharing[0].size
    while queue and (size := size + queue[0].size) <= _SHARED_BYTES:
        sharing.append(queue.popleft())
    return sharing

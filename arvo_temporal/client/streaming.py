"""Many events, sent several at once, with bounded memory, and each told of in the order in which they came."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from adapter.delivery import DeliveryResult, DeliveryStatus
from adapter.errors import OrchestrationTimeoutError
from adapter.ledger import Fate
from adapter.routing import starts_orchestration
from arvo.errors import ArvoError
from arvo.events import ArvoEvent
from arvo_temporal.client.results import ExecuteResult

AT_ONCE = 64
"""How many events are on their way at once."""

_TAKEN = (DeliveryStatus.STARTED, DeliveryStatus.DELIVERED, Fate.APPLIED, Fate.UNHANDLED, Fate.DUPLICATE)


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one of many events.

    Attributes:
        id: Its id.
        type: Its type.
        status: What `deliver` answers, or the fate that `execute` does; `refused` where either raises.
        workflow_id: The workflow that has it; None where it was refused.
        reason: In words, for everything but success.
        events: What it has produced, where that was waited for.
    """

    id: str
    type: str
    status: DeliveryStatus | Fate
    workflow_id: str | None = None
    reason: str | None = None
    events: tuple[ArvoEvent, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether the orchestration has the event."""
        return self.status in _TAKEN


Send = Callable[[ArvoEvent], Awaitable[DeliveryResult | ExecuteResult]]


class Stream:
    """Sends events, those of one orchestration in their order.

    Args:
        send: Sends one.
        waits: Whether that waits for what comes of it, so that each has to wait for the one before.
    """

    def __init__(self, send: Send, *, waits: bool) -> None:
        self._send = send
        self._waits = waits
        self._before: dict[str, asyncio.Task[Sent]] = {}
        """By subject what has to be there before the next one is sent: orchestrations begin by their first event."""

    async def sent(self, events: AsyncIterable[ArvoEvent]) -> AsyncIterator[Sent]:
        """Send events as they come, and yield what became of each, in their order.

        Raises:
            OrchestrationTimeoutError: What was waited for has not come in time.
            Exception: What sending raises that is no `ArvoError`: there is no server, for example.
        """
        source, coming = aiter(events), None
        is_over = False
        under_way: deque[tuple[str, asyncio.Task[Sent]]] = deque()
        try:
            while under_way or not is_over:
                if coming is None and not is_over and len(under_way) < AT_ONCE:
                    coming = asyncio.ensure_future(anext(source, None))
                oldest = under_way[0][1] if under_way else None
                waited_for = [one for one in (coming, oldest) if one is not None]
                await asyncio.wait(waited_for, return_when=asyncio.FIRST_COMPLETED)
                if oldest is not None and oldest.done():
                    yield await self._next(under_way)
                elif coming is not None and coming.done():
                    event, coming = coming.result(), None
                    is_over = event is None
                    if event is not None:
                        under_way.append((event.subject, self._begin(event)))
        finally:
            left = [task for _, task in under_way] + ([coming] if coming is not None else [])
            for one in left:
                one.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    def _begin(self, event: ArvoEvent) -> asyncio.Task[Sent]:
        task = asyncio.create_task(self._one(event, self._before.get(event.subject)))
        if self._waits or starts_orchestration(event):
            self._before[event.subject] = task
        return task

    async def _next(self, under_way: deque[tuple[str, asyncio.Task[Sent]]]) -> Sent:
        subject, task = under_way[0]
        sent = await task
        under_way.popleft()
        if self._before.get(subject) is task:
            del self._before[subject]
        return sent

    async def _one(self, event: ArvoEvent, before: asyncio.Task[Sent] | None) -> Sent:
        if before is not None:
            await asyncio.wait([before])
        try:
            answer = await self._send(event)
        except OrchestrationTimeoutError:
            raise  # it may have been taken
        except ArvoError as error:
            return Sent(event.id, event.type, Fate.REFUSED, reason=str(error))
        if isinstance(answer, DeliveryResult):
            return Sent(event.id, event.type, answer.status, answer.workflow_id, answer.reason or None)
        return Sent(event.id, event.type, answer.fate, None, answer.reason, answer.events)

"""What takes the requests of errands: a service and a publisher that work when they are let."""

from __future__ import annotations

import asyncio

from arvo import ArvoEvent, ArvoEventHandler, HandlerOutput, create_arvo_event_handler
from tests.errands import courier_contract


class Courier:
    """A service that takes until it is released.

    Attributes:
        asked: The ids of the requests that have come, in order.
        released: Set when it may answer.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.carried: list[str] = []
        self.released = asyncio.Event()

    async def carry(self, event: ArvoEvent) -> HandlerOutput:
        """Answer, once it is released."""
        self.asked.append(event.id)
        await self.released.wait()
        self.carried.append(event.id)
        return {"type": "evt.courier.ask.success", "data": {"text": "carried"}}

    def handler(self) -> ArvoEventHandler:
        """Return it as a handler."""
        return create_arvo_event_handler(contract=courier_contract, executionunits=1, handler={"1.0.0": self.carry})


class Desk:
    """A publisher that is down until it is opened."""

    def __init__(self) -> None:
        self.tries = 0
        self.is_open = False
        self.published: list[ArvoEvent] = []

    async def publish(self, event: ArvoEvent) -> None:
        """Take an event."""
        self.tries += 1
        if not self.is_open:
            raise ConnectionError("the desk is closed")
        self.published.append(event)

"""The services behind the tools: stand-ins, of which one is slow and one fails at first."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from arvo import ArvoEvent, ArvoEventHandler, HandlerOutput, create_arvo_event_handler
from examples.agent import contracts
from examples.agent.contracts import FindOrder, Order, Policy, Refund, SearchPolicy, Transferred
from examples.agent.screen import Screen


class Services:
    """The shop's order database, its rules, and the bank.

    Args:
        screen: Told what they do.
        slowness: How long a search takes, in seconds.

    Attributes:
        transfers: References of the transfers made, by the id of the event that asked: one that is asked for twice is
            made once.
    """

    def __init__(self, screen: Screen, slowness: float) -> None:
        self.transfers: dict[str, str] = {}
        self._screen = screen
        self._slowness = slowness
        self._is_connected = False

    async def find(self, event: ArvoEvent) -> HandlerOutput:
        """Find an order. The first try finds the connection to the database closed."""
        order_id = event.data_as(FindOrder).order_id
        if not self._is_connected:
            self._is_connected = True
            self._screen.say("find_order", "the database does not answer")
            raise ConnectionError("the database does not answer")
        self._screen.say("find_order", f"found {order_id}")
        order = Order(order_id=order_id, customer="Ada", item="teapot", price=12900, delivered="2026-11-20")
        return {"type": "evt.orders.found", "data": order}

    async def search(self, event: ArvoEvent) -> HandlerOutput:
        """Search the rules, slowly."""
        words = event.data_as(SearchPolicy).words
        self._screen.say("search_policy", f"searching for '{words}' ...")
        await asyncio.sleep(self._slowness)
        self._screen.say("search_policy", "found")
        text = "What arrives broken within 14 days is refunded in full."
        return {"type": "evt.policy.found", "data": Policy(text=text)}

    async def transfer(self, event: ArvoEvent) -> HandlerOutput:
        """Transfer money, once for each event however often it comes."""
        wanted = event.data_as(Refund)
        reference = self.transfers.setdefault(event.id, f"T-{wanted.order_id}-{wanted.amount}")
        self._screen.say("refund", f"transferred {wanted.amount / 100:.2f}: {reference}")
        return {"type": "evt.bank.transfer.success", "data": Transferred(reference=reference)}


def create_handlers(services: Services) -> Sequence[ArvoEventHandler]:
    """Return the handlers of the services."""
    functions = (
        (contracts.find_order, services.find),
        (contracts.search_policy, services.search),
        (contracts.transfer, services.transfer),
    )
    return [
        create_arvo_event_handler(contract=contract, executionunits=1, handler={"1.0.0": function})
        for contract, function in functions
    ]

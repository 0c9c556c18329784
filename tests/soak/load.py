"""What is started during a soak, and what has become of it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator

from temporalio.client import Client

from arvo import ArvoEvent, create_arvo_orchestrator_event_factory
from arvo_temporal import ArvoClient, workflow_id
from benchmarks.memory.app import start_ticking
from examples.number_modifier import contracts as number_contracts
from examples.orders import contracts as order_contracts
from examples.orders.incoming import incoming_orders

_SOURCE = "com.test.soak"
_TASK_QUEUE = "soak"
_ORDERS = [order.text for order in incoming_orders() if order.expected != "refused"]
_TICK_MS = 1000


class Load:
    """Starts orchestrations, one after the other.

    Args:
        client: A plain client of the server.
        per_second: How many a second.
        most_ticks: The longest of them tick so often.

    Attributes:
        started: The workflow ids of all that were started.
    """

    def __init__(self, client: Client, per_second: float, most_ticks: int) -> None:
        self.started: list[str] = []
        self._client = client
        self._sender = ArvoClient(client, task_queue=_TASK_QUEUE)
        self._pause = 1 / per_second
        self._events = _events(most_ticks)

    async def send(self) -> None:
        """Start orchestrations, until it is cancelled."""
        while True:
            event = next(self._events)
            result = await self._sender.deliver(event)
            assert result.accepted, result.reason
            self.started.append(workflow_id(event.subject))
            await asyncio.sleep(self._pause)

    async def open_ones(self) -> int:
        """Return how many workflows are open, nested ones included."""
        return (await self._client.count_workflows("ExecutionStatus = 'Running'")).count

    async def finished(self) -> int:
        """Return how many workflows have completed, nested ones included."""
        return (await self._client.count_workflows("ExecutionStatus = 'Completed'")).count

    async def unfinished(self) -> list[str]:
        """Return the ids of those that were started and have not completed, as the server lists them."""
        completed = {found.id async for found in self._client.list_workflows("ExecutionStatus = 'Completed'")}
        return [identity for identity in self.started if identity not in completed]


def _events(most_ticks: int) -> Iterator[ArvoEvent]:
    """Return the init events: orders, clocks, and numbers with what is nested in them."""
    order = create_arvo_orchestrator_event_factory(order_contracts.order.version("1.0.0"))
    number = create_arvo_orchestrator_event_factory(number_contracts.number_modifier.version("1.0.0"))
    for position, text in enumerate(itertools.cycle(_ORDERS)):
        yield order.init(source=_SOURCE, data={**ArvoEvent.from_json(text).data, "order_id": f"order-{position}"})
        yield start_ticking(_TICK_MS, 1 + position % most_ticks)
        data = {"parentSubject$$": None, "key": f"number-{position}", "operation": "increment", "by": position}
        yield number.init(source=_SOURCE, data=data)

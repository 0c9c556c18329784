"""Every order ends as its file says, on Temporal and in one process."""

from __future__ import annotations

import asyncio

import pytest

from arvo import ArvoEvent, ContractViolation, SimpleEventBroker
from arvo.testing import ArvoPath, arvo_paths
from arvo_temporal import ArvoApp, ArvoClient
from examples.orders.app import create_orchestrators
from examples.orders.approvals import ApprovalDesk
from examples.orders.handlers import create_handlers
from examples.orders.incoming import IncomingOrder, incoming_orders
from examples.orders.shipment import shipment_machine
from tests.conftest import Serve
from tests.examples.produced import produced_on_temporal, shapes
from tests.polling import PATIENCE

VALID = [order for order in incoming_orders() if order.expected != "refused"]
REFUSED = [order for order in incoming_orders() if order.expected == "refused"]


def order_app(desk: ApprovalDesk) -> ArvoApp:
    return ArvoApp(
        orchestrators=create_orchestrators(),
        handlers=create_handlers(),
        publishers={"external": desk.receive},
    )


async def in_one_process(init: ArvoEvent) -> list[ArvoEvent]:
    desk = ApprovalDesk()

    async def answer(request: ArvoEvent, broker: SimpleEventBroker) -> None:
        await broker.publish(desk.decide(request))

    broker = SimpleEventBroker.of(order_app(desk), on_domained_event=answer)
    await broker.publish(init)
    return list(broker.events)


async def approve(client: ArvoClient, desk: ApprovalDesk) -> None:
    """Decide whatever comes to the desk, until cancelled."""
    while True:
        for request in list(desk.waiting.values()):
            await client.deliver(desk.decide(request))
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("order", VALID, ids=lambda order: order.name)
async def test_an_order_ends_as_its_file_says(serve: Serve, order: IncomingOrder) -> None:
    init, desk = ArvoEvent.from_json(order.text), ApprovalDesk()
    app = order_app(desk)
    async with serve(app) as client:
        await client.deliver(init)
        person = asyncio.create_task(approve(client, desk))
        async with asyncio.timeout(PATIENCE):
            record = await client.result(init.subject)
        person.cancel()
        on_temporal = await produced_on_temporal(client, app.task_queue)
    in_process = await in_one_process(init)
    assert record["state"]["output"]["outcome"] == order.expected
    assert shapes(on_temporal) == shapes(in_process)


@pytest.mark.parametrize("order", REFUSED, ids=lambda order: order.name)
async def test_an_invalid_order_is_refused_with_a_clear_error(serve: Serve, order: IncomingOrder) -> None:
    async with serve(order_app(ApprovalDesk())) as client:
        with pytest.raises(ContractViolation, match="quantity"):
            await client.deliver(order.text)
        with pytest.raises(ContractViolation, match="quantity"):
            await client.execute(order.text)


async def test_there_are_orders_for_every_outcome() -> None:
    assert len(incoming_orders()) >= 8
    assert {order.expected for order in incoming_orders()} == {"shipped", "partly_shipped", "rejected", "refused"}


@pytest.mark.parametrize("path", arvo_paths(shipment_machine), ids=str)
def test_every_way_of_a_shipment_asks_the_carrier_once(path: ArvoPath) -> None:
    assert [event.type for event in path.run().produced].count("com.carrier.book") == 1

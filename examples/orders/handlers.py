"""The services: stock, payment and carrier, as small stand-ins that decide by what the order says."""

from __future__ import annotations

from collections.abc import Sequence

from arvo import ArvoEvent, ArvoEventHandler, HandlerOutput, create_arvo_event_handler
from examples.orders import contracts
from examples.orders.contracts import Authorized, Booking, Payment, Reservation, Reserved


async def reserve(event: ArvoEvent) -> HandlerOutput:
    """Reserve what is in stock; a sku that begins with `rare-` is not."""
    order = event.data_as(Reservation)
    missing = [item.sku for item in order.items if item.sku.startswith("rare-")]
    if missing:
        return {"type": "evt.stock.short", "data": {"missing": missing}}
    return {"type": "evt.stock.reserved", "data": {"reservation": f"R-{order.order_id}"}}


async def release(event: ArvoEvent) -> HandlerOutput:
    """Give a reservation back."""
    return {"type": "evt.stock.release.success", "data": event.data_as(Reserved).model_dump()}


async def authorize(event: ArvoEvent) -> HandlerOutput:
    """Hold the amount on the card: `declined` is declined, with `unreachable` the bank breaks down."""
    payment = event.data_as(Payment)
    if payment.card == "unreachable":
        raise ConnectionError("the bank does not answer")
    if payment.card == "declined":
        return {"type": "evt.payment.declined", "data": {"reason": "insufficient funds"}}
    return {"type": "evt.payment.authorized", "data": {"authorization": f"A-{payment.order_id}"}}


async def void(event: ArvoEvent) -> HandlerOutput:
    """Let go of an authorised amount."""
    return {"type": "evt.payment.void.success", "data": event.data_as(Authorized).model_dump()}


async def book(event: ArvoEvent) -> HandlerOutput:
    """Book a carrier; none goes to `the moon`."""
    booking = event.data_as(Booking)
    if booking.parcel.address == "the moon":
        return {"type": "evt.carrier.refused", "data": {"reason": "no carrier goes there"}}
    return {"type": "evt.carrier.booked", "data": {"code": f"T-{booking.order_id}-{booking.parcel.number}"}}


def create_handlers() -> Sequence[ArvoEventHandler]:
    """Return the handlers of the services."""
    services = (
        (contracts.stock_reserve, reserve),
        (contracts.stock_release, release),
        (contracts.payment_authorize, authorize),
        (contracts.payment_void, void),
        (contracts.carrier_book, book),
    )
    return [
        create_arvo_event_handler(contract=contract, executionunits=1, handler={"1.0.0": function})
        for contract, function in services
    ]

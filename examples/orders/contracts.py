"""What the services and orchestrators of order fulfilment take and give."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from arvo import create_arvo_contract, create_arvo_orchestrator_contract, create_simple_arvo_contract

Text = Annotated[str, Field(min_length=1)]


class Item(BaseModel):
    """A line of an order. `price` is in cents for one piece."""

    sku: Text
    quantity: Annotated[int, Field(ge=1)]
    price: Annotated[int, Field(ge=0)]


class Parcel(BaseModel):
    """A part of an order that travels on its own."""

    number: Annotated[int, Field(ge=1)]
    skus: Annotated[list[str], Field(min_length=1)]
    address: Text


class Order(BaseModel):
    """An order as a customer places it."""

    order_id: Text
    customer: Text
    card: Text
    items: Annotated[list[Item], Field(min_length=1)]
    parcels: Annotated[list[Parcel], Field(min_length=1)]


class Tracking(BaseModel):
    """A parcel on its way: the carrier's tracking code, or None where no carrier takes it."""

    parcel: int
    code: str | None


class Summary(BaseModel):
    """How an order ended. `total` is in cents."""

    order_id: str
    outcome: Literal["shipped", "partly_shipped", "rejected"]
    reason: str | None
    total: int
    parcels: list[Tracking]


class Reservation(BaseModel):
    """What to take from stock."""

    order_id: str
    items: list[Item]


class Reserved(BaseModel):
    """A reservation that the stock keeps until it is released."""

    reservation: str


class Short(BaseModel):
    """What the stock does not have."""

    missing: list[str]


class Payment(BaseModel):
    """What to charge to a card, in cents."""

    order_id: str
    card: str
    amount: int


class Authorized(BaseModel):
    """An authorisation that holds the amount until it is voided."""

    authorization: str


class Declined(BaseModel):
    """Why the card was declined."""

    reason: str


class ApprovalRequest(BaseModel):
    """What a person is asked to approve. `amount` is in cents."""

    order_id: str
    customer: str
    amount: int


class Decision(BaseModel):
    """What a person has decided."""

    approved: bool
    by: str


class Booking(BaseModel):
    """A parcel for a carrier."""

    order_id: str
    parcel: Parcel


class Booked(BaseModel):
    """The carrier's tracking code."""

    code: str


class Refused(BaseModel):
    """Why no carrier takes the parcel."""

    reason: str


stock_reserve = create_arvo_contract(
    uri="#/orders/stock/reserve",
    type="com.stock.reserve",
    versions={
        "1.0.0": {
            "accepts": Reservation,
            "emits": {"evt.stock.reserved": Reserved, "evt.stock.short": Short},
        }
    },
)
stock_release = create_simple_arvo_contract(
    uri="#/orders/stock/release",
    type="stock.release",
    versions={"1.0.0": {"accepts": Reserved, "emits": Reserved}},
)
payment_authorize = create_arvo_contract(
    uri="#/orders/payment/authorize",
    type="com.payment.authorize",
    versions={
        "1.0.0": {
            "accepts": Payment,
            "emits": {"evt.payment.authorized": Authorized, "evt.payment.declined": Declined},
        }
    },
)
payment_void = create_simple_arvo_contract(
    uri="#/orders/payment/void",
    type="payment.void",
    versions={"1.0.0": {"accepts": Authorized, "emits": Authorized}},
)
approval = create_arvo_contract(
    uri="#/orders/approval",
    type="com.approval.request",
    domain="external",
    versions={"1.0.0": {"accepts": ApprovalRequest, "emits": {"evt.approval.decided": Decision}}},
)
carrier_book = create_arvo_contract(
    uri="#/orders/carrier/book",
    type="com.carrier.book",
    versions={
        "1.0.0": {
            "accepts": Booking,
            "emits": {"evt.carrier.booked": Booked, "evt.carrier.refused": Refused},
        }
    },
)
shipment = create_arvo_orchestrator_contract(
    uri="#/orders/shipment",
    name="shipment",
    versions={"1.0.0": {"init": Booking, "complete": Tracking}},
)
order = create_arvo_orchestrator_contract(
    uri="#/orders/order",
    name="order",
    versions={"1.0.0": {"init": Order, "complete": Summary}},
)

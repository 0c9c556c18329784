"""What the shop's sales and its two services take and give."""

from __future__ import annotations

from pydantic import BaseModel

from arvo import create_arvo_orchestrator_contract, create_simple_arvo_contract


class Sale(BaseModel):
    """What a customer buys. `amount` is in cents."""

    customer: str
    amount: int


class Sold(BaseModel):
    """How a sale ended."""

    receipt: str
    parcel: str


class Charge(BaseModel):
    """What the bank is to take. `amount` is in cents."""

    customer: str
    amount: int


class Charged(BaseModel):
    """What the bank has taken."""

    receipt: str


class Pack(BaseModel):
    """What the warehouse is to pack."""

    customer: str


class Packed(BaseModel):
    """A parcel that can leave."""

    parcel: str


sale = create_arvo_orchestrator_contract(
    uri="#/shop/sale", name="sale", versions={"1.0.0": {"init": Sale, "complete": Sold}}
)
bank = create_simple_arvo_contract(
    uri="#/shop/bank", type="bank.charge", versions={"1.0.0": {"accepts": Charge, "emits": Charged}}
)
warehouse = create_simple_arvo_contract(
    uri="#/shop/warehouse", type="warehouse.pack", versions={"1.0.0": {"accepts": Pack, "emits": Packed}}
)

"""The bank and the warehouse, as stand-ins that fail while a file in the folder `BAD_DAY` says so."""

from __future__ import annotations

import os
from pathlib import Path

from arvo import ArvoEvent, HandlerOutput
from examples.bad_day.contracts import Charge

BANK_FORGETS = "bank-forgets-its-key"
WAREHOUSE_IS_DOWN = "warehouse-is-down"


class WarehouseIsDown(Exception):
    """The warehouse does not answer; it may later."""


async def charge(event: ArvoEvent) -> HandlerOutput:
    """Charge a customer: with the file `bank-forgets-its-key` the code is wrong."""
    if _is_there(BANK_FORGETS):
        raise KeyError("BANK_API_KEY")
    return {"type": "evt.bank.charge.success", "data": {"receipt": f"R-{event.data_as(Charge).customer}"}}


async def pack(event: ArvoEvent) -> HandlerOutput:
    """Pack a parcel: with the file `warehouse-is-down` nobody does."""
    if _is_there(WAREHOUSE_IS_DOWN):
        raise WarehouseIsDown("503 Service Unavailable")
    return {"type": "evt.warehouse.pack.success", "data": {"parcel": f"P-{event.id[:8]}"}}


def _is_there(fault: str) -> bool:
    return (Path(os.environ.get("BAD_DAY", ".")) / fault).exists()

"""The sale of one order: charge it, then let it be packed."""

from __future__ import annotations

from arvo import ArvoMachine, assign, emit, setup_arvo_machine
from examples.bad_day import contracts


def sale_machine(packing: str = "packing") -> ArvoMachine:
    """Return the machine.

    Args:
        packing: The name of the state in which the warehouse packs.
    """
    return setup_arvo_machine(
        contracts={
            "self": contracts.sale.version("1.0.0"),
            "services": {
                "bank": contracts.bank.version("1.0.0"),
                "warehouse": contracts.warehouse.version("1.0.0"),
            },
        },
        actions={
            "charge": emit(lambda context: {"type": "com.bank.charge", "data": context["sale"]}),
            "pack": emit(
                lambda context: {"type": "com.warehouse.pack", "data": {"customer": context["sale"]["customer"]}}
            ),
            "keep_receipt": assign(lambda event: {"receipt": event.data["receipt"]}),
            "keep_parcel": assign(lambda event: {"parcel": event.data["parcel"]}),
        },
    ).create_machine(
        {
            "id": "sale",
            "description": "Sale of one order",
            "context": lambda input: {
                "sale": {"customer": input.data["customer"], "amount": input.data["amount"]},
                "receipt": None,
                "parcel": None,
            },
            "initial": "charging",
            "states": {
                "charging": {
                    "description": "The bank charges the customer.",
                    "entry": "charge",
                    "on": {"evt.bank.charge.success": {"target": packing, "actions": "keep_receipt"}},
                },
                packing: {
                    "description": "The warehouse packs the parcel.",
                    "tags": ["paid"],
                    "entry": "pack",
                    "on": {"evt.warehouse.pack.success": {"target": "sold", "actions": "keep_parcel"}},
                },
                "sold": {"type": "final"},
            },
            "output": lambda context: {"receipt": context["receipt"], "parcel": context["parcel"]},
        }
    )

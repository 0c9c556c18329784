"""The shipment of one parcel: nested in its order."""

from __future__ import annotations

from arvo import assign, emit, setup_arvo_machine
from examples.orders import contracts

shipment_machine = setup_arvo_machine(
    contracts={
        "self": contracts.shipment.version("1.0.0"),
        "services": {"carrier": contracts.carrier_book.version("1.0.0")},
    },
    actions={
        "book": emit(lambda context: {"type": "com.carrier.book", "data": context["booking"]}),
        "keep_code": assign(lambda event: {"code": event.data["code"]}),
    },
).create_machine(
    {
        "id": "shipment",
        "context": lambda input: {
            "booking": {"order_id": input.data["order_id"], "parcel": input.data["parcel"]},
            "code": None,
        },
        "initial": "booking",
        "states": {
            "booking": {
                "entry": "book",
                "on": {
                    "evt.carrier.booked": {"target": "booked", "actions": "keep_code"},
                    "evt.carrier.refused": "refused",
                    "sys.com.carrier.book.error": "refused",
                },
            },
            "booked": {"type": "final"},
            "refused": {"type": "final"},
        },
        "output": lambda context: {
            "parcel": context["booking"]["parcel"]["number"],
            "code": context["code"],
        },
    }
)

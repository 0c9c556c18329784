"""The fulfilment of one order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from arvo import ArvoEvent, assign, emit, enqueue_actions, setup_arvo_machine
from arvo.statechart import Enqueue
from examples.orders import contracts

APPROVAL_LIMIT = 100_000
"""Orders above this total, in cents, need a person's approval."""

APPROVAL_DAYS = 3

Context = Mapping[str, Any]


def opening(input: ArvoEvent) -> dict[str, Any]:
    """Return the context of an order that has just come in."""
    return {
        "subject": input.subject,
        "order": {key: value for key, value in input.data.items() if key != "parentSubject$$"},
        "total": sum(item["quantity"] * item["price"] for item in input.data["items"]),
        "reservation": None,
        "authorization": None,
        "parcels": [],
        "undoing": 0,
        "problems": [],
    }


def summary(context: Context) -> dict[str, Any]:
    """Return how the order ended."""
    sent = [parcel for parcel in context["parcels"] if parcel["code"] is not None]
    if context["problems"]:
        outcome = "rejected"
    else:
        outcome = "shipped" if len(sent) == len(context["parcels"]) else "partly_shipped"
    return {
        "order_id": context["order"]["order_id"],
        "outcome": outcome,
        "reason": "; ".join(sorted(context["problems"])) or None,
        "total": context["total"],
        "parcels": context["parcels"],
    }


def ship(context: Context, enqueue: Enqueue) -> None:
    """Start one nested shipment per parcel."""
    for parcel in context["order"]["parcels"]:
        enqueue.emit(
            {
                "type": "arvo.orc.shipment",
                "data": {
                    "parentSubject$$": context["subject"],
                    "order_id": context["order"]["order_id"],
                    "parcel": parcel,
                },
            }
        )


def undo(context: Context, enqueue: Enqueue) -> None:
    """Give back what was taken: the reservation and the authorised amount."""
    undoing = 0
    if context["reservation"] is not None:
        undoing += 1
        enqueue.emit({"type": "com.stock.release", "data": {"reservation": context["reservation"]}})
    if context["authorization"] is not None:
        undoing += 1
        enqueue.emit({"type": "com.payment.void", "data": {"authorization": context["authorization"]}})
    enqueue.assign({"undoing": undoing})


def note_problem(context: Context, text: str) -> dict[str, Any]:
    """Add to what stands against the order."""
    return {"problems": [*context["problems"], text]}


order_machine = setup_arvo_machine(
    contracts={
        "self": contracts.order.version("1.0.0"),
        "services": {
            "stock_reserve": contracts.stock_reserve.version("1.0.0"),
            "stock_release": contracts.stock_release.version("1.0.0"),
            "payment_authorize": contracts.payment_authorize.version("1.0.0"),
            "payment_void": contracts.payment_void.version("1.0.0"),
            "approval": contracts.approval.version("1.0.0"),
            "shipment": contracts.shipment.version("1.0.0"),
        },
    },
    guards={
        "is_rejected": lambda context: bool(context["problems"]),
        "needs_approval": lambda context: context["total"] > APPROVAL_LIMIT,
        "is_approved": lambda event: event.data["approved"],
        "is_undone": lambda context: context["undoing"] == 0,
        "is_shipped": lambda context: len(context["parcels"]) == len(context["order"]["parcels"]),
    },
    actions={
        "reserve": emit(
            lambda context: {
                "type": "com.stock.reserve",
                "data": {
                    "order_id": context["order"]["order_id"],
                    "items": context["order"]["items"],
                },
            }
        ),
        "authorize": emit(
            lambda context: {
                "type": "com.payment.authorize",
                "data": {
                    "order_id": context["order"]["order_id"],
                    "card": context["order"]["card"],
                    "amount": context["total"],
                },
            }
        ),
        "ask": emit(
            lambda context: {
                "type": "com.approval.request",
                "domain": ["external"],
                "data": {
                    "order_id": context["order"]["order_id"],
                    "customer": context["order"]["customer"],
                    "amount": context["total"],
                },
            }
        ),
        "ship": enqueue_actions(ship),
        "undo": enqueue_actions(undo),
        "keep_reservation": assign(lambda event: {"reservation": event.data["reservation"]}),
        "keep_authorization": assign(lambda event: {"authorization": event.data["authorization"]}),
        "keep_parcel": assign(
            lambda context, event: {
                "parcels": sorted(
                    [*context["parcels"], {"parcel": event.data["parcel"], "code": event.data["code"]}],
                    key=lambda parcel: parcel["parcel"],
                )
            }
        ),
        "count_undone": assign(lambda context: {"undoing": context["undoing"] - 1}),
        "reject": assign(lambda context, params: note_problem(context, params["reason"])),
        "reject_short": assign(
            lambda context, event: note_problem(context, f"out of stock: {', '.join(event.data['missing'])}")
        ),
        "reject_declined": assign(
            lambda context, event: note_problem(context, f"payment declined: {event.data['reason']}")
        ),
        "reject_error": assign(lambda context, event: note_problem(context, event.data["errorMessage"])),
    },
).create_machine(
    {
        "id": "order",
        "context": opening,
        "initial": "securing",
        "states": {
            "securing": {
                "description": "Stock and payment are asked at once.",
                "type": "parallel",
                "states": {
                    "stock": {
                        "initial": "reserving",
                        "states": {
                            "reserving": {
                                "entry": "reserve",
                                "on": {
                                    "evt.stock.reserved": {
                                        "target": "settled",
                                        "actions": "keep_reservation",
                                    },
                                    "evt.stock.short": {"target": "settled", "actions": "reject_short"},
                                    "sys.com.stock.reserve.error": {
                                        "target": "settled",
                                        "actions": "reject_error",
                                    },
                                },
                            },
                            "settled": {"type": "final"},
                        },
                    },
                    "payment": {
                        "initial": "authorizing",
                        "states": {
                            "authorizing": {
                                "entry": "authorize",
                                "on": {
                                    "evt.payment.authorized": {
                                        "target": "settled",
                                        "actions": "keep_authorization",
                                    },
                                    "evt.payment.declined": {
                                        "target": "settled",
                                        "actions": "reject_declined",
                                    },
                                    "sys.com.payment.authorize.error": {
                                        "target": "settled",
                                        "actions": "reject_error",
                                    },
                                },
                            },
                            "settled": {"type": "final"},
                        },
                    },
                },
                "onDone": [
                    {"guard": "is_rejected", "target": "undoing"},
                    {"guard": "needs_approval", "target": "approving"},
                    {"target": "shipping"},
                ],
            },
            "approving": {
                "description": "A person decides, in the domain `external`.",
                "entry": "ask",
                "on": {
                    "evt.approval.decided": [
                        {"guard": "is_approved", "target": "shipping"},
                        {
                            "target": "undoing",
                            "actions": {"type": "reject", "params": {"reason": "not approved"}},
                        },
                    ],
                },
                "after": {
                    APPROVAL_DAYS * 24 * 60 * 60 * 1000: {
                        "target": "undoing",
                        "actions": {"type": "reject", "params": {"reason": "approval took too long"}},
                    }
                },
            },
            "shipping": {
                "entry": "ship",
                "on": {
                    "arvo.orc.shipment.done": {"actions": "keep_parcel"},
                    "sys.arvo.orc.shipment.error": {"target": "undoing", "actions": "reject_error"},
                },
                "always": {"guard": "is_shipped", "target": "fulfilled"},
            },
            "undoing": {
                "description": "Compensation: what was taken is given back.",
                "entry": "undo",
                "on": {
                    "evt.stock.release.success": {"actions": "count_undone"},
                    "evt.payment.void.success": {"actions": "count_undone"},
                    "sys.*": {"actions": "count_undone"},
                },
                "always": {"guard": "is_undone", "target": "rejected"},
            },
            "fulfilled": {"type": "final"},
            "rejected": {"type": "final"},
        },
        "output": summary,
    }
)

"""The pictures of the documentation: `python -m tests.arvo.picture.gallery` draws all of them, and removes others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from arvo.picture import draw
from arvo.statechart import Problem
from examples.orders.order import order_machine
from tests.arvo.picture.machines import FETCH, PLAYER, TRAFFIC_LIGHT

FOLDER = Path(__file__).parents[3] / "docs" / "pictures"

DOOR = {
    "id": "door",
    "initial": "shut",
    "states": {
        "shut": {
            "on": {
                "OPEN": [
                    {"target": "open", "guard": "is_unlocked", "actions": ["ring", "count"]},
                    {"target": "alarmed", "guard": "is_night"},
                ]
            }
        },
        "open": {"on": {"SHUT": "shut"}},
        "alarmed": {"on": {"CALM": "shut"}},
    },
}
NESTED = {
    "id": "trip",
    "initial": "planning",
    "states": {
        "planning": {
            "initial": "flight",
            "states": {
                "flight": {"on": {"BOOKED": "hotel"}},
                "hotel": {"on": {"BOOKED": "complete"}},
                "complete": {"type": "final"},
            },
            "on": {"GIVE_UP": "at_home"},
            "onDone": "travelling",
        },
        "travelling": {"on": {"LOST_PASSPORT": "planning.hotel"}},
        "at_home": {"type": "final"},
    },
}
ACTIONS = {
    "id": "lamp",
    "initial": "lit",
    "states": {
        "lit": {
            "entry": ["switch_on", {"type": "xstate.emit", "params": {"event": {"type": "lamp.lit"}}}],
            "exit": "switch_off",
            "on": {"BRIGHTER": {"actions": "turn_up"}, "TOUCH": {}, "SWITCH": "dark"},
        },
        "dark": {"tags": ["asleep", "cheap"], "description": "Nobody is at home.", "on": {"SWITCH": "lit"}},
    },
}
TIME = {
    "id": "kettle",
    "initial": "heating",
    "states": {
        "heating": {"after": {"180000": "boiling", "600000": {"target": "broken", "guard": "is_cold"}}},
        "boiling": {"always": {"target": "done", "guard": "is_full"}, "after": {"overflow": "done"}},
        "broken": {"type": "final"},
        "done": {"type": "final"},
    },
}
LOOPS = {
    "id": "counter",
    "initial": "counting",
    "states": {
        "counting": {
            "entry": "start_watch",
            "on": {
                "TICK": {"actions": "count"},
                "SAME": {"target": "counting", "actions": "count"},
                "RESTART": {"target": "counting", "reenter": True},
            },
        },
    },
}
OLD_FETCH: dict[str, Any] = {
    **FETCH,
    "states": {
        "idle": FETCH["states"]["idle"],
        "loading": {**FETCH["states"]["loading"], "after": {"5000": "failure"}},
        "success": FETCH["states"]["success"],
        "failure": {"on": {"RETRY": "loading", "REPORT": "reported"}},
        "reported": {"type": "final"},
    },
}
STOCK = "states.securing.states.stock.states.reserving.on"
PAYMENT = "states.securing.states.payment.states.authorizing.on"
PATH = [
    f'{PAYMENT}["evt.payment.authorized"]',
    f'{STOCK}["evt.stock.short"]',
    "states.securing.onDone[0]",
    'states.undoing.on["evt.payment.void.success"]',
    "states.undoing.always",
]
COUNTS = {
    "order.securing": 12_480,
    "order.securing.stock.reserving": 12_480,
    "order.securing.stock.settled": 12_480,
    "order.securing.payment.authorizing": 12_480,
    "order.securing.payment.settled": 12_475,
    "order.undoing": 352,
    "order.approving": 311,
    "order.shipping": 11_902,
    "order.fulfilled": 11_640,
    f'{STOCK}["evt.stock.reserved"]': 12_206,
    f'{STOCK}["evt.stock.short"]': 274,
    f'{PAYMENT}["evt.payment.authorized"]': 12_401,
    "states.securing.onDone[0]": 352,
    "states.securing.onDone[1]": 311,
    "states.securing.onDone[2]": 11_817,
    'states.approving.on["evt.approval.decided"][0]': 85,
    'states.shipping.on["arvo.orc.shipment.done"]': 23_307,
    "states.shipping.always": 11_640,
}
SNAPSHOT = {"securing": {"stock": "settled", "payment": "authorizing"}}
FINDINGS = [Problem("states.failure.on.RETRY.guard", "the guard may be missing", "bound the number of tries")]

PICTURES: dict[str, Callable[[], str]] = {
    "order": lambda: draw(order_machine, at=SNAPSHOT, title="The fulfilment of an order"),
    "order-dark": lambda: draw(order_machine, at=SNAPSHOT, theme="dark", title="The fulfilment of an order"),
    "transitions": lambda: draw(DOOR),
    "compound": lambda: draw(NESTED),
    "parallel": lambda: draw(PLAYER),
    "history": lambda: draw(TRAFFIC_LIGHT),
    "actions": lambda: draw(ACTIONS, notes=True),
    "time": lambda: draw(TIME),
    "loops": lambda: draw(LOOPS),
    "invoke": lambda: draw(FETCH),
    "snapshot": lambda: draw(TRAFFIC_LIGHT, at={"working": {"red": "wait"}}),
    "path": lambda: draw(order_machine, path=PATH),
    "counts": lambda: draw(order_machine, counts=COUNTS),
    "findings": lambda: draw(FETCH, findings=FINDINGS),
    "since": lambda: draw(FETCH, since=OLD_FETCH),
    "collapse": lambda: draw(order_machine, collapse=["securing"], theme="print", notes=True),
}


def main() -> None:
    """Draw all pictures."""
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.glob("*.svg"):
        path.unlink()
    for name, picture in PICTURES.items():
        (FOLDER / f"{name}.svg").write_text(picture(), encoding="utf-8")


if __name__ == "__main__":
    main()

"""A machine with all that inspection has to tell apart: regions, timers, history, states without a way in or out."""

from __future__ import annotations

from typing import Any

ORDER: dict[str, Any] = {
    "id": "order",
    "initial": "new",
    "context": {"n": 0},
    "on": {"CANCEL": ".stuck", "log.*": {"actions": "note"}},
    "states": {
        "new": {"on": {"PAY": {"target": "work", "guard": "paid"}, "CANCEL": {}}},
        "work": {
            "type": "parallel",
            "onDone": "ready",
            "after": {5000: "new"},
            "states": {
                "ship": {"initial": "a", "states": {"a": {"on": {"SHIP": "b"}}, "b": {"type": "final"}}},
                "bill": {
                    "initial": "a",
                    "states": {"a": {"on": {"BILL": "b"}}, "b": {"type": "final"}, "h": {"type": "history"}},
                },
            },
        },
        "ready": {"type": "final"},
        "stuck": {"on": {"CANCEL": None, "POKE": {"actions": "note"}}},
        "never": {"on": {"GO": "ready"}},
    },
}
IMPLEMENTED: dict[str, Any] = {"actions": {"note": lambda: None}, "guards": {"paid": lambda: True}}

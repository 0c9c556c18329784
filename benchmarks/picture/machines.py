"""Machines of a size: states in groups of ten, one and a half times as many transitions."""

from __future__ import annotations

from typing import Any


def groups(states: int) -> dict[str, Any]:
    """A machine of so many states, those that hold others among them."""
    count = max(1, round(states / 11))
    inner: dict[str, Any] = {}
    for index in range(10):
        on: dict[str, Any] = {"NEXT": f"s{(index + 1) % 10}"}
        if index % 3 == 0:
            on["SKIP"] = {"target": f"s{(index + 4) % 10}", "guard": "may_skip"}
        inner[f"s{index}"] = {"on": on}
    states_of = {
        f"group_{group}": {"initial": "s0", "states": inner, "on": {"LEAVE": f"group_{(group + 1) % count}"}}
        for group in range(count)
    }
    return {"id": "groups", "initial": "group_0", "states": states_of}

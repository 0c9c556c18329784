"""A small shop, whose machines are put together for tests of what their checks find."""

from __future__ import annotations

import warnings
from typing import Any

from pydantic import BaseModel

from arvo import (
    ArvoMachine,
    ArvoWarning,
    Finding,
    create_arvo_contract,
    create_arvo_orchestrator_contract,
    create_simple_arvo_contract,
    emit,
    setup_arvo_machine,
)


class Item(BaseModel):
    sku: str


class Receipt(BaseModel):
    number: str
    note: str | None = None


stock = create_arvo_contract(
    uri="#/shop/stock",
    type="com.stock.reserve",
    versions={"1.0.0": {"accepts": Item, "emits": {"evt.stock.reserved": Item, "evt.stock.short": Item}}},
)
pay = create_simple_arvo_contract(
    uri="#/shop/pay",
    type="shop.pay",
    versions={"1.0.0": {"accepts": Item, "emits": Item}, "2.0.0": {"accepts": Item, "emits": Item}},
)
order = create_arvo_orchestrator_contract(
    uri="#/shop/order", name="order", versions={"1.0.0": {"init": Item, "complete": Receipt}}
)

RESERVE = emit({"type": "com.stock.reserve", "data": {"sku": "a"}})
PAY = emit(lambda context: {"type": "com.shop.pay", "data": {"sku": context["sku"]}})

RESERVING: dict[str, Any] = {
    "entry": RESERVE,
    "on": {"evt.stock.reserved": "done", "evt.stock.short": "done", "sys.com.stock.reserve.error": "done"},
}
DONE: dict[str, Any] = {"type": "final"}


def machine(states: dict[str, Any], *, events: Any = (), actions: Any = None, **root: Any) -> ArvoMachine:
    """Return a machine of the order's contract; its initial state is the first one."""
    config = {"id": "order", "initial": next(iter(states)), "states": states, "output": {"number": "1"}, **root}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ArvoWarning)
        return setup_arvo_machine(
            contracts={
                "self": order.version("1.0.0"),
                "services": {"stock": stock.version("1.0.0"), "pay": pay.version("1.0.0")},
            },
            events=events,
            actions=actions,
        ).create_machine(config)


def told(made: ArvoMachine) -> list[tuple[str, str, str | None]]:
    """Return severity, rule and event of what a machine's check finds."""
    return [(finding.severity.value, finding.rule, finding.event) for finding in made.findings()]


def only(made: ArvoMachine, rule: str) -> Finding:
    """Return the one finding of a rule."""
    (found,) = [finding for finding in made.findings() if finding.rule == rule]
    return found

"""The orders in `orders/`: CloudEvents in JSON files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "orders"


@dataclass(frozen=True, slots=True)
class IncomingOrder:
    """An order as it comes in.

    Attributes:
        name: Name of its file, without the ending.
        text: The event's JSON, unread: not every order is valid.
        expected: How it should end: an outcome of `Summary`, or `refused`.
    """

    name: str
    text: str
    expected: str


def incoming_orders() -> list[IncomingOrder]:
    """Return all orders of the folder, by name."""
    return [_read(path) for path in sorted(FOLDER.glob("*.json"))]


def _read(path: Path) -> IncomingOrder:
    text = path.read_text(encoding="utf-8")
    return IncomingOrder(path.stem, text, json.loads(text)["expected"])

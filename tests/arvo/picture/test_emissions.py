"""Which events an action emits, read from its code."""

from __future__ import annotations

from typing import Any

import pytest

from arvo import emit, enqueue_actions, enqueue_arvo_event
from arvo.picture.emissions import emitted_types

KNOWN = ("com.stock.reserve", "com.payment.charge")


def charging(context: Any, enqueue: Any) -> None:
    enqueue.emit(lambda: {"type": "com.payment.charge"})


def closed_over(kind: str) -> Any:
    return emit(lambda: {"type": kind, "data": "com.unknown"})


def closed_over_a_name_without_a_value() -> Any:
    def event_of(note: Any) -> Any:
        return lambda: {"type": "com.stock.reserve", "note": note}

    event = event_of("")
    del event.__closure__[0].cell_contents
    return emit(event)


@pytest.mark.parametrize(
    ("action", "types"),
    [
        (emit({"type": "anything"}), ["anything"]),
        (emit(lambda: {"type": "com.stock.reserve", "note": "com.unknown"}), ["com.stock.reserve"]),
        (closed_over("com.stock.reserve"), ["com.stock.reserve"]),
        (closed_over_a_name_without_a_value(), ["com.stock.reserve"]),
        (enqueue_actions(charging), ["com.payment.charge"]),
        (enqueue_arvo_event({"type": "queued"}), ["queued"]),
        ("reserve", ["com.stock.reserve"]),
        ({"type": "reserve", "params": {}}, ["com.stock.reserve"]),
        ("both", ["com.stock.reserve", "com.payment.charge"]),
        ("endless", []),
        ("unknown", []),
        (print, []),
    ],
)
def test_an_action_emits_what_its_code_mentions(action: Any, types: list[str]) -> None:
    actions = {
        "reserve": emit(lambda: {"type": "com.stock.reserve"}),
        "both": ["reserve", enqueue_actions(charging), "reserve"],
        "endless": ["endless"],
    }
    assert emitted_types(action, KNOWN, actions) == types

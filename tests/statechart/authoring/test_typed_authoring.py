"""mypy reads a user's machine module: right ones pass, and each deliberate mistake is found on its line."""

from __future__ import annotations

import re
from pathlib import Path

from mypy import api

ROOT = Path(__file__).parents[3]

MODULE = """\
from datetime import timedelta
from typing import Any

from pydantic import BaseModel

from arvo.statechart import (MachineConfig, StateConfig, assign, create_machine, emit, initial_transition, transition)


class Order(BaseModel):
    total: int = 0
    items: list[str] = []


def is_big(context: Order) -> bool:
    return context.total > 100


def add(context: Order, event: dict[str, Any]) -> dict[str, object]:
    return {"items": [*context.items, event["item"]]}


paying: StateConfig = {"after": {60_000: "open"}, "on": {"order.*": {"target": "paid", "guard": "is_big"}}}
waiting: StateConfig = {"after": {timedelta(minutes=5): "open"}}
config: MachineConfig = {
    "id": "order",
    "initial": "open",
    "context": Order(),
    "states": {
        "open": {"on": {"ADD": {"actions": "add"}, "PAY": ["paying"], "STOP": None}, "tags": ["editable"]},
        "paying": paying,
        "paid": {"type": "final", "entry": [emit({"type": "paid"}), assign({"total": lambda context: 0})]},
    },
}
machine = create_machine(config, context=Order, actions={"add": assign(add)}, guards={"is_big": is_big})
snapshot, effects = transition(machine, initial_transition(machine)[0], {"type": "PAY"})
total: int = snapshot.context.total
"""

MISTAKES = {
    "snapshot.context.totl": 'has no attribute "totl"',
    "words: str = snapshot.context.total": 'expression has type "int", variable has type "str"',
    'typo: StateConfig = {"onn": {}}': 'Extra key "onn"',
    'kind: StateConfig = {"type": "paralel"}': "'paralel'",
    'goal: StateConfig = {"on": {"E": {"taget": "x"}}}': "TransitionConfig",
    'create_machine(config, context=Order, guards={"is_big": len})': '"Callable[[Sized], int]"',
    'create_machine(config, context=Order, delays={"soon": [5]})': '"str": "list[int]"; expected "str": "float',
    "assign(3)": 'incompatible type "int"',
    'snapshot.status == "actve"': "actve",
    'snapshot.status = "done"': "read-only",
    "snapshot.can()": 'Missing positional argument "event"',
    "effects[0].event.typ": "has no attribute",
}


def test_mistakes_are_found_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "orders.py"
    file.write_text(MODULE + "\n".join(MISTAKES) + "\n")
    first = len(MODULE.splitlines()) + 1
    output, errors, _ = api.run(["--config-file", str(ROOT / "pyproject.toml"), "--no-error-summary", str(file)])
    assert errors == ""
    found: dict[int, str] = {}
    for line, message in re.findall(r"orders\.py:(\d+): error: (.*)", output):
        found[int(line)] = found.get(int(line), "") + message
    assert sorted(found) == list(range(first, first + len(MISTAKES))), output
    for number, expected in enumerate(MISTAKES.values(), first):
        assert expected in found[number]

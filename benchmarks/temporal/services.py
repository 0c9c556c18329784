"""What both sides do and exchange: the payloads, and the work of the services."""

from __future__ import annotations

from pydantic import BaseModel

TOOL_CALLS = 10
"""How many tools a loop calls, one after the other."""


class Key(BaseModel):
    key: str


class Value(BaseModel):
    value: int


class Operands(BaseModel):
    value: int
    by: int


class Change(BaseModel):
    key: str
    by: int


class Goal(BaseModel):
    goal: int


class Tick(BaseModel):
    by: int


class Total(BaseModel):
    total: int


class Thread(BaseModel):
    """What a loop of tool calls has come to."""

    key: str
    values: list[int]


class Decision(BaseModel):
    is_over: bool


async def decide(thread: Thread) -> Decision:
    """Decide, as a model would, whether to call another tool."""
    return Decision(is_over=len(thread.values) == TOOL_CALLS)


async def read(key: Key) -> Value:
    """Read a stored number."""
    return Value(value=len(key.key))


async def add(operands: Operands) -> Value:
    """Compute a sum."""
    return Value(value=operands.value + operands.by)

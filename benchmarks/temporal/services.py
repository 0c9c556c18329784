"""What both sides do and exchange: the payloads, and the work of the services."""

from __future__ import annotations

from pydantic import BaseModel


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


async def read(key: Key) -> Value:
    """Read a stored number."""
    return Value(value=len(key.key))


async def add(operands: Operands) -> Value:
    """Compute a sum."""
    return Value(value=operands.value + operands.by)

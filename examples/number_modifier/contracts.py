"""What the services and orchestrators of this system take and give."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from arvo import create_arvo_orchestrator_contract, create_simple_arvo_contract


class Key(BaseModel):
    """Names a stored number."""

    key: str


class Value(BaseModel):
    """A number."""

    value: int


class KeyedValue(BaseModel):
    """A number and where to store it."""

    key: str
    value: int


class Operands(BaseModel):
    """A number and by how much to change it."""

    value: int
    by: int


class Change(BaseModel):
    """Which stored number to change, and by how much."""

    key: str
    by: int


class Modification(BaseModel):
    """Which stored number to change, in which direction, and by how much."""

    key: str
    operation: Literal["increment", "decrement"]
    by: int


class Result(BaseModel):
    """What the number became; None after a failure."""

    success: bool
    value: int | None


value_read = create_simple_arvo_contract(
    uri="#/number/value/read",
    type="value.read",
    versions={"1.0.0": {"accepts": Key, "emits": Value}},
)
value_write = create_simple_arvo_contract(
    uri="#/number/value/write",
    type="value.write",
    versions={"1.0.0": {"accepts": KeyedValue, "emits": Value}},
)
number_increment = create_simple_arvo_contract(
    uri="#/number/increment",
    type="number.increment",
    versions={"1.0.0": {"accepts": Operands, "emits": Value}},
)
number_decrement = create_simple_arvo_contract(
    uri="#/number/decrement",
    type="number.decrement",
    versions={"1.0.0": {"accepts": Operands, "emits": Value}},
)
increment = create_arvo_orchestrator_contract(
    uri="#/number/orchestrator/increment",
    name="increment",
    versions={"1.0.0": {"init": Change, "complete": Result}},
)
decrement = create_arvo_orchestrator_contract(
    uri="#/number/orchestrator/decrement",
    name="decrement",
    versions={"1.0.0": {"init": Change, "complete": Result}},
)
number_modifier = create_arvo_orchestrator_contract(
    uri="#/number/orchestrator/modifier",
    name="number.modifier",
    versions={"1.0.0": {"init": Modification, "complete": Result}},
)

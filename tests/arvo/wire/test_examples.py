"""Made-up data fits its schema, and every member of a choice is among it."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, BaseModel, Field
from typing_extensions import TypedDict

from arvo.wire import PayloadSchema


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Item(BaseModel):
    sku: Annotated[str, Field(min_length=3, max_length=5)]
    count: Annotated[int, Field(ge=2, lt=9)]


class Order(BaseModel):
    items: Annotated[list[Item], Field(min_length=2)]
    colour: Colour
    kind: Literal["a", "b", "c"]
    gift: bool
    note: str | None
    order_id: str = Field(alias="orderId")


class Note(TypedDict):
    text: str


def refuse(value: str) -> str:
    raise ValueError("never right")


class Picky(BaseModel):
    word: Annotated[str, AfterValidator(refuse)]


class Tree(BaseModel):
    children: list[Tree]


@pytest.mark.parametrize("type_", [Order, Item, Note, Tree])
def test_every_example_fits(type_: Any) -> None:
    schema = PayloadSchema.of(type_)
    examples = schema.examples(50)
    assert examples
    assert [schema.validate(one) for one in examples] == examples


def test_choices_are_all_made() -> None:
    examples = PayloadSchema.of(Order).examples(50)
    assert {one["colour"] for one in examples} == {"red", "blue"}
    assert {one["kind"] for one in examples} == {"a", "b", "c"}
    assert {one["gift"] for one in examples} == {True, False}
    assert None in {one["note"] for one in examples}
    assert all("orderId" in one for one in examples)


def test_they_are_the_same_each_time_the_shortest_first_and_no_more_than_asked_for() -> None:
    schema = PayloadSchema.of(Order)
    examples = schema.examples(3)
    assert len(examples) == 3
    assert examples == PayloadSchema(Order).examples(3)
    assert sorted(examples, key=lambda one: len(str(one))) == examples


def test_where_a_validator_refuses_everything_there_is_none() -> None:
    assert PayloadSchema.of(Picky).examples(5) == []

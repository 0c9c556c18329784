"""What a payload is made of, in words: as people read it in a hint, and in an error."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, RootModel

from arvo.contracts import PARENT_SUBJECT, ContractEvent
from arvo.wire import PayloadSchema
from arvo_temporal.cli.schema_words import expected_words, opened, type_words


class Node(BaseModel):
    """A tree."""

    name: str
    children: list[Node] = []


class Self(BaseModel):
    """What can never end."""

    again: Self


class Cat(BaseModel):
    """A pet."""

    kind: Literal["cat"]


class Dog(BaseModel):
    """Another one."""

    kind: Literal["dog"]
    barks: bool


class Household(BaseModel):
    """What has everything."""

    note: str | None = None
    pet: Annotated[Cat | Dog, Field(discriminator="kind")]
    guest: Annotated[Cat | Dog, Field(discriminator="kind")] | None = None
    tree: Node
    price: Decimal
    parent: str | None = Field(None, alias=PARENT_SUBJECT)


class Numbers(RootModel[list[int]]):
    """A payload that is no object."""


def words(type_: Any) -> str:
    return expected_words(ContractEvent("evt.x.y", PayloadSchema.of(type_)))


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"const": "a"}, '"a"'),
        ({"const": True}, "true"),
        ({"enum": ["é", 1, None]}, 'one of "é", 1, null'),
        ({"enum": list(range(13))}, "one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, ..."),
        ({"enum": list(range(12))}, "one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11"),
        ({"type": ["string", "null"]}, "text or null"),
        ({"anyOf": [{"oneOf": [{"type": "integer"}, {"type": "string"}]}, {"type": "string"}]}, "integer or text"),
        ({"type": "array", "items": {"type": "number"}}, "list of number"),
        ({"type": "array"}, "list of JSON"),
        ({"type": "object", "properties": {"a": {}, "b": {}}}, "object with a, b"),
        ({"type": "object"}, "object"),
        ({"type": "string", "format": "date"}, "text, date"),
        ({"type": "boolean"}, "boolean"),
        ({}, "JSON"),
    ],
)
def test_a_value_has_words(schema: dict[str, Any], told: str) -> None:
    assert type_words(schema) == told


def test_what_has_to_be_given_comes_first_and_the_parent_is_not_asked_for() -> None:
    assert words(Household) == (
        "pet (object with kind or object with kind, barks), tree (object with name, children), price (number or text), "
        "note (text or null, optional), guest (object with kind or object with kind, barks or null, optional)"
    )


def test_recursive_types_are_opened_where_each_payload_has_them() -> None:
    assert words(Node) == "name (text), children (list of JSON, optional)"
    assert words(Self) == "again (JSON)"
    tree = opened(PayloadSchema.of(Household).json_schema())["properties"]["tree"]
    assert list(tree["properties"]) == ["name", "children"]


def test_a_payload_may_be_no_object_or_nothing() -> None:
    assert words(Numbers) == "list of integer"
    assert words(type("Nothing", (BaseModel,), {})) == "nothing"

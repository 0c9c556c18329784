"""Payloads are checked as zod checks them: strictly, dropping what is unknown, filling in defaults."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, NotRequired
from uuid import UUID

import pytest
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from arvo.errors import InvalidPayloadError
from arvo.wire import PayloadSchema


class Colour(Enum):
    RED = "red"


class Part(BaseModel):
    weight: float = 1.5


class Thing(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    count: int
    made: datetime
    day: date
    price: Decimal
    key: UUID
    colour: Colour
    parts: list[Part] = []
    kind: Literal["a", "b"] = Field(default="a", alias="type")


THING = {
    "count": 3,
    "made": "2025-07-01T00:00:00Z",
    "day": "2025-07-01",
    "price": "1.10",
    "key": "f7a1c0de-0000-4000-8000-000000000001",
    "colour": "red",
    "parts": [{"weight": 2}, {}],
    "type": "b",
}


def paths(schema: PayloadSchema[Any], data: Any) -> list[str]:
    with pytest.raises(InvalidPayloadError) as refusal:
        schema.validate(data)
    return sorted(refusal.value.paths)


def test_what_json_has_no_type_for_is_read_from_its_text_and_written_as_text() -> None:
    schema = PayloadSchema.of(Thing)
    thing = schema.parse(THING)
    assert thing.made == datetime(2025, 7, 1, tzinfo=UTC)
    assert thing.colour is Colour.RED
    assert schema.validate(THING) == {**THING, "parts": [{"weight": 2.0}, {"weight": 1.5}]}


def test_models_and_python_values_are_taken_too() -> None:
    schema = PayloadSchema.of(Thing)
    written = schema.validate(THING)
    assert schema.validate(schema.parse(THING)) == written
    assert schema.validate({**THING, "made": datetime(2025, 7, 1, tzinfo=UTC), "colour": Colour.RED}) == written


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"count": "3"}, "count"),
        ({"count": True}, "count"),
        ({"count": 3.5}, "count"),
        ({"count": None}, "count"),
        ({"colour": "RED"}, "colour"),
        ({"parts": {}}, "parts"),
        ({"parts": [{"weight": "2"}]}, "parts.0.weight"),
        ({"type": "c"}, "type"),
        ({"made": "tomorrow"}, "made"),
    ],
)
def test_nothing_is_coerced(change: dict[str, Any], path: str) -> None:
    assert paths(PayloadSchema.of(Thing), {**THING, **change}) == [path]


def test_a_whole_number_is_an_integer_however_it_is_written() -> None:
    assert PayloadSchema.of(list[int]).validate([3.0, -0.0, 1e3]) == [3, 0, 1000]


def test_unknown_keys_are_dropped_at_every_level() -> None:
    data = {**THING, "unknown": 1, "parts": [{"weight": 1.0, "unknown": 1}]}
    validated = PayloadSchema.of(Thing).validate(data)
    assert "unknown" not in validated
    assert validated["parts"] == [{"weight": 1.0}]


def test_what_may_be_absent_may_not_be_null() -> None:
    class Note(TypedDict):
        text: NotRequired[str]

    schema = PayloadSchema.of(Note)
    assert schema.validate({}) == {}
    assert paths(schema, {"text": None}) == ["text"]


@pytest.mark.parametrize("data", ["x", [], None, 1])
def test_what_is_no_object_is_refused_as_a_whole(data: Any) -> None:
    assert paths(PayloadSchema.of(Thing), data) == [""]


def test_what_json_cannot_carry_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    anything = PayloadSchema[Any](Any)
    for data in (loop, object(), {"a": "\ud800"}, b"\xff"):
        assert paths(anything, data) == [""]


def test_numbers_that_json_lacks_are_no_numbers() -> None:
    assert paths(PayloadSchema.of(list[float]), [float("nan"), float("inf"), 1.0]) == ["0", "1"]


def test_constraints_of_the_model_hold() -> None:
    schema = PayloadSchema[Any](Annotated[str, Field(min_length=2, max_length=3)])
    assert schema.validate("ab") == "ab"
    assert paths(schema, "abcd") == [""]

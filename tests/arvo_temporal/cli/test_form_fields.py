"""The fields of a form, and what may be typed into them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arvo.wire import PayloadSchema
from arvo_temporal.cli.form_fields import LEFT_OUT, Field, FieldError, fields_of, put_together
from tests.approvals import GOOD, Verdict

SCHEMA = PayloadSchema.of(Verdict).json_schema()
FIELDS = {field.name: field for field in fields_of(SCHEMA)}


def field(**schema: Any) -> Field:
    return Field(("x",), schema, required=True)


def test_objects_that_are_always_there_are_asked_for_by_their_fields() -> None:
    assert list(FIELDS) == ["approved", "amount", "level", "place.city", "place.zip", "rate", "note", "tags"]
    assert [name for name, one in FIELDS.items() if one.required] == ["approved", "amount", "level", "place.city"]


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        *(("approved", "Y", True), ("approved", "false", False), ("amount", " 12 ", 12)),
        *(("level", "low", "low"), ("level", "2", "high"), ("place.city", "007", "007"), ("place.city", '""', "")),
        *(("place.city", '"a\\nb"', "a\nb"), ("place.city", '"open', '"open'), ("note", "null", None)),
        *(("note", "", LEFT_OUT), ("rate", "1e3", 1000.0), ("tags", '["a"]', ["a"])),
    ],
)
def test_what_is_typed_has_a_value(name: str, text: str, value: Any) -> None:
    assert FIELDS[name].read(text) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("approved", "maybe"), ("approved", ""), ("amount", "twelve"), ("amount", ""), ("level", "3")),
        *(
            ("level", "medium"),
            ("place.city", " "),
            ("place.city", "a\x1b[A"),
            ("place.city", "\u202ea"),
            ("tags", "["),
        ),
    ],
)
def test_what_is_no_value_is_said(name: str, text: str) -> None:
    with pytest.raises(FieldError):
        FIELDS[name].read(text)


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, "12", 12),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, "twelve", "twelve"),
        ({"anyOf": [{"enum": ["a"]}, {"type": "null"}]}, "null", None),
        ({"oneOf": [{"type": "object"}, {"type": "object"}]}, '{"a": 1}', {"a": 1}),
        ({"oneOf": [{"const": "a"}, {"const": "b"}]}, "2", "b"),
        ({"enum": [1, "1", True]}, "true", True),
        ({"const": "only"}, "1", "only"),
        ({}, '{"a": 1}', {"a": 1}),
        ({}, "text", "text"),
        ({"type": "object", "additionalProperties": {}}, '{"a": 1}', {"a": 1}),
    ],
)
def test_any_schema_has_a_field(schema: dict[str, Any], text: str, value: Any) -> None:
    assert field(**schema).read(text) == value


def test_what_was_left_out_is_not_in_the_payload() -> None:
    typed = {"approved": "yes", "amount": "5", "level": "high", "place.city": "Bonn"}
    values = [(one, one.read(typed.get(name, ""))) for name, one in FIELDS.items()]
    assert put_together(values, SCHEMA) == GOOD


def test_a_payload_that_is_no_object_is_one_field() -> None:
    [only] = fields_of({"type": "array", "items": {"type": "integer"}})
    assert put_together([(only, only.read("[1, 2]"))], {}) == [1, 2]


def test_an_object_without_fields_is_an_empty_one() -> None:
    assert fields_of({"type": "object", "properties": {}}) == []
    assert put_together([], {"type": "object", "properties": {}}) == {}


@given(st.text())
def test_nothing_that_is_typed_is_anything_else_than_a_value_or_a_refusal(text: str) -> None:
    for one in FIELDS.values():
        try:
            value = one.read(text)
        except FieldError:
            continue
        assert value is LEFT_OUT or json.dumps(value)

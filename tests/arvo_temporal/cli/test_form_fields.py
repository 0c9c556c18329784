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


_DECIMAL = {"anyOf": [{"type": "number"}, {"type": "string"}]}


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
        ({}, "0.30000000000000004", 0.30000000000000004),
        ({"type": ["string", "null"]}, "null", None),
        ({"type": ["integer", "null"]}, "7", 7),
        ({"anyOf": [{"oneOf": [{"const": "a"}, {"const": "b"}]}, {"type": "null"}]}, "2", "b"),
        ({"enum": ["low", "high"]}, '"low"', "low"),
        ({"enum": ["2", "1"]}, "2", "2"),
        ({"enum": [10, 1]}, "1", 1),
        ({"enum": ["é"]}, '"é"', "é"),
        (_DECIMAL, "12345678901234567890.12", "12345678901234567890.12"),
        (_DECIMAL, "12345678901234567890", 12345678901234567890),
        (_DECIMAL, " 12345678901234567890.12 ", "12345678901234567890.12"),
        (_DECIMAL, "1e400", "1e400"),
        ({}, "12345678901234567890.12", 12345678901234567890.12),
        (_DECIMAL, " 1.50 ", 1.5),
        (_DECIMAL, '"1.50"', "1.50"),
        ({"anyOf": [{"type": "boolean"}, {"type": "null"}]}, "no", False),
        ({"anyOf": [{"type": "boolean"}, {"type": "null"}]}, "null", None),
        ({"type": "object", "additionalProperties": {}}, '{"a": 1}', {"a": 1}),
    ],
)
def test_any_schema_has_a_field(schema: dict[str, Any], text: str, value: Any) -> None:
    assert field(**schema).read(text) == value


@pytest.mark.parametrize(
    ("schema", "text", "told"),
    [
        ({"type": "integer"}, "twelve", "Type an integer."),
        ({"type": "number"}, "1,5", "Type a number, such as 1.5."),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "x", "Type an integer."),
        ({"type": "object"}, '{"a": 1, "a": 2}', "It has a key twice in one object."),
        ({"type": "array"}, "[NaN]", "It is not JSON: NaN is no JSON number."),
        ({"type": "string"}, "a\tb", 'It has characters that cannot be seen: type it again, or as JSON: "a\\tb".'),
        ({"type": "string"}, "", 'It is needed. Type "" for an empty text.'),
        ({"type": "integer"}, " ", "It is needed."),
        ({"type": "boolean"}, "1", "Type yes or no."),
        ({"enum": ["a", "b"]}, "0", "Type one of the choices, or its number from 1 to 2."),
        ({"enum": ["a", "b"]}, "\u0662", "Type one of the choices, or its number from 1 to 2."),
        ({"enum": ["a", "b"]}, "null", "Type one of the choices, or its number from 1 to 2."),
    ],
)
def test_what_can_be_typed_instead_is_said(schema: dict[str, Any], text: str, told: str) -> None:
    with pytest.raises(FieldError) as refused:
        field(**schema).read(text)
    assert str(refused.value) == told


def test_a_choice_that_is_listed_twice_is_one() -> None:
    assert field(type=["string", "null"], enum=["a", "b", None]).choices == ["a", "b", None]
    assert field(anyOf=[{"enum": ["a", "b"]}, {"enum": ["b", 1]}, {"const": True}]).choices == ["a", "b", 1, True]
    assert field(anyOf=[{"enum": ["a"]}, {"type": "string"}]).choices is None


def test_a_default_is_a_hint_of_what_is_not_needed() -> None:
    assert Field(("x",), {"type": "string", "default": "é"}, required=False).hint == 'text; else "é"'
    assert Field(("x",), {"type": "boolean", "default": False}, required=False).hint == "boolean; else false"
    assert Field(("x",), {"type": "string"}, required=False).hint == "text; optional"
    assert field(type="string", default="a").hint == "text"


def test_objects_in_which_nothing_is_needed_are_there() -> None:
    inner = {"type": "object", "properties": {"a": {"type": "integer"}}}
    outer = {"type": "object", "properties": {"in": inner}, "required": ["in"]}
    schema = {"type": "object", "properties": {"x": outer, "y": inner}, "required": ["x"]}
    fields = fields_of(schema)
    assert [(one.name, one.required) for one in fields] == [("x.in.a", False), ("y", False)]
    assert put_together([(one, LEFT_OUT) for one in fields], schema) == {"x": {"in": {}}}


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

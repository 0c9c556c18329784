"""The fields of a form, from the JSON Schema of a payload, and what is typed into them. Nothing is asked here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from arvo.wire import JsonError, read_json
from arvo_temporal.cli.schema_words import alternatives, as_json, type_words

LEFT_OUT = object()
"""The value of a field that was left empty and may be."""

_YES = ("y", "yes", "true")
_NO = ("n", "no", "false")


class FieldError(ValueError):
    """What was typed is no value of the field."""


@dataclass(frozen=True, slots=True)
class Field:
    """One value that is asked for.

    Attributes:
        path: The keys that lead to it, from the outside.
        schema: The JSON Schema of its value.
        required: Whether it has to be given.
    """

    path: tuple[str, ...]
    schema: Mapping[str, Any]
    required: bool

    @property
    def name(self) -> str:
        """Its path as people read it: `address.city`."""
        return ".".join(self.path)

    @property
    def kinds(self) -> list[str]:
        """The JSON types of its value; `any` for what has none."""
        found = [str(one.get("type", "any")) for one in alternatives(self.schema)]
        return list(dict.fromkeys(found))

    @property
    def choices(self) -> list[Any] | None:
        """The values that it can have, where they are listed."""
        listed: list[Any] = []
        for one in alternatives(self.schema):
            if one.get("type") == "null":
                continue
            if "const" not in one and "enum" not in one:
                return None
            listed += [one["const"]] if "const" in one else one["enum"]
        return list({as_json(choice): choice for choice in listed}.values()) or None

    @property
    def hint(self) -> str:
        """What is to be typed, in words."""
        if self.required:
            return type_words(self.schema)
        default = self.schema.get("default")
        left_out = "optional" if default is None else f"else {as_json(default)}"
        return f"{type_words(self.schema)}; {left_out}"

    def read(self, text: str) -> Any:
        """Return the value that a typed text stands for; `LEFT_OUT` for an empty one of a field that is not required.

        A text stands for itself; in quotation marks it is one of JSON, as an empty one has to be.

        Raises:
            FieldError: It stands for none.
        """
        if not text.isprintable():
            raise FieldError('It has characters that cannot be seen: type it again, or as JSON: "a\\tb".')
        if not text.strip():
            if self.required:
                raise FieldError(
                    'It is needed. Type "" for an empty text.' if self._takes("string") else "It is needed."
                )
            return LEFT_OUT
        if self.choices is not None:
            return self._chosen(text.strip(), self.choices)
        if text.strip() == "null" and self._takes("null"):
            return None
        if set(self.kinds) <= {"boolean", "null"}:
            return _truth(text.strip().lower())
        if self._takes("string"):
            return self._text(text)
        return self._json(text)

    def _text(self, text: str) -> Any:
        if not text.startswith('"') and set(self.kinds) <= {"string", "null"}:
            return text
        try:
            value = read_json(text)
        except JsonError:
            return text
        # A number of JSON has 17 digits at most; one that may be given as text is a decimal, and keeps all of its.
        is_changed = (
            isinstance(value, float) and "string" in self.kinds and Decimal(text.strip()) != Decimal(repr(value))
        )
        return text.strip() if is_changed else value

    def _json(self, text: str) -> Any:
        try:
            return read_json(text)
        except JsonError as error:
            numbers = [kind for kind in self.kinds if kind != "null"]
            if set(numbers) <= {"integer", "number"}:
                raise FieldError(f"Type {'a number, such as 1.5' if 'number' in numbers else 'an integer'}.") from error
            raise FieldError(f"I{str(error)[1:]}.") from error

    def _chosen(self, text: str, choices: Sequence[Any]) -> Any:
        for choice in choices:
            if text in (choice, as_json(choice)):
                return choice
        if text.isdecimal() and text.isascii() and 1 <= int(text) <= len(choices):
            return choices[int(text) - 1]
        if text == "null" and "null" in self.kinds:
            return None
        raise FieldError(f"Type one of the choices, or its number from 1 to {len(choices)}.")

    def _takes(self, kind: str) -> bool:
        return kind in self.kinds or "any" in self.kinds


def fields_of(schema: Mapping[str, Any], path: tuple[str, ...] = (), *, required: bool = True) -> list[Field]:
    """Return the fields of a payload: those of objects that it always has stand for themselves, by their paths.

    Args:
        schema: The JSON Schema of an object, `opened`.
        path: Where the object is.
        required: Whether it has to be given.
    """
    properties: Mapping[str, Any] | None = schema.get("properties")
    if properties is None or not required:
        return [Field(path, schema, required)]
    needed = set(schema.get("required", ()))
    return [
        field
        for name, member in properties.items()
        for field in fields_of(member, (*path, name), required=name in needed)
    ]


def put_together(values: Iterable[tuple[Field, Any]], schema: Mapping[str, Any]) -> Any:
    """Return the payload that the values of fields are parts of; what was left out is not in it."""
    data: dict[str, Any] = {}
    _prepare(data, schema)
    for field, value in values:
        if value is LEFT_OUT:
            continue
        if not field.path:
            return value
        place = data
        for key in field.path[:-1]:
            place = place.setdefault(key, {})
        place[field.path[-1]] = value
    return data


def _prepare(data: dict[str, Any], schema: Mapping[str, Any]) -> None:
    """Put the objects in whose fields are asked for one by one, and which may all be left out."""
    for name in schema.get("required", ()):
        member = schema.get("properties", {}).get(name, {})
        if "properties" in member:
            _prepare(data.setdefault(name, {}), member)


def _truth(text: str) -> bool:
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise FieldError("Type yes or no.")

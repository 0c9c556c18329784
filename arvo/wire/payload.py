"""Schemas of event payloads: what a pydantic type accepts as JSON, strictly.

A value is never turned into another type (a text is no number), keys that the type does not know are dropped,
defaults are filled in. What JSON has no type for is read from its text: a `datetime` from RFC 3339, a `UUID` or a
`Decimal` from its digits, an `Enum` from its value. What is sent is what is read: a value that JSON would change is
refused.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import suppress
from functools import cached_property, lru_cache
from json import dumps
from typing import Any, Final, Generic, TypeVar, cast

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import SchemaValidator

from arvo.errors import ArvoError, InvalidPayloadError, list_problems
from arvo.roundtrip import (
    Loss,
    Trip,
    depends_on_values,
    describe,
    find_losses,
    first_difference,
    samples_of,
    writes_json_in_json,
)
from arvo.wire.frugal_validator import build_frugal_validator
from arvo.wire.json_schema import JSON_SCHEMA_DIALECT, inline_definitions
from arvo.wire.json_value import JsonError, copy_json
from arvo.wire.writing import is_plain, parts_of, read_text, unwritable, write_plain, write_text

Payload = TypeVar("Payload")

_LARGE_BYTES: Final = 64 * 1024
_LISTED_PROBLEMS: Final = 1_000


class PayloadSchema(Generic[Payload]):
    """The schema of one payload.

    Attributes:
        type: The pydantic model, `TypedDict` or other type that stands for the payload.
    """

    def __init__(self, type_: Any) -> None:
        self.type = type_
        self._adapter: TypeAdapter[Payload] = TypeAdapter(type_)

    @staticmethod
    def of(type_: type[Payload]) -> PayloadSchema[Payload]:
        """Return the schema of a type; the same object for the same type."""
        if _is_hashable(type_):
            return _schema_of(cast("Hashable", type_))
        return PayloadSchema(type_)  # because of what it is annotated with

    @cached_property
    def losses(self) -> tuple[Loss, ...]:
        """What of the payload could be lost or changed on its way, as far as the type tells; see `find_losses`."""
        return find_losses(self._core_schema, Trip(by_alias=True, strict=True, fields_only=self._fields_only))

    def parse(self, data: Any) -> Payload:
        """Return the data as an instance of the type.

        Args:
            data: JSON as Python objects, or a pydantic model.

        Raises:
            InvalidPayloadError: The data does not fit; `paths` says where.
        """
        return self._parse(write_plain(data) if type(data) is dict else write_text(data))

    def validate(self, data: Any) -> Any:
        """Return the data as JSON that fits exactly: defaults filled in, unknown keys gone.

        Args:
            data: JSON as Python objects, or a pydantic model.

        Raises:
            InvalidPayloadError: The data does not fit, or it would not be read as what it is; `paths` says where.
        """
        if is_plain(data):
            value = self._parse(write_plain(data))
        else:
            value = self._parse(write_text(data))
            self._compare(self._as_given(data, value), value)
        written = self._written(value)
        if self._is_doubtful:
            self._compare(value, self._parse(write_plain(_canonical(write_plain(written)))))
        return written

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the payload, complete in itself: nothing is referred to but recursive types."""
        schema = self._adapter.json_schema(by_alias=True)
        return {"$schema": JSON_SCHEMA_DIALECT, **inline_definitions(schema)}

    def examples(self, most: int) -> list[Any]:
        """Return made-up data that fits, the shortest first; none where validators of the author's refuse all of it.

        Args:
            most: How many at most.
        """
        found: dict[str, Any] = {}
        for sample in samples_of(self._core_schema, by_alias=True):
            with suppress(InvalidPayloadError):
                data = self.validate(sample)
                found.setdefault(dumps(data, sort_keys=True), data)
        return [found[text] for text in sorted(found, key=len)[:most]]

    def _parse(self, text: bytes) -> Payload:
        try:
            return self._read(text)
        except ValidationError as error:
            if b".0" not in text and b"e" not in text:
                raise _invalid(error) from None
        try:
            return self._read(write_plain(_canonical(text)))
        except ValidationError as error:
            raise _invalid(error) from None

    def _read(self, text: bytes) -> Payload:
        validator = self._adapter.validator if len(text) <= _LARGE_BYTES else self._frugal_validator
        try:
            return cast("Payload", validator.validate_json(text, strict=True))
        except (ValidationError, ArvoError):
            raise
        except Exception as error:
            raise InvalidPayloadError(
                f"The data does not fit its schema: a validator raises {type(error).__name__}: {str(error)[:200]}."
            ) from error

    def _written(self, value: Payload) -> Any:
        try:
            return self._adapter.serializer.to_python(value, mode="json", by_alias=True, round_trip=self._fields_only)
        except (ValueError, TypeError) as error:
            raise unwritable(value, error) from error

    def _as_given(self, data: Any, value: Payload) -> Any:
        """Return what was given as an instance of the type, or what was read where the two cannot be compared."""
        if type(data) is type(value) and not isinstance(data, dict):
            return data
        if isinstance(data, BaseModel) or any(isinstance(part, Iterator) for _, part in parts_of(data)):
            return value
        try:
            return self._adapter.validator.validate_python(data)
        except Exception:  # models of other types are in it, which JSON makes into what is wanted
            return value

    def _compare(self, given: Any, read: Any) -> None:
        found = first_difference(given, read)
        if found is None:
            return
        path, one, other = found
        raise InvalidPayloadError(
            f"The data would not be read as what it is: {path[:120] or 'it'}: {describe(one, other)}. Give it in the "
            "form in which it is read, or change its type in the schema.",
            paths=[path],
        )

    @cached_property
    def _core_schema(self) -> Any:
        if not isinstance(self._adapter.core_schema, dict):  # pydantic was told to put it off
            self._adapter.rebuild(force=True)
        return self._adapter.core_schema

    @cached_property
    def _fields_only(self) -> bool:
        return writes_json_in_json(self._core_schema)

    @cached_property
    def _is_doubtful(self) -> bool:
        return depends_on_values(self._core_schema)

    @cached_property
    def _frugal_validator(self) -> SchemaValidator:
        return build_frugal_validator(self._adapter.core_schema)

    def __repr__(self) -> str:
        return f"PayloadSchema({getattr(self.type, '__name__', self.type)})"


def _canonical(text: bytes) -> Any:
    try:
        return copy_json(read_text(text))
    except JsonError as error:
        path = ".".join(error.path)
        raise InvalidPayloadError(f"The data is not JSON: {path[:200]} {error}.", paths=[path]) from None


def _invalid(error: ValidationError) -> InvalidPayloadError:
    if error.error_count() > _LISTED_PROBLEMS:
        return InvalidPayloadError(f"The data does not fit its schema: it has {error.error_count()} problems.")
    problems = [(".".join(map(str, detail["loc"])), detail["msg"]) for detail in _details(error)]
    return InvalidPayloadError(
        f"The data does not fit its schema: {list_problems(problems)}.", paths=[path for path, _ in problems]
    )


def _details(error: ValidationError) -> list[Any]:
    return error.errors(include_url=False, include_context=False, include_input=False)


def _is_hashable(type_: Any) -> bool:
    try:
        hash(type_)
    except TypeError:
        return False
    return True


@lru_cache(512)
def _schema_of(type_: Hashable) -> PayloadSchema[Any]:
    return PayloadSchema(type_)


def is_object_type(type_: Any) -> bool:
    """Tell whether a payload type describes an object by named fields: a pydantic model or a `TypedDict`."""
    return isinstance(type_, type) and (issubclass(type_, BaseModel) or hasattr(type_, "__required_keys__"))

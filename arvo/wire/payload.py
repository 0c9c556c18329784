"""Schemas of event payloads: what a pydantic type accepts as JSON, strictly.

A value is never turned into another type (a text is no number), keys that the type does not know are dropped,
defaults are filled in. What JSON has no type for is read from its text: a `datetime` from RFC 3339, a `UUID` or a
`Decimal` from its digits, an `Enum` from its value.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import cached_property, lru_cache
from typing import Any, Final, Generic, TypeVar, cast

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import SchemaValidator, from_json, to_json

from arvo.errors import InvalidPayloadError, list_problems
from arvo.wire.frugal_validator import build_frugal_validator
from arvo.wire.json_schema import JSON_SCHEMA_DIALECT, inline_definitions
from arvo.wire.json_value import JsonError, copy_json

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
        return _schema_of(cast("Hashable", type_))

    def parse(self, data: Any) -> Payload:
        """Return the data as an instance of the type.

        Args:
            data: JSON as Python objects, or a pydantic model.

        Raises:
            InvalidPayloadError: The data does not fit; `paths` says where.
        """
        text = _write(data)
        try:
            return self._read(text)
        except ValidationError as error:
            if b".0" not in text and b"e" not in text:
                raise _invalid(error) from None
        try:
            return self._read(_write(_canonical(text)))
        except ValidationError as error:
            raise _invalid(error) from None

    def validate(self, data: Any) -> Any:
        """Return the data as JSON that fits exactly: defaults filled in, unknown keys gone.

        Args:
            data: JSON as Python objects, or a pydantic model.

        Raises:
            InvalidPayloadError: The data does not fit; `paths` says where.
        """
        return self._adapter.serializer.to_python(self.parse(data), mode="json", by_alias=True)

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the payload, complete in itself: nothing is referred to but recursive types."""
        schema = self._adapter.json_schema(by_alias=True)
        return {"$schema": JSON_SCHEMA_DIALECT, **inline_definitions(schema)}

    def _read(self, text: bytes) -> Payload:
        validator = self._adapter.validator if len(text) <= _LARGE_BYTES else self._frugal_validator
        return cast("Payload", validator.validate_json(text, strict=True))

    @cached_property
    def _frugal_validator(self) -> SchemaValidator:
        return build_frugal_validator(self._adapter.core_schema)

    def __repr__(self) -> str:
        return f"PayloadSchema({getattr(self.type, '__name__', self.type)})"


def to_plain_json(value: Any) -> Any:
    """Return a value with its models, times and the like as JSON.

    Raises:
        InvalidPayloadError: JSON cannot carry a part of it.
    """
    return _read(_write(value))


def _canonical(text: bytes) -> Any:
    try:
        return copy_json(_read(text))
    except JsonError as error:
        path = ".".join(error.path)
        raise InvalidPayloadError(f"The data is not JSON: {path[:200]} {error}.", paths=[path]) from None


def _read(text: bytes) -> Any:
    try:
        return from_json(text)
    except ValueError as error:
        raise InvalidPayloadError(f"The data is not JSON: {str(error)[:200]}.") from None


def _write(value: Any) -> bytes:
    try:
        return to_json(value, by_alias=True, inf_nan_mode="null")
    except (ValueError, TypeError, RecursionError) as error:
        raise InvalidPayloadError(f"The data cannot be written as JSON: {str(error)[:200]}.") from None


def _invalid(error: ValidationError) -> InvalidPayloadError:
    if error.error_count() > _LISTED_PROBLEMS:
        return InvalidPayloadError(f"The data does not fit its schema: it has {error.error_count()} problems.")
    problems = [(".".join(map(str, detail["loc"])), detail["msg"]) for detail in _details(error)]
    return InvalidPayloadError(
        f"The data does not fit its schema: {list_problems(problems)}.", paths=[path for path, _ in problems]
    )


def _details(error: ValidationError) -> list[Any]:
    return error.errors(include_url=False, include_context=False, include_input=False)


@lru_cache(512)
def _schema_of(type_: Hashable) -> PayloadSchema[Any]:
    return PayloadSchema(type_)


def is_object_type(type_: Any) -> bool:
    """Tell whether a payload type describes an object by named fields: a pydantic model or a `TypedDict`."""
    return isinstance(type_, type) and (issubclass(type_, BaseModel) or hasattr(type_, "__required_keys__"))

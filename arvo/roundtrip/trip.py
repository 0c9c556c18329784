"""A trip: how the values of a type are written as JSON, and read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from pydantic_core import CoreSchema, SchemaSerializer, SchemaValidator

Schema = Mapping[str, Any]
"""A core schema of pydantic, or a part of one."""


class Loss(NamedTuple):
    """A value that JSON does not bring back.

    Attributes:
        path: Dotted path of the field, `""` for the value as a whole.
        reason: What becomes of the value, and what to write instead.
    """

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Trip:
    """How values are written and read.

    Attributes:
        by_alias: Whether fields are written under their aliases; if not, under their names, which are read too.
        strict: Whether they are read strictly.
        fields_only: Whether computed fields are left out; what is `Json` in the type is then written as text.
    """

    by_alias: bool
    strict: bool
    fields_only: bool

    def write(self, serializer: SchemaSerializer, value: Any) -> bytes:
        """Return a value as JSON text."""
        return serializer.to_json(value, by_alias=self.by_alias, round_trip=self.fields_only, warnings="none")

    def read(self, validator: SchemaValidator, text: bytes) -> Any:
        """Return the value of a JSON text.

        Raises:
            ValidationError: It does not fit.
        """
        if self.by_alias:
            return validator.validate_json(text, strict=self.strict)
        return validator.validate_json(text, strict=self.strict or None, by_alias=True, by_name=True)


class There(NamedTuple):
    """A part of a schema that values travel through on their own.

    Attributes:
        trip: How they are written and read.
        validator: What reads them.
        serializer: What writes them.
    """

    trip: Trip
    validator: SchemaValidator
    serializer: SchemaSerializer

    @classmethod
    def of(cls, part: Schema, definitions: Mapping[str, Schema], config: Any, trip: Trip) -> There:
        """Return a part with what it refers to."""
        whole = {"type": "definitions", "schema": part, "definitions": list(definitions.values())}
        schema = cast("CoreSchema", whole if definitions else part)
        return cls(trip, SchemaValidator(schema, config, _use_prebuilt=False), SchemaSerializer(schema, config))

    def write(self, value: Any) -> bytes:
        """Return a value as JSON text."""
        return self.trip.write(self.serializer, value)

    def read(self, text: bytes) -> Any:
        """Return the value of a JSON text."""
        return self.trip.read(self.validator, text)

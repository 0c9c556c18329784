"""Made-up JSON for a type: a few values of each kind, within the bounds that the type sets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from itertools import islice
from json import dumps
from typing import Any, Final, TypeAlias, cast

from pydantic_core import CoreSchema, SchemaValidator, ValidationError

from arvo.roundtrip.nodes import FIELDS, choices_of, definitions_of, fields_of
from arvo.roundtrip.trip import Schema

Within: TypeAlias = frozenset[str]

_MOST: Final = 24
"""Samples of one part of a type at most."""
_LARGEST: Final = 8 * 1024
"""Longest JSON of a sample of a part that a type has in several places: together they would grow beyond bounds."""

_TIME: Final = "12:34:56.123456"
_FIXED: Final[Mapping[str, tuple[Any, ...]]] = {
    "any": ("Text", 1, None),
    "none": (None,),
    "bool": (True, False),
    "bytes": ("Text",),
    "date": ("2025-07-09",),
    "time": (_TIME,),
    "datetime": (f"2025-07-09T{_TIME}", f"2025-07-09T{_TIME}Z", "2025-07-09T00:00:00"),
    "timedelta": ("P1DT2H3M4.000005S", "PT1M"),
    "complex": ("1+2j",),
    "uuid": tuple(f"f7a1c0de-0000-{version}000-8000-000000000001" for version in "41357"),
    "url": ("https://example.com/a?b=c",),
    "multi-host-url": ("https://example.com/a", "postgres://user:password@host/name", "redis://host:1/0"),
    "function-plain": ("Text", "1.2.3.4", "math.pi", 1),
    "is-instance": (),
}


def samples_of(schema: Schema, *, by_alias: bool) -> list[Any]:
    """Return made-up JSON for a whole type. Nothing says that it fits.

    Args:
        schema: The core schema of the type.
        by_alias: Whether fields have the names that they are read from, or those in Python.
    """
    definitions = definitions_of(schema)
    while schema["type"] == "definitions":
        schema = schema["schema"]
    return Sampler(definitions, by_alias=by_alias).whole(schema)


class Sampler:
    """Makes JSON, as Python objects, for the parts of one schema.

    Nothing says that it fits: what functions ask for is not known here.

    Args:
        definitions: What the schema refers to.
        by_alias: Whether fields have the names that they are read from, or those in Python.
    """

    def __init__(self, definitions: Mapping[str, Schema], *, by_alias: bool) -> None:
        self._definitions = definitions
        self._by_alias = by_alias
        self._known: dict[tuple[str, Within], list[Any]] = {}

    def whole(self, schema: Schema) -> list[Any]:
        """Return JSON values for a type, with every sample of each of its parts."""
        return list(self._samples(schema, frozenset()))

    def samples(self, schema: Schema, within: Within = frozenset()) -> list[Any]:
        """Return some JSON values for a part of a type, the plainest first.

        Args:
            schema: The part.
            within: Definitions that it is a part of; there are no samples of them within themselves.
        """
        return list(islice(self._samples(schema, within), _MOST))

    def _samples(self, schema: Schema, within: Within) -> Iterable[Any]:
        kind = schema["type"]
        if kind in _FIXED or kind in _SIMPLE:
            samples = _FIXED[kind] if kind in _FIXED else _SIMPLE[kind](schema)
            return filter(_fits(schema), samples) if _BOUNDS.intersection(schema) else samples
        if kind in FIELDS:
            return self._fields(schema, within)
        if kind in _COLLECTIONS:
            return self._collections(schema, within)
        return self._inner(schema, kind, within)

    def _inner(self, schema: Schema, kind: str, within: Within) -> Iterator[Any]:
        if kind == "definition-ref":
            yield from self._defined(schema["schema_ref"], within)
        elif kind in ("union", "tagged-union"):
            for choice in choices_of(schema):
                yield from self.samples(choice, within)
        elif kind == "json":
            yield from (dumps(sample) for sample in self.samples(schema.get("schema", {"type": "any"}), within))
        elif kind == "chain":
            yield from self.samples(schema["steps"][0], within)
        else:
            yield from self._wrapped(schema, kind, within)

    def _defined(self, name: str, within: Within) -> list[Any]:
        if name in within:
            return []
        key = name, within
        if key not in self._known:
            samples = self.samples(self._definitions[name], within | {name})
            self._known[key] = [sample for sample in samples if len(dumps(sample)) <= _LARGEST]
        return self._known[key]

    def _wrapped(self, schema: Schema, kind: str, within: Within) -> Iterator[Any]:
        if kind == "nullable":
            yield None
        for key in ("strict_schema", "json_schema", "schema", "arguments_schema"):
            if isinstance(schema.get(key), Mapping):
                yield from self.samples(schema[key], within)
                break
        if kind in _READS_OTHERS:
            yield from _FIXED["function-plain"]

    def _collections(self, schema: Schema, within: Within) -> Iterator[Any]:
        if schema["type"] in ("dict", "counter"):
            keys = self.samples(schema.get("keys_schema", _TEXT), within)
            values = self.samples(schema.get("values_schema", _TEXT), within)
            yield from ({str(keys[0]): value} for value in values[: _MOST if keys else 0])
            return
        items = schema.get("items_schema", _TEXT)
        if isinstance(items, list):
            members = [self.samples(item, within) for item in items]
            yield from _one_at_a_time({str(place): samples for place, samples in enumerate(members)}, list)
            return
        samples = self.samples(items, within)
        wanted = max(schema.get("min_length") or 1, 1)
        yield from ([sample] * wanted for sample in samples)
        yield samples[: schema.get("max_length")]

    def _fields(self, schema: Schema, within: Within) -> Iterator[Any]:
        required: dict[str, list[Any]] = {}
        optional: dict[str, list[Any]] = {}
        for name, field in fields_of(schema):
            samples = self.samples(field["schema"], within)
            if samples:
                where = required if _is_required(field, schema) else optional
                where[self._key(name, field)] = samples
        yield from _one_at_a_time({**required, **optional}, dict)
        if optional:
            yield {key: samples[0] for key, samples in required.items()}

    def _key(self, name: str, field: Schema) -> str:
        alias = field.get("validation_alias", field.get("alias"))
        if not self._by_alias or alias is None:
            return name
        while isinstance(alias, list):
            alias = alias[0]
        return str(alias)


def _one_at_a_time(samples: Mapping[str, list[Any]], kind: Callable[[Any], Any]) -> Iterator[Any]:
    """Yield the first samples of all together, then each other sample among the first ones of the others."""
    first = {key: several[0] for key, several in samples.items() if several}
    yield first if kind is dict else list(first.values())
    for key, several in samples.items():
        for sample in several[1:]:
            changed = {**first, key: sample}
            yield changed if kind is dict else list(changed.values())


def _fits(schema: Schema) -> Callable[[Any], bool]:
    validator = SchemaValidator(cast("CoreSchema", {key: schema[key] for key in schema if key != "serialization"}))

    def fits(sample: Any) -> bool:
        try:
            validator.validate_json(dumps(sample))
        except ValidationError:
            return False
        return True

    return fits


def _is_required(field: Schema, schema: Schema) -> bool:
    return bool(field.get("required", schema.get("total", True))) and field["schema"]["type"] != "default"


def _texts(schema: Schema) -> Iterator[str]:
    least, most = schema.get("min_length") or 0, schema.get("max_length")
    for text in ("Text", "text with blanks, umlauts (\u00e4\u00f6\u00fc) and 1.50"):
        yield text[:most].ljust(least, "x")


def _numbers(schema: Schema) -> Iterator[float]:
    step = float(schema.get("multiple_of") or 0)
    for number in (3.141592653589793, 1.0, _bound(schema)):
        yield round(number / step) * step if step else number


def _integers(schema: Schema) -> Iterator[int]:
    step = int(schema.get("multiple_of") or 1)
    for number in (1234567, 1, int(_bound(schema))):
        yield max(number // step, 1) * step


def _decimals(schema: Schema) -> Iterator[str]:
    places = schema.get("decimal_places")
    yield from ("1.50" if places is None or places > 1 else "2", "0.123456789012345678901234567891")
    yield str(_bound(schema))


def _bound(schema: Schema) -> float:
    """Return a number that a schema of numbers takes, if any does."""
    least, most = (next((schema[key] for key in keys if key in schema), None) for keys in (("ge", "gt"), ("le", "lt")))
    if least is not None and most is not None:
        return (float(least) + float(most)) / 2
    return float(least) + 1 if least is not None else float(most) - 1 if most is not None else -1.0


def _expected(schema: Schema) -> Iterator[Any]:
    for value in schema.get("expected") or schema["members"]:
        plain = value.value if isinstance(value, Enum) else value
        if plain is None or isinstance(plain, str | int | float):
            yield plain


_BOUNDS: Final = frozenset(
    ("min_length", "max_length", "ge", "gt", "le", "lt", "multiple_of", "max_digits", "decimal_places")
)
_TEXT: Final[Schema] = {"type": "str"}
_SIMPLE: Final[Mapping[str, Callable[[Schema], Iterable[Any]]]] = {
    "str": _texts,
    "int": _integers,
    "float": _numbers,
    "decimal": _decimals,
    "literal": _expected,
    "enum": _expected,
}
_READS_OTHERS: Final = ("function-before", "function-wrap")
"""What may take something else than what it makes: a text, in which values of a list are."""
_COLLECTIONS: Final = ("list", "set", "frozenset", "deque", "generator", "tuple", "dict", "counter")

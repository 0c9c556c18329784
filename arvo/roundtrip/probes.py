"""Made-up values on their way through JSON: what does not come back shows that a type loses some."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from pydantic import MISSING, ValidationError
from pydantic_core import to_json

from arvo.roundtrip.differences import describe, first_difference
from arvo.roundtrip.nodes import FIELDS, FUNCTIONS, Node, choices_of, fields_of, is_custom
from arvo.roundtrip.samples import Sampler
from arvo.roundtrip.trip import Loss, Schema, There, Trip

_MOST: Final = 200
_MOST_BYTES: Final = 256 * 1024
"""What is tried of a whole type: so many samples, or about so much JSON."""
_PLAIN_KEYS: Final = ("str", "any")


def probe(schema: Schema, nodes: Sequence[Node], definitions: Mapping[str, Schema], trip: Trip) -> Iterator[Loss]:
    """Yield the losses that made-up values show.

    What the author's own functions raise says nothing: a value that is refused is not lost.
    """
    prober = _Prober(definitions, trip)
    for node in nodes:
        if node.is_written and node.is_read and not is_custom(node.schema):
            for value, part in prober.values(node):
                yield from prober.losses(".".join(node.path), value, part)
        if node.type in FIELDS:
            yield from prober.fields(node)
    yield from prober.probe_whole(schema)


class _Prober:
    def __init__(self, definitions: Mapping[str, Schema], trip: Trip) -> None:
        self._definitions = definitions
        self._trip = trip
        self._sampler = Sampler(definitions, by_alias=trip.by_alias)

    def values(self, node: Node) -> Iterator[tuple[Any, There]]:
        """Yield the values of a part that could be taken for others, with what they travel through."""
        schema, kind = node.schema, node.type
        if kind == "union":
            yield from self._with(self._of_members(schema, node.config), schema, node.config)
        elif kind in ("enum", "literal"):
            yield from self._with(schema.get("expected") or schema["members"], schema, node.config)
        elif kind == "dict" and schema.get("keys_schema", {"type": "any"})["type"] not in _PLAIN_KEYS:
            keys = {"type": "dict", "keys_schema": schema["keys_schema"]}
            yield from self._with(self._of_keys(schema["keys_schema"], node.config), keys, node.config)

    def fields(self, node: Node) -> Iterator[Loss]:
        """Yield what becomes of the defaults of fields, and of values that validators of fields make."""
        for name, field in fields_of(node.schema) if node.is_written else ():
            schema, default = _without_default(field["schema"], node.config)
            values = [] if default is MISSING else [default]
            if is_custom(field["schema"]) or is_custom(schema):
                continue
            part = There.of(schema, self._definitions, node.config or None, self._trip)
            if schema["type"] in FUNCTIONS:
                values += _read_all(part, self._sampler.samples(schema))
            for value in values:
                yield from self.losses(".".join((*node.path, name)), value, part)

    def losses(self, path: str, value: Any, part: There) -> Iterator[Loss]:
        """Yield what becomes of a value, unless it returns."""
        try:
            text = part.write(value)
        except Exception:
            yield Loss(path, f"has a value of type {type(value).__name__}, which cannot be written as JSON")
            return
        try:
            back = part.read(text)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            where = path or next((step for step in first["loc"] if isinstance(step, str)), "")
            yield Loss(where, f"is written in a form that is not read again: {first['msg']}, as {_shown(text)} shows")
            return
        except Exception as error:
            yield Loss(path, f"is written as {_shown(text)}, which is not read again: {type(error).__name__}: {error}")
            return
        found = first_difference(value, back)
        if found is not None:
            inner, given, read = found
            where = ".".join(filter(None, (path, inner)))
            yield Loss(where, f"{describe(given, read)}, as {_shown(to_json(given, fallback=repr))} shows")

    def probe_whole(self, schema: Schema) -> Iterator[Loss]:
        """Yield what samples of the whole type lose."""
        whole = There.of(schema, self._definitions, None, self._trip)
        left = _MOST_BYTES
        for sample in self._sampler.whole(schema)[:_MOST]:
            for value in _read_all(whole, (sample,)):
                yield from self.losses("", value, whole)
            left -= len(to_json(sample))
            if left < 0:
                return

    def _with(self, values: Iterable[Any], schema: Schema, config: Any) -> Iterator[tuple[Any, There]]:
        part = There.of(schema, self._definitions, config or None, self._trip)
        yield from ((value, part) for value in values)

    def _of_members(self, union: Schema, config: Any) -> Iterator[Any]:
        """Yield values of each member, among them what the JSON of the others is to it."""
        members = choices_of(union)
        samples = [sample for member in members for sample in self._sampler.samples(member)]
        for member in members:
            yield from _read_all(There.of(member, self._definitions, config or None, self._trip), samples)

    def _of_keys(self, keys: Schema, config: Any) -> Iterator[Any]:
        """Yield mappings with one key each."""
        if keys["type"] in ("enum", "literal"):
            found: Iterable[Any] = keys.get("expected") or keys["members"]
        elif keys["type"] == "union":
            found = self._of_members(keys, config)
        else:
            part = There.of(keys, self._definitions, config or None, self._trip)
            found = _read_all(part, self._sampler.samples(keys))
        yield from ({key: None} for key in found)


def _without_default(schema: Schema, config: Mapping[str, Any]) -> tuple[Schema, Any]:
    """Return the schema of a field, and its default, if that is taken as it is."""
    if schema["type"] != "default":
        return schema, MISSING
    is_validated = schema.get("validate_default", config.get("validate_default"))
    return schema["schema"], MISSING if is_validated else schema.get("default", MISSING)


def _read_all(part: There, samples: Iterable[Any]) -> Iterator[Any]:
    for sample in samples:
        try:
            yield part.read(to_json(sample))
        except Exception:  # it does not fit, whatever a validator of the author's says to that
            continue


def _shown(text: bytes) -> str:
    shown = text.decode(errors="replace")
    return shown if len(shown) <= 60 else f"{shown[:57]}..."

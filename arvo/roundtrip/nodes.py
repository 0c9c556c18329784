"""The parts of a core schema that JSON goes through, each with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from arvo.roundtrip.trip import Schema

FUNCTIONS: Final = ("function-before", "function-after", "function-wrap", "function-plain")
FIELDS: Final = ("model-fields", "typed-dict", "dataclass-args", "named-tuple", "arguments")

_SINGLE: Final = ("schema", "items_schema", "keys_schema", "values_schema", "arguments_schema", "extras_schema")
_NOT_SCHEMAS: Final = frozenset({"default", "expected", "members", "metadata", "config", "serialization"})
_CONVERTS: Final = ("function-before", "function-wrap", "function-plain")


class Node(NamedTuple):
    """A part of a core schema.

    Attributes:
        path: Names of the fields that lead to it, as they are in Python.
        schema: The part.
        config: Pydantic's configuration where it is.
        is_written: Whether pydantic writes its values, not a serialiser of the author.
        is_read: Whether it is JSON that it is given, not what a function has made of that.
    """

    path: tuple[str, ...]
    schema: Schema
    config: Mapping[str, Any]
    is_written: bool
    is_read: bool

    @property
    def type(self) -> str:
        """Pydantic's name for this kind of schema."""
        return str(self.schema["type"])


def walk(schema: Schema, definitions: Mapping[str, Schema]) -> Iterator[Node]:
    """Yield all parts, each definition once, outer ones first."""
    seen: set[str] = set()
    ahead = [Node((), schema, {}, is_written=True, is_read=True)]
    while ahead:
        node = _resolved(ahead.pop(), definitions, seen)
        if node is not None:
            node = node._replace(config=node.schema.get("config") or node.config)
            yield node
            ahead += reversed(list(_inside(node)))


def definitions_of(schema: Schema) -> dict[str, Schema]:
    """Return the definitions that a schema refers to, by their names."""
    found: dict[str, Schema] = {}
    while schema["type"] == "definitions":
        found |= {one["ref"]: one for one in schema["definitions"]}
        schema = schema["schema"]
    return found


def without_patterns(part: Any) -> Any:
    """Return a schema whose texts need not match a pattern: that has no part in how they are written and read."""
    if isinstance(part, list | tuple):
        return type(part)(map(without_patterns, part))
    if not isinstance(part, dict):
        return part
    dropped = "pattern" if part.get("type") == "str" else None
    return {
        key: member if key in _NOT_SCHEMAS else without_patterns(member)
        for key, member in part.items()
        if key != dropped
    }


def is_custom(schema: Schema) -> bool:
    """Tell whether a serialiser stands in for what pydantic would write."""
    return str(schema.get("serialization", {}).get("type", "")) not in ("", "include-exclude-sequence")


def fields_of(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """Yield the fields of a schema of fields by their names in Python."""
    if schema["type"] == "arguments":
        fields: Any = schema["arguments_schema"]
    else:
        fields = schema["fields"]
    if isinstance(fields, Mapping):
        yield from fields.items()
    else:
        yield from ((field["name"], field) for field in fields)


def choices_of(schema: Schema) -> list[Schema]:
    """Return the members of a union."""
    choices = schema["choices"]
    members = choices.values() if isinstance(choices, Mapping) else choices
    return [member[0] if isinstance(member, tuple) else member for member in members]


def _resolved(node: Node, definitions: Mapping[str, Schema], seen: set[str]) -> Node | None:
    while node.type in ("definitions", "definition-ref"):
        if node.type == "definitions":
            node = node._replace(schema=node.schema["schema"])
            continue
        name = node.schema["schema_ref"]
        if name in seen or name not in definitions:
            return None
        seen.add(name)
        node = node._replace(schema=definitions[name])
    return node


def _inside(node: Node) -> Iterator[Node]:
    schema, kind = node.schema, node.type
    inner = node._replace(
        is_written=node.is_written and not _is_replaced(schema),
        is_read=node.is_read and kind not in _CONVERTS,
    )
    if kind in FIELDS:
        for name, field in fields_of(schema):
            yield inner._replace(path=(*node.path, name), schema=field["schema"])
        if isinstance(schema.get("extras_schema"), Mapping):
            yield inner._replace(schema=schema["extras_schema"])
        return
    yield from (inner._replace(schema=part) for part in _parts(schema, kind))


def _parts(schema: Schema, kind: str) -> Iterator[Schema]:
    if kind in ("union", "tagged-union"):
        yield from choices_of(schema)
    elif kind == "lax-or-strict":
        yield schema["strict_schema"]
    elif kind == "json-or-python":
        yield schema["json_schema"]
    elif kind == "chain":
        yield from schema["steps"]
    else:
        for key in _SINGLE:
            part = schema.get(key)
            yield from part if isinstance(part, list) else () if part is None else (part,)


def _is_replaced(schema: Schema) -> bool:
    """Tell whether a serialiser writes what pydantic would have; those of pydantic itself call pydantic again."""
    if not is_custom(schema):
        return False
    serialization = schema["serialization"]
    function = serialization.get("function")
    is_own = str(getattr(function, "__module__", "")).startswith("pydantic")
    return not (serialization["type"] == "function-wrap" and is_own)

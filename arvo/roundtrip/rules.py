"""What can be told from a type alone: values that pydantic would write in a form that it does not read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from pydantic import MISSING, Secret, SecretBytes, SecretStr, TypeAdapter

from arvo.roundtrip.nodes import FIELDS, Node, fields_of, is_custom, walk
from arvo.roundtrip.trip import Loss, Schema, Trip

_UNREADABLE: Final = {
    "callable": "a callable",
    "is-instance": "an object of a class that pydantic knows nothing of",
    "is-subclass": "a class",
    "generator": "an iterable that can be gone through once (write list[...] instead)",
}
_JSON: Final[tuple[Any, ...]] = ("", 1, 1.5, None, [], {})


def _maskers() -> Iterator[Any]:
    for secret in (SecretStr, SecretBytes, Secret[int]):
        schema: Any = TypeAdapter(secret).core_schema
        yield from (node.schema["serialization"]["function"] for node in walk(schema, {}) if is_custom(node.schema))


_MASKERS: Final = frozenset(_maskers())
"""What pydantic writes secrets with."""


def apply_rules(nodes: Sequence[Node], trip: Trip) -> Iterator[Loss]:
    """Yield the losses that follow from single parts of a type."""
    for node in nodes:
        for rule in _RULES:
            yield from (Loss(path, reason) for path, reason in rule(node, trip))
    if trip.by_alias and any(node.type == "json" for node in nodes):
        yield from _computed_beside_json(nodes)


def find_secrets(nodes: Sequence[Node]) -> Iterator[str]:
    """Yield the paths of the secrets that pydantic writes as asterisks."""
    for node in nodes:
        if node.is_written and node.schema.get("serialization", {}).get("function") in _MASKERS:
            yield ".".join(node.path)


def _computed_beside_json(nodes: Sequence[Node]) -> Iterator[Loss]:
    reason = "is a computed field beside one of type Json, of which pydantic writes one only. Make it a plain property"
    for node in filter(lambda node: node.is_written, nodes):
        yield from (Loss(_dotted(node, computed["property_name"]), reason) for computed in _computed(node))


def _json(node: Node, trip: Trip) -> Iterator[tuple[str, str]]:
    if node.type == "json" and not trip.by_alias:
        yield _dotted(node), "is of type Json, which takes text alone: every assignment reads it again. Drop Json[...]"


def _secret(node: Node, trip: Trip) -> Iterator[tuple[str, str]]:
    for path in find_secrets([node]):
        yield (
            path,
            "is a secret, which pydantic writes as asterisks. Send where the receiver finds it; or make it plain text "
            "and give the app a codec that encrypts, ArvoApp(codec=...)",
        )


def _unreadable(node: Node, trip: Trip) -> Iterator[tuple[str, str]]:
    if node.is_read and node.type in _UNREADABLE and not _is_met_by_json(node):
        yield _dotted(node), f"is {_UNREADABLE[node.type]}, which JSON cannot carry"


def _is_met_by_json(node: Node) -> bool:
    class_ = node.schema.get("cls") if node.type == "is-instance" else None
    return isinstance(class_, type) and any(isinstance(value, class_) for value in _JSON)


def _bytes(node: Node, trip: Trip) -> Iterator[tuple[str, str]]:
    if node.type != "bytes" or not node.is_written or is_custom(node.schema):
        return
    written, read = (node.config.get(f"{way}_json_bytes", "utf8") for way in ("ser", "val"))
    if written != read or written == "utf8":
        yield (
            _dotted(node),
            "is bytes, which JSON has no place for where they are no text. Use ConfigDict(ser_json_bytes='base64', "
            "val_json_bytes='base64') or pydantic.Base64Bytes",
        )


def _future(node: Node, trip: Trip) -> Iterator[tuple[str, str]]:
    if node.schema.get("now_op") == "future":
        yield (
            _dotted(node),
            "must lie in the future, and may have passed when it is read. Use a plain date or datetime, and compare "
            "it where it is made",
        )


def _hidden(node: Node, trip: Trip) -> Iterator[tuple[str, str]]:
    for name, field in _fields(node):
        if field.get("serialization_exclude") is True:
            yield _dotted(node, name), "is never written (exclude=True)"
        elif field.get("init_only"):
            yield _dotted(node, name), "is an InitVar, which is never written"
        elif "serialization_exclude_if" in field and field["schema"]["type"] != "default":
            yield _dotted(node, name), "is not always written (exclude_if). Give it a default"
        elif _may_be_missing(field["schema"]):
            yield _dotted(node, name), "is not written where it is MISSING. Make that its default"


def _aliases(node: Node, trip: Trip) -> Iterator[tuple[str, str]]:
    fields = dict(_fields(node))
    written = {name: _written_as(name, field, trip) for name, field in fields.items()}
    names = {*written.values(), *(computed.get("alias", computed["property_name"]) for computed in _computed(node))}
    for name, field in fields.items():
        read = _read_as(name, field, node.config, trip)
        if written[name] not in read:
            yield (
                _dotted(node, name),
                f"is written as {written[name]!r} and read as {' or '.join(map(repr, read)) or 'a part of another'}. "
                "Use alias=..., which does for both",
            )
        elif taken := sorted((set(read) | _roots(field)) & names - {written[name]}):
            yield _dotted(node, name), f"is read from {taken[0]!r} too, under which another field is written"


def _unknown_when_read(node: Node, trip: Trip) -> Iterator[tuple[str, str]]:
    extra = node.schema.get("extra_behavior") or node.config.get("extra_fields_behavior")
    if trip.fields_only or not node.is_written or extra not in ("forbid", "allow"):
        return
    for computed in _computed(node):
        yield (
            _dotted(node, computed["property_name"]),
            f"is a computed field, which is written and, with extra={extra!r}, not taken for one when it is read. "
            "Make it a plain property, or use extra='ignore'",
        )


_RULES: Final[Sequence[Callable[[Node, Trip], Iterator[tuple[str, str]]]]] = (
    _json,
    _secret,
    _unreadable,
    _bytes,
    _future,
    _hidden,
    _aliases,
    _unknown_when_read,
)


def _fields(node: Node) -> Iterator[tuple[str, Schema]]:
    """Yield the fields that are written; named tuples are lists."""
    if node.type in FIELDS and node.type != "named-tuple" and node.is_written and not is_custom(node.schema):
        yield from fields_of(node.schema)


def _computed(node: Node) -> Sequence[Mapping[str, Any]]:
    found = node.schema.get("computed_fields") or ()
    return [computed for computed in found if computed.get("type") == "computed-field"]


def _may_be_missing(schema: Schema) -> bool:
    if schema["type"] == "default":
        return schema.get("default") is not MISSING and _may_be_missing(schema["schema"])
    return str(schema["type"]) == "missing-sentinel"


def _written_as(name: str, field: Schema, trip: Trip) -> str:
    return str(field.get("serialization_alias", field.get("alias", name))) if trip.by_alias else name


def _read_as(name: str, field: Schema, config: Mapping[str, Any], trip: Trip) -> list[str]:
    """Return the keys that a field is read from, unless it is a part of something."""
    by_name = not trip.by_alias or config.get("validate_by_name") or config.get("populate_by_name")
    alias = field.get("validation_alias", field.get("alias"))
    if alias is None:
        return [name]
    names = [name] if by_name else []
    if trip.by_alias and config.get("validate_by_alias") is False:
        return names or [name]
    return [*(path[0] for path in _paths(alias) if len(path) == 1), *names]


def _roots(field: Schema) -> set[str]:
    return {str(path[0]) for path in _paths(field.get("validation_alias"))}


def _paths(alias: Any) -> list[list[Any]]:
    if alias is None:
        return []
    if isinstance(alias, str):
        return [[alias]]
    return alias if all(isinstance(path, list) for path in alias) else [alias]


def _dotted(node: Node, *names: str) -> str:
    return ".".join((*node.path, *names))

"""Whether the values of a type come back from JSON as they were."""

from __future__ import annotations

from typing import Final

from arvo.roundtrip.nodes import (
    FUNCTIONS,
    Node,
    choices_of,
    definitions_of,
    fields_of,
    is_custom,
    walk,
    without_patterns,
)
from arvo.roundtrip.probes import probe
from arvo.roundtrip.rules import apply_rules
from arvo.roundtrip.rules import find_secrets as secrets_among
from arvo.roundtrip.trip import Loss, Schema, Trip

_UNTYPED: Final = ("any", "missing-sentinel", "is-instance")


def find_losses(schema: Schema, trip: Trip) -> tuple[Loss, ...]:
    """Return the values of a type that are lost or changed on their way through JSON, one for each field concerned.

    What can be told from the type is; otherwise made-up values are sent, which the author's validators and serialisers
    see. Nothing found means: what is left depends on single values.

    Args:
        schema: The core schema of the type.
        trip: How values are written and read.
    """
    schema = without_patterns(schema)
    definitions = definitions_of(schema)
    nodes = list(walk(schema, definitions))
    found = list(apply_rules(nodes, trip)) or list(probe(_whole(schema), nodes, definitions, trip))
    by_field = {loss.path: loss for loss in reversed(found)}
    if len(by_field) > 1:
        by_field.pop("", None)
    return tuple(by_field.values())[::-1]


def find_secrets(schema: Schema) -> tuple[str, ...]:
    """Return the paths of all secrets that a type writes as asterisks."""
    return tuple(secrets_among(_nodes(schema)))


def depends_on_values(schema: Schema) -> bool:
    """Tell whether single values may not come back: a type has functions of its author, unions, or `Any` in it."""
    return any(_is_doubtful(node) for node in _nodes(schema))


def untyped_fields(schema: Schema) -> frozenset[str]:
    """Return the names of the fields in which, at whatever depth, there may be anything."""
    return frozenset(node.path[0] for node in _nodes(schema) if node.type == "any" and node.path)


def writes_json_in_json(schema: Schema) -> bool:
    """Tell whether there is something of pydantic's type `Json` in a type."""
    return any(node.type == "json" for node in _nodes(schema))


def _is_doubtful(node: Node) -> bool:
    kind = node.type
    if kind in FUNCTIONS or kind in _UNTYPED or is_custom(node.schema):
        return True
    if kind == "union":
        return len(choices_of(node.schema)) > 1
    return kind == "model-fields" and any("serialization_exclude_if" in field for _, field in fields_of(node.schema))


def _nodes(schema: Schema) -> list[Node]:
    return list(walk(schema, definitions_of(schema)))


def _whole(schema: Schema) -> Schema:
    while schema["type"] == "definitions":
        schema = schema["schema"]
    return schema

"""What a payload is made of, in words: from the JSON Schema of its type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from arvo.contracts import PARENT_SUBJECT, ContractEvent

_MOST = 12


def expected_words(event: ContractEvent) -> str:
    """Return in a line what the data of an event consists of: `goal (integer), note (text or null, optional)`."""
    schema = event.schema.json_schema()
    if "properties" not in schema:
        return type_words(schema)
    required = set(schema.get("required", ()))
    members = [
        f"{name} ({type_words(member)}{'' if name in required else ', optional'})"
        for name, member in schema["properties"].items()
        if name != PARENT_SUBJECT
    ]
    return _listed(members, ", ") or "nothing"


def type_words(schema: Mapping[str, Any]) -> str:
    """Return in words what a value is: `text`, `integer`, `one of "a", "b"`, `list of number`."""
    if "const" in schema:
        return f"{schema['const']!r}"
    if "enum" in schema:
        return f"one of {_listed([repr(one) for one in schema['enum']], ', ')}"
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " or ".join(dict.fromkeys(type_words(one) for one in schema[several]))
    match schema.get("type"):
        case "array":
            return f"list of {type_words(schema.get('items', {}))}"
        case "object":
            return "object"
        case "string":
            return f"text, {schema['format']}" if "format" in schema else "text"
        case str(kind):
            return kind
    return "JSON"


def _listed(words: Iterable[str], between: str) -> str:
    words = list(words)
    return between.join([*words[:_MOST], *(["..."] if len(words) > _MOST else [])])

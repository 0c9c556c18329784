"""What a payload is made of, in words: from the JSON Schema of its type."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from arvo.contracts import PARENT_SUBJECT, ContractEvent
from arvo.errors import InvalidPayloadError

_MOST = 12
_REFERENCE = "#/$defs/"


def expected_words(event: ContractEvent) -> str:
    """Return in a line what the data of an event consists of: `goal (integer), note (text or null, optional)`.

    What has to be given comes first.
    """
    schema = opened(event.schema.json_schema())
    if "properties" not in schema:
        return type_words(schema)
    required = set(schema.get("required", ()))
    members = [
        f"{name} ({type_words(member)}{'' if name in required else ', optional'})"
        for name, member in sorted(schema["properties"].items(), key=lambda one: one[0] not in required)
        if name != PARENT_SUBJECT
    ]
    return _listed(members, ", ") or "nothing"


def explained(error: InvalidPayloadError, event: ContractEvent) -> InvalidPayloadError:
    """Return an error about the data of an event that says in a second line what is expected."""
    return InvalidPayloadError(f"{error}\nExpected: {expected_words(event)}", paths=error.paths)


def type_words(schema: Mapping[str, Any]) -> str:
    """Return in words what a value is: `text`, `integer`, `one of "a", "b"`, `list of number`, `object with city`."""
    if "const" in schema:
        return as_json(schema["const"])
    if "enum" in schema:
        return f"one of {_listed(map(as_json, schema['enum']), ', ')}"
    several = alternatives(schema)
    if len(several) > 1:
        return " or ".join(dict.fromkeys(map(type_words, several)))
    match schema.get("type"):
        case "array":
            return f"list of {type_words(schema.get('items', {}))}"
        case "object":
            members = _listed(schema.get("properties", ()), ", ")
            return f"object with {members}" if members else "object"
        case "string":
            return f"text, {schema['format']}" if "format" in schema else "text"
        case str(kind):
            return kind
    return "JSON"


def alternatives(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the schemas of which a value has to fit one; a schema that is no choice is the only one."""
    if several := schema.get("anyOf") or schema.get("oneOf"):
        return [leaf for one in several for leaf in alternatives(one)]
    kinds = schema.get("type")
    return [{**schema, "type": kind} for kind in kinds] if isinstance(kinds, list) else [schema]


def opened(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a schema whose recursive types stand in the places of references to them, as far as each payload has them.

    Args:
        schema: The JSON Schema of a payload, in which nothing but recursive types is referred to.
    """
    return _opened(schema, schema.get("$defs", {}), ())


def as_json(value: Any) -> str:
    """Return a value as it is typed in JSON."""
    return json.dumps(value, ensure_ascii=False)


def _opened(schema: Mapping[str, Any], definitions: Mapping[str, Any], within: tuple[str, ...]) -> Mapping[str, Any]:
    name = str(schema.get("$ref", "")).removeprefix(_REFERENCE)
    if name in definitions and name not in within:
        return _opened({**definitions[name], **_without_reference(schema)}, definitions, (*within, name))
    if "properties" not in schema:
        return schema
    required = schema.get("required", ())
    return {
        **schema,
        "properties": {
            key: _opened(member, definitions, within) if key in required else member
            for key, member in schema["properties"].items()
        },
    }


def _without_reference(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {key: member for key, member in schema.items() if key != "$ref"}


def _listed(words: Iterable[str], between: str) -> str:
    words = list(words)
    return between.join([*words[:_MOST], *(["..."] if len(words) > _MOST else [])])

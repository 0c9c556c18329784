"""JSON Schemas that can be put anywhere into another document, such as one of AsyncAPI."""

from __future__ import annotations

from typing import Any, Final

JSON_SCHEMA_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_REFERENCE: Final = "#/$defs/"


def inline_definitions(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with every definition in the place of the reference to it.

    A definition that contains itself stays under `$defs`, and references to it stay what they are.
    """
    definitions: dict[str, Any] = schema.get("$defs", {})
    recursive = {name for name in definitions if _reaches(definitions[name], name, definitions, set())}
    body = {key: member for key, member in schema.items() if key != "$defs"}
    inlined: dict[str, Any] = _inline(body, definitions, recursive)
    if recursive:
        inlined["$defs"] = {
            name: _inline(definitions[name], definitions, recursive) for name in definitions if name in recursive
        }
    return inlined


def _inline(node: Any, definitions: dict[str, Any], recursive: set[str]) -> Any:
    if isinstance(node, list):
        return [_inline(member, definitions, recursive) for member in node]
    if not isinstance(node, dict):
        return node
    name = _referred(node)
    if name is None or name in recursive:
        return {key: _inline(member, definitions, recursive) for key, member in node.items()}
    beside = {key: member for key, member in node.items() if key != "$ref"}
    return {**_inline(definitions[name], definitions, recursive), **beside}


def _reaches(node: Any, wanted: str, definitions: dict[str, Any], seen: set[str]) -> bool:
    if isinstance(node, list):
        return any(_reaches(member, wanted, definitions, seen) for member in node)
    if not isinstance(node, dict):
        return False
    name = _referred(node)
    if name == wanted:
        return True
    if name is not None and name not in seen:
        seen.add(name)
        if _reaches(definitions[name], wanted, definitions, seen):
            return True
    return any(_reaches(member, wanted, definitions, seen) for member in node.values())


def _referred(node: dict[str, Any]) -> str | None:
    reference = node.get("$ref")
    if isinstance(reference, str) and reference.startswith(_REFERENCE):
        return reference.removeprefix(_REFERENCE)
    return None

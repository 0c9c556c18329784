"""Validators for large payloads: a list of a million bad members is one problem to them, not a million."""

from __future__ import annotations

from typing import Any, Final, cast

from pydantic_core import CoreSchema, SchemaValidator

_COLLECTIONS: Final = frozenset({"dict", "frozenset", "list", "set", "tuple"})
_NOT_SCHEMAS: Final = frozenset({"default", "metadata"})


def build_frugal_validator(schema: CoreSchema) -> SchemaValidator:
    """Return the validator of a schema that, within a list or mapping, stops at the first bad member.

    Pydantic describes every problem, at several hundred bytes each: four megabytes of data that do not fit would
    take minutes and gigabytes.
    """
    # Prebuilt validators are those of the models, which do not stop.
    return SchemaValidator(cast("CoreSchema", _frugal(schema)), _use_prebuilt=False)


def _frugal(node: Any) -> Any:
    if isinstance(node, list | tuple):
        return type(node)(map(_frugal, node))
    if not isinstance(node, dict):
        return node
    copy = {key: member if key in _NOT_SCHEMAS else _frugal(member) for key, member in node.items()}
    return {**copy, "fail_fast": True} if node.get("type") in _COLLECTIONS else copy

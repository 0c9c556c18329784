"""Translation of the vectors' payload schemas and contracts into pydantic types and contracts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from types import GenericAlias
from typing import Annotated, Any, Literal, Union

from pydantic import MISSING, Field, create_model

from arvo.contracts import (
    ArvoContract,
    create_arvo_contract,
    create_arvo_orchestrator_contract,
    create_simple_arvo_contract,
)

_NAMED: dict[str, Any] = {
    "string": str,
    "number": float,
    "integer": int,
    "boolean": bool,
    "null": None,
    "any": Any,
}


def to_type(schema: Any) -> Any:
    """Return the type that a schema of the vectors stands for, as pydantic takes it."""
    return _to_type(json.dumps(schema))


def to_contract(spec: Mapping[str, Any]) -> ArvoContract:
    """Return the contract that a spec of the vectors describes; the same object for the same spec."""
    return _to_contract(json.dumps(spec))


@lru_cache
def _to_contract(text: str) -> ArvoContract:
    spec = json.loads(text)
    shared = {key: spec.get(key) for key in ("domain", "description", "metadata")}
    versions = {number: _to_version(spec["kind"], version) for number, version in spec["versions"].items()}
    if spec["kind"] == "orchestrator":
        return create_arvo_orchestrator_contract(uri=spec["uri"], name=spec["name"], versions=versions, **shared)
    create = create_simple_arvo_contract if spec["kind"] == "simple" else create_arvo_contract
    return create(uri=spec["uri"], type=spec["type"], versions=versions, **shared)


def _to_version(kind: str, version: Mapping[str, Any]) -> Any:
    if kind == "arvo":
        emits = {type_: to_type(schema) for type_, schema in version["emits"].items()}
        return {"accepts": to_type(version["accepts"]), "emits": emits}
    return {key: to_type(schema) for key, schema in version.items()}


@lru_cache
def _to_type(text: str) -> Any:
    schema = json.loads(text)
    if isinstance(schema, str):
        return _NAMED[schema.rstrip("?")]
    match schema["t"]:
        case "string":
            return Annotated[str, Field(min_length=schema.get("min"), max_length=schema.get("max"))]
        case "number" | "integer" as name:
            return Annotated[_NAMED[name], Field(ge=schema.get("min"), le=schema.get("max"))]
        case "literal":
            return Literal[schema["v"]]
        case "enum":
            return Literal[tuple(schema["v"])]
        case "array":
            return GenericAlias(list, (to_type(schema["of"]),))
        case "record":
            return GenericAlias(dict, (str, to_type(schema["of"])))
        case "nullable":
            return Union.__getitem__((to_type(schema["of"]), None))
        case "optional" | "default":
            return to_type(schema["of"])
        case _:
            return _to_model(schema["fields"])


def _to_model(fields: Mapping[str, Any]) -> Any:
    members: dict[str, Any] = {
        f"field_{position}": _to_field(name, schema) for position, (name, schema) in enumerate(fields.items())
    }
    return create_model("Payload", **members)


def _to_field(name: str, schema: Any) -> tuple[Any, Any]:
    type_ = to_type(schema)
    if isinstance(schema, Mapping) and schema["t"] == "default":
        return type_, Field(default=schema["v"], alias=name)
    if _is_optional(schema):
        return Union.__getitem__((type_, MISSING)), Field(default=MISSING, alias=name)
    return type_, Field(alias=name)


def _is_optional(schema: Any) -> bool:
    return schema.endswith("?") if isinstance(schema, str) else schema["t"] == "optional"

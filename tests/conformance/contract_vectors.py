"""Checks the vectors of the categories contract, factory and domain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import chain
from types import SimpleNamespace
from typing import Any

from arvo.contracts import (
    ArvoContract,
    VersionedArvoContract,
    create_arvo_event_factory,
    create_arvo_orchestrator_event_factory,
)
from arvo.errors import (
    ArvoError,
    InvalidContractError,
    InvalidEventError,
    InvalidPayloadError,
    InvalidSubjectError,
    UnknownEventTypeError,
    UnknownVersionError,
)
from arvo.events import create_arvo_event
from arvo.events.domain import ArvoDomain, resolve_event_domain
from arvo.events.subject import ArvoOrchestrationSubject
from arvo.wire import PayloadSchema
from arvo.wire.dataschema import build_dataschema, parse_dataschema
from arvo.wire.names import is_orchestrator_type, orchestrator_complete_type, orchestrator_init_type, system_error_type
from arvo.wire.version import compare_versions, is_valid_version, is_wildcard_version
from tests.conformance.comparison import Comparison
from tests.conformance.event_vectors import compare_paths, revive
from tests.conformance.schemas import to_contract, to_type

Line = Mapping[str, Any]

_REFUSALS: dict[str, type[ArvoError]] = {
    "data": InvalidPayloadError,
    "type-unknown": UnknownEventTypeError,
    "field": InvalidEventError,
    "orchestrator-contract": InvalidContractError,
    "subject-create": InvalidSubjectError,
    "subject-parse": InvalidSubjectError,
}
"""What is raised, by the end of the category."""
_OVERRULED = {"type", "dataschema", "datacontenttype"}
"""Arguments that the TypeScript factories take and ignore; here they cannot be given."""


def check_contract(line: Line) -> str | None:
    """Return the first difference, or None."""
    return _CONTRACT_CHECKS[line["op"]](line)


def check_factory(line: Line) -> str | None:
    """Return the first difference, or None."""
    contract = to_contract(line["contract"]).version(line["version"])
    ignored = _OVERRULED - {"type"} if line["method"] == "emits" else _OVERRULED
    args = {"data": None, **{key: value for key, value in revive(line["args"]).items() if key not in ignored}}
    if line["method"] == "systemError":
        args = {**args, "error": _to_exception(args["error"])}
        del args["data"]
    try:
        is_orchestrator = line["factory"] == "orchestrator"
        create = create_arvo_orchestrator_event_factory if is_orchestrator else create_arvo_event_factory
        name = "system_error" if line["method"] == "systemError" else line["method"]
        method = getattr(create(contract), name)
        event = method(**args, extensions=line.get("extensions"))
    except ArvoError as error:
        return f"refused: {error}" if line["ok"] else _refusal(line, error)
    if not line["ok"]:
        return f"accepted, but {line['category']} is to be refused"
    return Comparison().difference(line["event"], event.to_json())


def check_domain(line: Line) -> str | None:
    """Return the first difference, or None."""
    match line["op"]:
        case "symbols":
            return _equal(line["values"], {name: getattr(ArvoDomain, name) for name in line["values"]})
        case "resolve":
            return _resolve(line)
        case "fallback304":
            broadcast = dict.fromkeys((line["eventDomain"], line["contractDomain"], None))
            return _equal(line["domains"], list(broadcast))
        case "configured304":
            return _configured(line)
        case op:
            return f"unknown op {op!r}"


def _refusal(line: Line, error: ArvoError) -> str | None:
    expected = next(kind for end, kind in _REFUSALS.items() if line["category"].endswith(end))
    if not isinstance(error, expected):
        return f"expected {expected.__name__}, got {error!r}"
    return compare_paths(line.get("paths"), error) if isinstance(error, InvalidEventError) else None


def _to_exception(spec: Line) -> Exception:
    kind: type[Exception] = type(spec["name"], (Exception,), {})
    error = kind(spec["message"])
    if spec.get("stack", "") is not None:
        with suppress(kind):
            raise error
    return error


def _resolve(line: Line) -> str | None:
    values = {name: getattr(ArvoDomain, name, None) for name in line["results"]}
    values |= {"static": "some.domain", "empty": "", "null": None}
    event_contract = None if line["event"] == "absent" else SimpleNamespace(domain=line["event"])
    actual = {
        name: resolve_event_domain(
            value,
            self_contract=SimpleNamespace(domain=line["self"]),
            event_contract=event_contract,
            triggering_event=SimpleNamespace(domain=line["triggering"]),
            current_subject=_named_subject(line["current"]) or "",
            parent_subject=_named_subject(line["parent"]),
        )
        for name, value in values.items()
    }
    return _equal(line["results"], actual)


def _named_subject(name: str) -> str | None:
    if name == "absent":
        return None
    if name == "invalid":
        return "invalid"
    return ArvoOrchestrationSubject.new(
        orchestrator="arvo.orc.order",
        version="1.0.0",
        initiator="com.test.app",
        domain=None if name == "none" else name,
    )


def _configured(line: Line) -> str | None:
    resolved = [
        resolve_event_domain(
            domain,
            self_contract=SimpleNamespace(domain=line["contractDomain"]),
            event_contract=SimpleNamespace(domain=line["contractDomain"]),
            triggering_event=SimpleNamespace(domain=line["eventDomain"]),
            current_subject=_named_subject("none") or "",
            parent_subject=None,
        )
        for domain in line["systemErrorDomain"]
    ]
    return _equal(line["domains"], list(dict.fromkeys(resolved)))


def _create(line: Line) -> str | None:
    try:
        contract = to_contract(line["contract"])
    except InvalidContractError as error:
        if line["ok"]:
            return f"refused: {error}"
        return _equal(line["category"], error.reason)
    if not line["ok"]:
        return f"accepted, but {line['category']} is to be refused"
    return Comparison().difference(line["view"], _view(contract))


def _view(contract: ArvoContract) -> dict[str, Any]:
    return {
        **_common(contract),
        "type": contract.type,
        "versionKeys": list(contract.versions),
        "systemErrorType": contract.system_error.type,
        "sortedAsc": list(contract.sorted_versions),
        "sortedDesc": list(reversed(contract.sorted_versions)),
        **{name: contract.version(name).version for name in ("latest", "oldest", "any")},
        "versions": {number: _version_view(contract.version(number)) for number in contract.versions},
    }


def _version_view(version: VersionedArvoContract) -> dict[str, Any]:
    return {
        **_common(version),
        "version": version.version,
        "dataschema": version.dataschema,
        "acceptsType": version.accepts.type,
        "emits": list(version.emits),
        "emitList": [event.type for event in version.emit_list],
        "systemErrorType": version.system_error.type,
        "systemErrorDataschema": build_dataschema(version.uri),
    }


def _common(contract: ArvoContract | VersionedArvoContract) -> dict[str, Any]:
    return {name: getattr(contract, name) for name in ("uri", "domain", "description", "metadata")}


def _version(line: Line) -> str | None:
    try:
        version = to_contract(line["contract"]).version(line["arg"])
    except UnknownVersionError as error:
        return f"refused: {error}" if line["ok"] else None
    if not line["ok"]:
        return f"accepted, but {line['category']} is to be refused"
    return _equal([line["version"], line["dataschema"]], [version.version, version.dataschema])


def _validate(line: Line) -> str | None:
    return _validated(line, PayloadSchema.of(to_type(line["schema"])))


def _validate_init(line: Line) -> str | None:
    return _validated(line, to_contract(line["contract"]).version(line["version"]).accepts.schema)


def _validated(line: Line, schema: PayloadSchema[Any]) -> str | None:
    try:
        actual = schema.validate(revive(line["value"]))
    except InvalidPayloadError as error:
        return f"refused: {error}" if line["ok"] else compare_paths(line["paths"], error)
    if not line["ok"]:
        return f"accepted, but {line['paths']} is to be refused"
    return Comparison().difference(line["result"], actual)


def _parse(line: Line) -> str | None:
    return _parsed(line, line["input"])


def _parse_event(line: Line) -> str | None:
    event = create_arvo_event(
        type="com.test.run",
        source="com.test.app",
        subject="plain-subject",
        data={},
        dataschema=line["dataschema"],
    )
    return _parsed(line, event.dataschema)


def _parsed(line: Line, text: str | None) -> str | None:
    parsed = parse_dataschema(text)
    return _equal(line["result"], parsed._asdict() if parsed else None)


def _build(line: Line) -> str | None:
    version = to_contract(line["contract"]).version(line["version"])
    return _equal([line["create"], line["wildcard"]], [version.dataschema, build_dataschema(version.uri)])


def _is_valid_version(line: Line) -> str | None:
    text = line["input"]
    return _equal([line["result"], line["wildcard"]], [is_valid_version(text), is_wildcard_version(text)])


def _typegen(line: Line) -> str | None:
    init = orchestrator_init_type(line["name"])
    actual = [init, orchestrator_complete_type(line["name"]), system_error_type(init)]
    return _equal([line["init"], line["complete"], line["systemError"]], actual)


def _json_schema(line: Line) -> str | None:
    contract = to_contract(line["contract"])
    comparison = Comparison()
    return comparison.difference(
        _form(line["contractSchema"]), _form(contract.to_json_schema())
    ) or comparison.difference(_form(line["versionSchema"]), _form(contract.version("latest").to_json_schema()))


def _form(schema: Any) -> Any:
    """Return a JSON Schema in a form in which what two generators may write differently is the same."""
    if isinstance(schema, list):
        return [_form(member) for member in schema]
    if not isinstance(schema, Mapping):
        return schema
    drop = {"$schema", "title", "additionalProperties"}
    if schema.keys() & {"type", "anyOf"} and "schema" not in schema:
        drop.add("description")
    form = {key: _form(member) for key, member in schema.items() if key not in drop}
    types = _types(form)
    return {**form, "type": types} if types else form


def _types(form: dict[str, Any]) -> list[str] | None:
    choices = form.get("anyOf", [])
    if choices and all(choice.keys() == {"type"} for choice in choices):
        form.pop("anyOf")
        return sorted(chain.from_iterable(choice["type"] for choice in choices))
    named = form.get("type")
    return [named] if isinstance(named, str) else sorted(named) if isinstance(named, list) else None


def _equal(expected: Any, actual: Any) -> str | None:
    return None if expected == actual else f"expected {expected!r}, got {actual!r}"


_CONTRACT_CHECKS: dict[str, Callable[[Line], str | None]] = {
    "create": _create,
    "version": _version,
    "compare": lambda line: _equal(line["sign"], compare_versions(line["a"], line["b"])),
    "isValidVersion": _is_valid_version,
    "typegen": _typegen,
    "isOrchestratorEventType": lambda line: _equal(line["result"], is_orchestrator_type(line["input"])),
    "parse": _parse,
    "parseEvent": _parse_event,
    "build": _build,
    "validate": _validate,
    "validateInit": _validate_init,
    "toJsonSchema": _json_schema,
}

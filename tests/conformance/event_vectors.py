"""Checks the vectors of the categories subject and event."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from arvo.errors import InvalidEventError, InvalidSubjectError, InvalidValueError
from arvo.events import ArvoEvent, create_arvo_event
from arvo.events.event_id import create_arvo_event_id, parse_arvo_event_id
from arvo.events.subject import ArvoOrchestrationSubject
from arvo.wire.uri import is_valid_uri
from tests.conformance.comparison import Comparison

Line = Mapping[str, Any]

SPECIAL: dict[str, float] = {
    "nan": math.nan,
    "infinity": math.inf,
    "negative-infinity": -math.inf,
    "negative-zero": -0.0,
}

FIELDS = {field.name for field in fields(ArvoEvent) if field.init}


def check_subject(line: Line) -> str | None:
    """Return the first difference, or None."""
    subject, given = ArvoOrchestrationSubject, line["input"]
    try:
        match line["op"]:
            case "create":
                actual = subject.parse(subject.create(given)).model_dump()
            case "parse":
                if subject.is_valid(given) != line["isValid"]:
                    return f"isValid: expected {line['isValid']}"
                actual = subject.parse(given).model_dump()
            case "new":
                actual = subject.parse(subject.new(**_spelt(given))).model_dump()
            case "from":
                actual = subject.parse(subject.from_(**_spelt(given))).model_dump()
            case op:
                return f"unknown op {op!r}"
    except InvalidSubjectError as error:
        return f"refused: {error}" if line["ok"] else _refusal(line, error, error.reason)
    if not line["ok"]:
        return f"accepted, but {line['reason']} is to be refused"
    if line["op"] == "create":
        encoded = subject.parse(line["encoded"]).model_dump()
        if encoded != actual:
            return f"encoded: {encoded!r} is not {actual!r}"
    return Comparison().difference(line["content"], actual)


def check_event(line: Line) -> str | None:
    """Return the first difference, or None."""
    return _EVENT_CHECKS[line["op"]](line)


def revive(value: Any) -> Any:
    """Return an input with what JSON lacks in place of `{"$special": ...}`."""
    if isinstance(value, list):
        return [revive(member) for member in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"$special"}:
        return SPECIAL[value["$special"]]
    return {key: revive(member) for key, member in value.items()}


def compare_paths(expected: list[str] | None, error: InvalidValueError) -> str | None:
    """Return the difference between the paths of a refusal and those expected, in any order."""
    if expected is None or sorted(set(expected)) == sorted(error.paths):
        return None
    return f"paths: expected {expected}, got {error.paths}"


def _spelt(given: Line) -> dict[str, Any]:
    return {("orchestrator" if key == "orchestator" else key): value for key, value in given.items()}


def _refusal(line: Line, error: InvalidSubjectError, reason: str) -> str | None:
    if line["reason"] != reason:
        return f"reason: expected {line['reason']}, got {reason}"
    return compare_paths(line.get("paths"), error)


def _create(line: Line) -> str | None:
    args = {"data": None, **revive(line["args"])}
    return _built(line, lambda: create_arvo_event(**args, extensions=revive(line.get("extensions"))))


def _construct(line: Line) -> str | None:
    context = {key: value for key, value in revive(line["context"]).items() if key in FIELDS}
    data, extensions = revive(line.get("data")), revive(line.get("extensions"))
    return _built(line, lambda: ArvoEvent(**context, data=data, extensions=extensions))


def _built(line: Line, build: Callable[[], ArvoEvent]) -> str | None:
    try:
        event = build()
    except InvalidEventError as error:
        return f"refused: {error}" if line["ok"] else compare_paths(line.get("paths"), error)
    if not line["ok"]:
        return f"accepted, but {line.get('paths')} is to be refused"
    json = event.to_json()
    if "keys" in line and list(json) != line["keys"]:
        return f"keys: expected {line['keys']}, got {list(json)}"
    is_hijacked = any(name in FIELDS for name in event.extensions)
    if not is_hijacked and ArvoEvent.from_json(event.to_json_text()) != event:
        return "the event does not survive its own JSON"
    return Comparison().difference(line["json"], json)


def _views(line: Line) -> str | None:
    event = create_arvo_event(**line["args"], extensions=line["extensions"])
    views = {
        "json": event.to_json(),
        "text": event.to_json_text(),
        "text2": event.to_json_text(2),
        "cloudevent": event.cloudevent,
        "extensionsOnly": event.extensions,
        "otelAttributes": event.otel_attributes,
        "getters": {name: getattr(event, name) for name in line["getters"]},
    }
    return Comparison().difference({name: line[name] for name in views}, views)


def _validate_uri(line: Line) -> str | None:
    actual = is_valid_uri(line["input"])
    return None if actual is line["result"] else f"expected {line['result']}, got {actual}"


def _parse_id(line: Line) -> str | None:
    parsed = parse_arvo_event_id(line["input"])
    actual = line["input"] if parsed is None else parsed._asdict()
    expected = {"result": line["result"], "failed": line["failed"]}
    return Comparison().difference(expected, {"result": actual, "failed": parsed is None})


def _roundtrip(line: Line) -> str | None:
    parsed = parse_arvo_event_id(create_arvo_event_id(line["idSpec"]))
    return Comparison().difference(line["result"], parsed._asdict() if parsed else None)


_EVENT_CHECKS: dict[str, Callable[[Line], str | None]] = {
    "create": _create,
    "construct": _construct,
    "validateURI": _validate_uri,
    "parseArvoEventId": _parse_id,
    "roundtrip": _roundtrip,
    "views": _views,
}

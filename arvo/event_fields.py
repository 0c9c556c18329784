"""The rules that the fields of an ArvoEvent obey, in the order in which they are checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from math import isnan
from typing import Any, Final

from arvo.errors import InvalidEventError, list_problems, shorten
from arvo.json_value import JsonError, JsonObject, check_text, copy_json
from arvo.names import is_domain, is_event_type
from arvo.uri import is_valid_uri

ARVO_CONTENT_TYPE: Final = "application/cloudevents+json;charset=UTF-8;profile=arvo"
"""Content type of the data of Arvo's own events."""

MAX_EXTENSIONS: Final = 256
"""Most extensions that one event may carry."""

CONTEXT_FIELDS: Final = (
    "id",
    "source",
    "specversion",
    "type",
    "subject",
    "datacontenttype",
    "dataschema",
    "time",
)
ARVO_FIELDS: Final = ("to", "accesscontrol", "redirectto", "executionunits", "parentid", "domain")
TRACE_FIELDS: Final = ("traceparent", "tracestate")
NULLABLE_FIELDS: Final = ("dataschema", *ARVO_FIELDS, *TRACE_FIELDS)

ABSENT: Final = object()
"""Stands for a field that was not given, which is not the same as null."""

_is_extension_name = re.compile(r"[a-z0-9]+").fullmatch
_as_time = re.compile(
    r"([0-9]{4})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?"
    r"(?:Z|[+-][0-9]{2}:?[0-9]{2})"
).fullmatch

_Rule = Callable[[str], str | None]


def check_group(fields: Mapping[str, Any], names: Iterable[str]) -> None:
    """Check some fields together.

    Raises:
        InvalidEventError: At least one is missing or breaks its rule; all that do are named.
    """
    problems = []
    for name in names:
        value = fields.get(name, ABSENT)
        problem = _CHECKS[name](value)
        if problem is not None:
            given = "" if value is ABSENT else f", not {shorten(value)}"
            problems.append((name, problem + given))
    if problems:
        raise InvalidEventError(
            f"This is not a valid ArvoEvent: {list_problems(problems)}.", paths=[path for path, _ in problems]
        )


def check_data(data: object) -> JsonObject:
    """Return a copy of an event's data as plain JSON.

    Raises:
        InvalidEventError: It is no object, or holds what JSON cannot carry.
    """
    if not isinstance(data, Mapping):
        raise InvalidEventError(
            f"The data of an ArvoEvent must be a JSON object, not {shorten(data)}. Send a mapping, or a model."
        )
    try:
        copy: JsonObject = copy_json(data)
    except JsonError as error:
        path = ".".join(["data", *error.path])
        raise InvalidEventError(f"The data of an ArvoEvent must be JSON: {path[:200]} {error}.") from None
    return copy


def check_extensions(extensions: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return a copy of an event's extensions.

    Raises:
        InvalidEventError: There are too many, or a name or a value is not allowed.
    """
    if extensions is None:
        return {}
    if not isinstance(extensions, Mapping) or len(extensions) > MAX_EXTENSIONS:
        raise InvalidEventError(
            f"The extensions of an ArvoEvent must be a mapping of at most {MAX_EXTENSIONS} entries."
        )
    problems = [(str(name), problem) for name, value in extensions.items() if (problem := _extension(name, value))]
    if problems:
        raise InvalidEventError(
            f"These are not valid extensions of an ArvoEvent: {list_problems(problems)}.",
            paths=[path for path, _ in problems],
        )
    return {name: copy_json(value) for name, value in extensions.items()}


def _text(rule: _Rule | None = None, *, nullable: bool = False) -> Callable[[object], str | None]:
    expected = "must be a non-empty text or null" if nullable else "must be a non-empty text"

    def check(value: object) -> str | None:
        if value is None and nullable:
            return None
        if not isinstance(value, str) or not value:
            return expected + (" and is missing" if value is ABSENT else "")
        if not value.isascii() and not _is_encodable(value):
            return "must not hold half of a surrogate pair"
        return rule(value) if rule else None

    return check


def _is_encodable(value: str) -> bool:
    try:
        check_text(value)
    except JsonError:
        return False
    return True


def _uri(value: str) -> str | None:
    return None if is_valid_uri(value) else "must be a properly encoded URI (create_arvo_event encodes)"


def _type(value: str) -> str | None:
    return None if is_event_type(value) else "must be a reverse-DNS name of three or more parts of a-z and 0-9"


def _domain(value: str) -> str | None:
    return None if is_domain(value) else "must consist of a-z, 0-9 and dots"


def _specversion(value: str) -> str | None:
    return None if value == "1.0" else "must be '1.0'"


def _content_type(value: str) -> str | None:
    if "application/cloudevents+json" in value or "application/json" in value:
        return None
    return "must contain 'application/cloudevents+json' or 'application/json'"


def _time(value: str) -> str | None:
    match = _as_time(value)
    if match is not None and (match[3] <= "28" or _is_day(*map(int, match.groups()))):
        return None
    return "must be a time with an offset, such as 2025-07-01T10:20:30.000+00:00"


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year or 2000, month, day)
    except ValueError:
        return False
    return True


def _units(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "must be a number or null" + (" and is missing" if value is ABSENT else "")
    if isinstance(value, float) and isnan(value):
        return "must be a number or null, NaN is neither"
    return None if isinstance(value, float) or value.bit_length() < 1024 else "is beyond the range of numbers"


def _extension(name: object, value: object) -> str | None:
    if not isinstance(name, str) or not _is_extension_name(name):
        return "extension names consist of a-z and 0-9"
    if value is not None and not isinstance(value, str | bool | int | float):
        return f"extension values are text, number, boolean or null, not {shorten(value)}"
    if isinstance(value, float) and isnan(value):
        return "extension values cannot be NaN"
    try:
        copy_json(value)
    except JsonError as error:
        return str(error)
    return None


_CHECKS: Final[Mapping[str, Callable[[object], str | None]]] = {
    "id": _text(),
    "source": _text(_uri),
    "specversion": _text(_specversion),
    "type": _text(_type),
    "subject": _text(_uri),
    "datacontenttype": _text(_content_type),
    "dataschema": _text(_uri, nullable=True),
    "time": _text(_time),
    "to": _text(_uri, nullable=True),
    "accesscontrol": _text(nullable=True),
    "redirectto": _text(_uri, nullable=True),
    "executionunits": _units,
    "parentid": _text(nullable=True),
    "domain": _text(_domain, nullable=True),
    "traceparent": _text(nullable=True),
    "tracestate": _text(nullable=True),
}

"""The rules that the fields of an ArvoEvent obey, in the order in which they are checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from math import isnan
from typing import Any, Final, NamedTuple

from pydantic_core import CoreSchema, SchemaValidator, core_schema

from arvo.errors import InvalidEventError, list_problems, shorten
from arvo.wire import (
    DOMAIN_PATTERN,
    EVENT_TYPE_PATTERN,
    UNESCAPED_PATTERN,
    JsonError,
    JsonObject,
    check_text,
    copy_json,
    is_domain,
    is_event_type,
    is_valid_uri,
)

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

_USUAL_TIME: Final = (
    r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}"
    r"(Z|[+-][0-9]{2}:[0-9]{2})$"
)
"""As events are written, on the days that every month has."""


class _Rule(NamedTuple):
    """What a text must be.

    Attributes:
        is_met: Tells it.
        expected: Tells it in words.
        usual: A schema that only takes what meets the rule, and most of that.
        nullable: Whether null will do.
    """

    is_met: Callable[[str], object]
    expected: str
    usual: CoreSchema
    nullable: bool = False


def are_usual(fields: Mapping[str, Any]) -> bool:
    """Tell, in a third of the time that the checks take, that they would find nothing.

    False means that they have to be made: something is wrong, or just less usual.
    """
    return _usual_fields.isinstance_python(fields)


def check_group(fields: Mapping[str, Any], names: Iterable[str]) -> None:
    """Check some fields together.

    Raises:
        InvalidEventError: At least one is missing or breaks its rule; all that do are named.
    """
    problems = []
    for name in names:
        value = fields.get(name, ABSENT)
        rule = _RULES[name]
        if value is None:
            if rule.nullable:
                continue
        elif type(value) is str and value and value.isascii() and rule.is_met(value):
            continue
        problem = _units_problem(value) if name == "executionunits" else _text_problem(value, rule)
        if problem is not None:
            problems.append((name, problem))
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
    problems = [
        (name if isinstance(name, str) else shorten(name), problem)
        for name, value in extensions.items()
        if (problem := _extension(name, value))
    ]
    if problems:
        raise InvalidEventError(
            f"These are not valid extensions of an ArvoEvent: {list_problems(problems)}.",
            paths=[path for path, _ in problems],
        )
    return {name: copy_json(value) for name, value in extensions.items()}


def _text_problem(value: object, rule: _Rule) -> str | None:
    if not isinstance(value, str) or not value:
        return f"must be a non-empty text{' or null' if rule.nullable else ''}{_given(value)}"
    if not value.isascii() and not _is_encodable(value):
        return f"must not hold half of a surrogate pair{_given(value)}"
    return None if rule.is_met(value) else f"must be {rule.expected}{_given(value)}"


def _units_problem(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"must be a number or null{_given(value)}"
    if isinstance(value, float) and isnan(value):
        return "must be a number or null, NaN is neither"
    return None if isinstance(value, float) or value.bit_length() < 1024 else "is beyond the range of numbers"


def _given(value: object) -> str:
    return " and is missing" if value is ABSENT else f", not {shorten(value)}"


def _is_encodable(value: str) -> bool:
    try:
        check_text(value)
    except JsonError:
        return False
    return True


def _is_json_type(value: str) -> bool:
    return "application/cloudevents+json" in value or "application/json" in value


def _is_time(value: str) -> bool:
    match = _as_time(value)
    return match is not None and (match[3] <= "28" or _is_day(*map(int, match.groups())))


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year or 2000, month, day)
    except ValueError:
        return False
    return True


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


def _matching(pattern: str) -> CoreSchema:
    return core_schema.str_schema(pattern=pattern, strict=True)


_ANY: Final = _Rule(bool, "a text", core_schema.str_schema(min_length=1, strict=True))
_ANY_OR_NULL: Final = _ANY._replace(nullable=True)
_URI: Final = _Rule(
    is_valid_uri, "a properly encoded URI (create_arvo_event encodes)", _matching(f"^{UNESCAPED_PATTERN}+$")
)
_URI_OR_NULL: Final = _URI._replace(nullable=True)
_RULES: Final[Mapping[str, _Rule]] = {
    "id": _ANY,
    "source": _URI,
    "specversion": _Rule("1.0".__eq__, "'1.0'", core_schema.literal_schema(["1.0"])),
    "type": _Rule(
        is_event_type, "a reverse-DNS name of three or more parts of a-z and 0-9", _matching(EVENT_TYPE_PATTERN)
    ),
    "subject": _URI,
    "datacontenttype": _Rule(
        _is_json_type,
        "one with 'application/cloudevents+json' or 'application/json' in it",
        core_schema.literal_schema([ARVO_CONTENT_TYPE]),
    ),
    "dataschema": _URI_OR_NULL,
    "time": _Rule(_is_time, "a time with an offset, such as 2025-07-01T10:20:30.000+00:00", _matching(_USUAL_TIME)),
    "to": _URI_OR_NULL,
    "accesscontrol": _ANY_OR_NULL,
    "redirectto": _URI_OR_NULL,
    "executionunits": _Rule(
        lambda _: False, "a number", core_schema.float_schema(allow_inf_nan=False, strict=True), nullable=True
    ),
    "parentid": _ANY_OR_NULL,
    "domain": _Rule(is_domain, "of a-z, 0-9 and dots", _matching(DOMAIN_PATTERN), nullable=True),
    "traceparent": _ANY_OR_NULL,
    "tracestate": _ANY_OR_NULL,
}
_usual_fields = SchemaValidator(
    core_schema.typed_dict_schema(
        {
            name: core_schema.typed_dict_field(core_schema.nullable_schema(rule.usual) if rule.nullable else rule.usual)
            for name, rule in _RULES.items()
        }
    )
)

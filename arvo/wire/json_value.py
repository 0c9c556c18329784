"""JSON from and for the outside: bounded reading, and copies that hold nothing but JSON.

Numbers are kept as JavaScript writes them: `3.0` becomes 3, `-0.0` becomes 0, and what JSON has no number for
becomes null.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any, Final, NoReturn

from pydantic_core import to_json

from arvo.errors import shorten

MAX_JSON_BYTES: Final = 4 * 1024 * 1024
"""Longest JSON text that is read: as much as one message of Temporal can carry."""

MAX_DEPTH: Final = 100
"""Deepest nesting of lists and objects."""

_MAX_INTEGER_BITS: Final = 1023
_PLAIN_NUMBERS: Final = 1e21

JsonObject = dict[str, Any]


class JsonError(ValueError):
    """A value is not JSON, or exceeds a bound.

    Attributes:
        path: Keys and positions that lead to the bad part.
    """

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.path: list[str] = []


def read_json(source: str | bytes | bytearray | memoryview) -> Any:
    """Parse a JSON text strictly.

    Raises:
        JsonError: It is too long or too deep, is not UTF-8, is not JSON (`NaN` is none), or has a key twice in
            one object.
    """
    size = source.nbytes if isinstance(source, memoryview) else len(source)
    if size > MAX_JSON_BYTES:
        raise JsonError(f"its JSON has {size} bytes, {MAX_JSON_BYTES} are allowed")
    try:
        text = source if isinstance(source, str) else str(source, "utf-8-sig")
        return json.loads(text, object_pairs_hook=_unique_keys, parse_constant=_refuse_constant)
    except RecursionError:
        raise JsonError(f"its JSON is nested deeper than {MAX_DEPTH} levels") from None
    except JsonError:
        raise
    except ValueError as error:
        raise JsonError(f"it is not JSON: {str(error)[:200]}") from None


def copy_json(value: Any, depth: int = 0) -> Any:
    """Return a copy of a value that shares no list or object with it, with tuples as lists.

    Raises:
        JsonError: A part of it is not JSON, is nested too deep, or is a text that UTF-8 cannot carry.
    """
    kind = type(value)
    if kind is str:
        return value if value.isascii() else check_text(value)
    if kind is bool or value is None:
        return value
    if kind is int or kind is float:
        return _copy_number(value)
    if depth >= MAX_DEPTH:
        raise JsonError(f"is nested deeper than {MAX_DEPTH} levels")
    if kind is dict or isinstance(value, Mapping):  # the abstract class answers slowly
        return _copy_object(value, depth + 1)
    if isinstance(value, list | tuple):
        return _copy_array(value, depth + 1)
    return _copy_subclass(value)


def write_json(value: Any, indent: int | None = None) -> bytes:
    """Return the JSON text of what `copy_json` returned in UTF-8: compact, or indented for people."""
    return to_json(value, indent=indent, inf_nan_mode="null")


def check_text(text: str) -> str:
    """Return a text that UTF-8 can carry.

    Raises:
        JsonError: It holds half of a surrogate pair.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise JsonError("holds half of a surrogate pair, which UTF-8 cannot carry") from None
    return text


def _copy_number(value: int | float) -> int | float | None:
    if isinstance(value, int):
        if value.bit_length() > _MAX_INTEGER_BITS:
            raise JsonError("is an integer beyond the range of JSON numbers")
        return value
    if not isfinite(value):
        return None
    return int(value) if value.is_integer() and abs(value) < _PLAIN_NUMBERS else value


def _copy_object(value: Mapping[Any, Any], depth: int) -> JsonObject:
    copy: JsonObject = {}
    for key, member in value.items():
        try:
            if type(key) is not str:
                raise JsonError(f"has a key of type {type(key).__name__}, keys must be text")
            copy[key if key.isascii() else check_text(key)] = copy_json(member, depth)
        except JsonError as error:
            error.path.insert(0, key if isinstance(key, str) else shorten(key))
            raise
    return copy


def _copy_array(value: list[Any] | tuple[Any, ...], depth: int) -> list[Any]:
    copy: list[Any] = []
    for member in value:
        try:
            copy.append(copy_json(member, depth))
        except JsonError as error:
            error.path.insert(0, str(len(copy)))
            raise
    return copy


def _copy_subclass(value: Any) -> Any:
    if isinstance(value, str):
        return check_text(str.__str__(value))
    if isinstance(value, int):
        return _copy_number(int.__index__(value))
    if isinstance(value, float):
        return _copy_number(float.__float__(value))
    raise JsonError(f"is of type {type(value).__name__}, which JSON cannot carry")


def _unique_keys(pairs: list[tuple[str, Any]]) -> JsonObject:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise JsonError("it has a key twice in one object")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise JsonError(f"it is not JSON: {name} is no JSON number")

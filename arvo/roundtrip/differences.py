"""Where two values differ that should be equal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from pydantic import BaseModel

_MISSING = object()


def first_difference(given: Any, read: Any) -> tuple[str, Any, Any] | None:
    """Return where a value differs from the one that was read back, and both parts; None where they are equal.

    Private attributes of models are no part of a value. A type that says nothing of equality is compared by its
    attributes.
    """
    if _equal(given, read):
        return None
    members = list(_members(given, read))
    if not members:
        return None if _says_nothing_of_equality(given, read) else ("", given, read)
    for name, one, other in members:
        found = first_difference(one, other)
        if found is not None:
            return ".".join(filter(None, (name, found[0]))), found[1], found[2]
    return None if isinstance(given, BaseModel) or _says_nothing_of_equality(given, read) else ("", given, read)


def _equal(given: Any, read: Any) -> bool:
    try:
        return given is read or bool(given == read)
    except Exception:  # the author's own, or an array that has no single answer
        return False


def _says_nothing_of_equality(given: Any, read: Any) -> bool:
    return type(given) is type(read) and getattr(type(given), "__eq__", None) is object.__eq__


def _members(given: Any, read: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield what two values of one kind consist of; nothing where they are of different kinds."""
    if isinstance(given, Mapping) and isinstance(read, Mapping):
        if given.keys() == read.keys():
            yield from ((str(key), given[key], read[key]) for key in given)
    elif type(given) is not type(read):
        return
    elif isinstance(given, BaseModel):
        mine, other = (one.__dict__ | (one.__pydantic_extra__ or {}) for one in (given, read))
        for key in {**mine, **other}:
            yield key, mine.get(key, _MISSING), other.get(key, _MISSING)
    elif is_dataclass(given):
        for field in fields(given):
            yield field.name, getattr(given, field.name, _MISSING), getattr(read, field.name, _MISSING)
    elif isinstance(given, list | tuple) and len(given) == len(read):
        yield from ((str(position), *pair) for position, pair in enumerate(zip(given, read, strict=True)))
    elif _says_nothing_of_equality(given, read) and hasattr(given, "__dict__"):
        for key, value in vars(given).items():
            yield key, value, vars(read).get(key, _MISSING)


def unwritable_field(value: Any) -> str:
    """Return the name of the first field of a model that cannot be written as JSON; nothing where that is no field."""
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            try:
                value.model_dump(mode="json", include={name}, warnings=False)
            except Exception:  # a serialiser of the author's
                return name
    return ""


def describe(given: Any, read: Any) -> str:
    """Tell in words how a value differs from what comes back."""
    if read is _MISSING or given is _MISSING:
        return "does not come back" if read is _MISSING else "comes back although it was not given"
    if type(given) is not type(read):
        return f"{_named(given)} comes back as {_named(read)}"
    if isinstance(given, Mapping) and given.keys() != read.keys():
        return f"{_named(given)} comes back with other keys"
    return f"{_named(given)} comes back with another value"


def _named(value: Any) -> str:
    return f"a value of type {type(value).__name__}" if value is not None else "None"

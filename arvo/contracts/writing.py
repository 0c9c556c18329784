"""How versions of a contract are written: what is missing or misspelt is told with its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from arvo.errors import InvalidContractError, described, nearest, shorten

_EMPTY = '; a service that never answers has "emits": {}'


def check_versions(uri: str, versions: Any, keys: Sequence[str], *, several: bool = False) -> None:
    """Check that versions are written as `{"1.0.0": {key: type, ...}}`.

    Args:
        uri: The contract's URI, for messages.
        versions: What the author wrote.
        keys: The keys that each version has, each with a type of data.
        several: Whether `emits` maps event types to types of data instead.

    Raises:
        InvalidContractError: They are not; the message has the version, the key and the cure.
    """
    if not isinstance(versions, Mapping):
        raise _wrong(uri, "versions", f"versions= is {described(versions)}", f"map version numbers: {_example(keys)}")
    for number, version in versions.items():
        place = f"version {shorten(number)}"
        if not isinstance(version, Mapping):
            raise _wrong(uri, "versions", f"{place} is {described(version)}", f"write {_example(keys)}")
        for key in keys:
            if key not in version:
                others = [one for one in version if one not in keys]
                raise _missing(uri, place, key, others, may_be_empty=several and key == "emits")
            if several and key == "emits":
                _check_emits(uri, place, version[key])
            else:
                _check_type(uri, f"'{key}' of {place}", key, version[key])


def _check_emits(uri: str, place: str, emits: Any) -> None:
    if not isinstance(emits, Mapping):
        raise _wrong(
            uri,
            "emits",
            f"'emits' of {place} is {described(emits)}",
            'map event types to types of data: {"evt.bank.charged": Receipt}',
        )
    for type_, data in emits.items():
        _check_type(uri, f"'emits' of {place} for {shorten(type_)}", "emits", data)


def _check_type(uri: str, place: str, key: str, given: Any) -> None:
    """Refuse what is certainly no type of data; what else it is, pydantic decides."""
    if isinstance(given, BaseModel):
        raise _wrong(
            uri, key, f"{place} is an instance of {type(given).__name__}", f"write the class: {type(given).__name__}"
        )
    if isinstance(given, Mapping | str | int | float | list | tuple | set):
        raise _wrong(uri, key, f"{place} is {described(given)}", "write a pydantic model, or a TypedDict")


def _missing(uri: str, place: str, key: str, others: list[Any], *, may_be_empty: bool) -> InvalidContractError:
    near = nearest(key, others)
    if near is None and len(others) == 1:
        near = str(others[0])
    cure = f"write '{key}' instead of {shorten(near)}" if near else f"add '{key}'{_EMPTY if may_be_empty else ''}"
    return _wrong(uri, key, f"{place} has no '{key}'", cure)


def _wrong(uri: str, path: str, problem: str, cure: str) -> InvalidContractError:
    return InvalidContractError(
        f"In contract (uri={shorten(uri)}), {problem}. To fix: {cure}.", reason="invalid-field", paths=[path]
    )


def _example(keys: Sequence[str]) -> str:
    return '{"1.0.0": {' + ", ".join(f'"{key}": ...' for key in keys) + "}}"

"""Values as JSON text: JSON itself, and what pydantic writes of models, times and the like."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from functools import lru_cache
from math import isfinite
from typing import Any, Final, NamedTuple, cast

from pydantic import BaseModel, Secret, SecretBytes, SecretStr
from pydantic_core import from_json, to_json

from arvo.errors import InvalidPayloadError
from arvo.roundtrip import find_secrets, untyped_fields, unwritable_field, writes_json_in_json

_ATOMS: Final = frozenset((str, int, bool, type(None)))
_SECRETS: Final = (SecretStr, SecretBytes, Secret)
_CURE: Final = (
    "is a secret, which would be written as asterisks. Send where the receiver finds it; or send it as plain text, "
    "get_secret_value(), and give the app a codec that encrypts, ArvoApp(codec=...)"
)


class _Written(NamedTuple):
    """How pydantic writes a class.

    Attributes:
        secrets: Paths of what it writes as asterisks.
        has_json: Whether a field of type `Json` is in it.
        untyped: Names of the fields in which there may be anything.
    """

    secrets: tuple[str, ...]
    has_json: bool
    untyped: frozenset[str]


def to_plain_json(value: Any) -> Any:
    """Return a value with its models, times and the like as JSON.

    Raises:
        InvalidPayloadError: JSON cannot carry a part of it, or a part is a secret.
    """
    return read_text(write_text(value))


def write_text(value: Any) -> bytes:
    """Return the JSON text of a value.

    Raises:
        InvalidPayloadError: JSON cannot carry a part of it, or a part is a secret.
    """
    return write_plain(value, fields_only=not is_plain(value) and _needs_fields_only(value))


def write_plain(value: Any, *, fields_only: bool = False) -> bytes:
    """Return the JSON text of a value that is known to hold no secret.

    Args:
        value: The value.
        fields_only: Whether computed fields are left out, and what is of type `Json` is written as text.

    Raises:
        InvalidPayloadError: JSON cannot carry a part of it.
    """
    try:
        return to_json(value, by_alias=True, round_trip=fields_only, inf_nan_mode="null")
    except (ValueError, TypeError, RecursionError) as error:
        raise unwritable(value, error) from error


def unwritable(value: Any, error: Exception) -> InvalidPayloadError:
    """Return the error for a value that cannot be written."""
    path = unwritable_field(value)
    return InvalidPayloadError(f"The data cannot be written as JSON: {path} {str(error)[:200]}.", paths=[path])


def read_text(text: bytes) -> Any:
    """Return what a JSON text says.

    Raises:
        InvalidPayloadError: It is no JSON.
    """
    try:
        return from_json(text)
    except ValueError as error:
        raise InvalidPayloadError(f"The data is not JSON: {str(error)[:200]}.") from None


def is_plain(value: Any) -> bool:
    """Tell whether a value is JSON already, where a tuple counts as a list."""
    try:
        return _is_plain(value)
    except RecursionError:
        return False


def _is_plain(value: Any) -> bool:
    kind = type(value)
    if kind is dict:
        for key, member in value.items():
            if type(key) is not str or not (type(member) in _ATOMS or _is_plain(member)):
                return False
        return True
    if kind is list or kind is tuple:
        return all(type(member) in _ATOMS or _is_plain(member) for member in value)
    return kind in _ATOMS or (kind is float and isfinite(value))


def parts_of(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield what is within a value that is no plain JSON, itself included, each with its path."""
    ahead = [("", value)]
    seen: set[int] = set()
    while ahead:
        path, part = ahead.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        yield path, part
        for key, member in _members(part):
            if type(member) not in _ATOMS:
                ahead.append((f"{path}.{key}" if path else str(key), member))


def _members(part: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(part, Mapping):
        return part.items()
    if isinstance(part, list | tuple | set | frozenset):
        return enumerate(part)
    if isinstance(part, BaseModel):
        untyped = _written(cast("Hashable", type(part))).untyped
        extra = (part.__pydantic_extra__ or {}).items()
        return [*((name, value) for name, value in part.__dict__.items() if name in untyped), *extra]
    return ()


def _needs_fields_only(value: Any) -> bool:
    """Look for secrets, and tell whether there is something of type `Json`."""
    found = False
    for path, part in parts_of(value):
        if isinstance(part, _SECRETS):
            raise InvalidPayloadError(f"The data cannot be sent: {path or 'it'} {_CURE}.", paths=[path])
        if hasattr(type(part), "__pydantic_core_schema__"):
            written = _written(cast("Hashable", type(part)))
            if written.secrets:
                secret = ".".join(filter(None, (path, written.secrets[0])))
                raise InvalidPayloadError(f"The data cannot be sent: {secret} {_CURE}.", paths=[secret])
            found = found or written.has_json
    return found


@lru_cache(512)
def _written(class_: Any) -> _Written:
    schema = class_.__pydantic_core_schema__
    if not isinstance(schema, dict):  # a model that is not complete yet; pydantic raises on any use
        return _Written((), False, frozenset())
    return _Written(find_secrets(schema), writes_json_in_json(schema), untyped_fields(schema))

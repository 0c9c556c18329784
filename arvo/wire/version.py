"""Versions of contracts: three numbers with dots, and the wildcard that stands for all of them."""

from __future__ import annotations

import re
from typing import Final

WILDCARD_VERSION: Final = "0.0.0"
"""Version of what all versions of a contract share, such as its system error."""

_is_version = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+").fullmatch


def is_valid_version(text: str) -> bool:
    """Tell whether a text is a version such as `1.0.0`; leading zeros are allowed."""
    return _is_version(text) is not None


def is_wildcard_version(text: str) -> bool:
    """Tell whether a version is `0.0.0`, which is reserved."""
    return text == WILDCARD_VERSION


def version_key(version: str) -> tuple[tuple[int, str], ...]:
    """Return a sort key that orders versions by their numbers, however many digits these have."""
    digits = (part.lstrip("0") for part in version.split("."))
    return tuple((len(part), part) for part in digits)


def compare_versions(first: str, second: str) -> int:
    """Return -1, 0 or 1 as the first version is lower than, equal to or higher than the second."""
    one, two = version_key(first), version_key(second)
    return (one > two) - (one < two)

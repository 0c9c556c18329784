"""Durations as people write them: numbers of milliseconds, `timedelta`, `"5 minutes"`, ISO 8601."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from fractions import Fraction
from typing import Any, Final, TypeAlias

from pydantic_core import to_jsonable_python

Duration: TypeAlias = float | timedelta | str
"""Milliseconds, a `timedelta`, or a text such as `"5 minutes"`, `"1h 30m"` or ISO 8601's `"PT5M"`."""

HOW_TO_WRITE: Final = 'milliseconds, a timedelta, "5 minutes", or ISO 8601 such as "PT5M", of at most 100 years'
LONGEST_MS: Final = 100 * 365 * 86_400_000

_LONGEST = 100
_SAID = (("day", 86_400_000), ("hour", 3_600_000), ("minute", 60_000), ("second", 1_000))
_UNITS = (
    (604_800_000, ("w", "week", "weeks")),
    (86_400_000, ("d", "day", "days")),
    (3_600_000, ("h", "hr", "hrs", "hour", "hours")),
    (60_000, ("m", "min", "mins", "minute", "minutes")),
    (1_000, ("s", "sec", "secs", "second", "seconds")),
    (1, ("ms", "msec", "msecs", "millisecond", "milliseconds")),
)
_SIZES = {name: size for size, names in _UNITS for name in names}
_NUMBER = r"([0-9]+(?:[.,][0-9]+)?)"
_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([a-z]+)")
_BETWEEN = re.compile(r"\s*,?\s*(?:and\s+)?")
_ISO = re.compile(
    rf"P(?=[0-9T])(?:{_NUMBER}W)?(?:{_NUMBER}D)?(?:T(?=[0-9])(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?",
)


def milliseconds(value: Any) -> float | None:
    """How many milliseconds a `Duration` is, as an integer where it is whole; `None` for anything else.

    Months and years are none: they have no fixed length. Neither are booleans, `nan`, and what no clock waits for:
    over 100 years.
    """
    if isinstance(value, bool):
        return None
    found: float | None = None
    if isinstance(value, int | float):
        found = value
    elif isinstance(value, timedelta):
        found = _plain(Fraction(value // timedelta(microseconds=1), 1000))
    elif isinstance(value, str):
        found = _of_text(value.strip())
    return found if found is not None and -LONGEST_MS <= found <= LONGEST_MS else None


def iso_text(value: timedelta) -> str:
    """A `timedelta` as ISO 8601 writes it, such as `PT5M`."""
    return str(to_jsonable_python(value))


def duration_words(value: float, most: int | None = None) -> str:
    """A duration as people say it: `3 days`, `1.5 seconds`, `1 hour 30 minutes`, `250 ms`.

    Args:
        value: Milliseconds.
        most: How many units it has at most: with 1, `3 days` stands for 3 days and 5 hours, too.
    """
    if value < 1_000 or (most is None and value != int(value)):
        return f"{value:g} ms"
    left = int(value)
    parts: list[str] = []
    for unit, size in _SAID:
        count, left = divmod(left, size)
        if unit == "second" and left and most is None:
            return " ".join([*parts, f"{count + left / 1000:g} seconds"])
        if count:
            parts.append(f"{count} {unit}{'s' * (count != 1)}")
        if len(parts) == most:
            break
    return " ".join(parts)


def _of_text(text: str) -> float | None:
    if len(text) > _LONGEST:
        return None
    iso = _ISO.fullmatch(text)
    if iso is not None:
        return _sum(zip(iso.groups(), (size for size, _ in _UNITS), strict=False))
    return _of_words(text.lower())


def _of_words(text: str) -> float | None:
    """Numbers with units, larger units first."""
    parts: list[tuple[str | None, int]] = []
    position = 0
    while position < len(text):
        part = _PART.match(text, position)
        size = _SIZES.get(part[2]) if part else None
        if part is None or size is None or (parts and size >= parts[-1][1]):
            return None
        parts.append((part[1], size))
        between = _BETWEEN.match(text, part.end())
        position = between.end() if between and between.end() < len(text) else part.end()
    return _sum(parts) if parts else None


def _sum(parts: Iterable[tuple[str | None, int]]) -> float:
    return _plain(sum((Fraction(number.replace(",", ".")) * size for number, size in parts if number), Fraction()))


def _plain(number: Fraction) -> float:
    return number.numerator if number.denominator == 1 else float(number)

"""JavaScript's rules for keys, numbers and paths, as far as machines ported from it depend on them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from arvo.statechart.durations import milliseconds

_INDEX = re.compile(r"0|[1-9][0-9]{0,9}")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?)")


def key_order(keys: Iterable[str]) -> list[str]:
    """Keys in the order in which a JavaScript object lists them: integers ascending, then as inserted."""
    keys = list(keys)
    integers = [key for key in keys if _INDEX.fullmatch(key) and int(key) < 2**32 - 1]
    if not integers:
        return keys
    taken = set(integers)
    return [*sorted(integers, key=int), *(key for key in keys if key not in taken)]


def items(mapping: Mapping[Any, Any]) -> list[tuple[str, Any]]:
    """Items of a config object in JavaScript's order, their keys as texts."""
    by_key = {key_text(key): mapping[key] for key in mapping}
    return [(key, by_key[key]) for key in key_order(by_key)]


def key_text(key: Any) -> str:
    """The key of a config object as JavaScript has it; a `timedelta` is its milliseconds."""
    number = milliseconds(key) if isinstance(key, timedelta) else key
    return number_text(number) if isinstance(number, int | float) else str(key)


def number_of(text: str) -> float | None:
    """The number that JavaScript reads from a string, or `None` for what is no number."""
    text = text.strip()
    if not text:
        return 0
    if re.fullmatch(r"0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+", text):
        return int(text, 0)
    if re.fullmatch(r"[+-]?Infinity", text):
        return float(text)
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    return int(number) if number.is_integer() else number


def number_text(number: float) -> str:
    """A number as JavaScript prints it."""
    if number in (float("inf"), float("-inf")):
        return "Infinity" if number > 0 else "-Infinity"
    if float(number).is_integer() and abs(number) < 1e21:
        return str(int(number))
    return re.sub(r"e([+-])0*(\d)", r"e\1\2", repr(float(number)))


def escaped(key: str) -> str:
    r"""A state key as a path writes it: a dot inside it as `\.`."""
    return key.replace("\\", "\\\\").replace(".", "\\.")


def split_path(path: str) -> list[str]:
    r"""Segments of a path of state keys; a dot inside a key is written `\.`."""
    segments, segment, characters = [], "", iter(path)
    for character in characters:
        if character == "\\":
            segment += next(characters, "")
        elif character == ".":
            segments.append(segment)
            segment = ""
        else:
            segment += character
    return [*segments, segment]

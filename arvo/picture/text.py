"""How wide a text is, and where it breaks: the same in layout, browser and PNG, since all use the shipped font."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from itertools import accumulate, takewhile
from typing import Final, Literal, TypeAlias
from unicodedata import combining, east_asian_width

Weight: TypeAlias = Literal["400", "600"]

EM: Final = 2048
UNKNOWN: Final = 0.62
"""Width of a letter that the shipped font lacks, in em; a full-width one takes a whole em."""

_SPACES = re.compile(r"[\t\n\r]")
_BREAKS = re.compile(r"(?<=[\s._/:,\-])|(?<=[a-z0-9])(?=[A-Z])")


def width(text: str, size: float, weight: Weight = "400") -> float:
    """The width of a text in pixels."""
    return sum(_advance(letter, weight) for letter in text) * size / EM


def is_known(text: str) -> bool:
    """Whether the shipped font has all letters of a text."""
    return all(letter in _widths()["400"] for letter in text)


def wrapped(text: str, size: float, most: float, weight: Weight = "400") -> tuple[str, ...]:
    """The text in lines that are at most so many pixels wide, broken where names have their joints."""
    text = _SPACES.sub(" ", text)
    if width(text, size, weight) <= most:
        return (text,)
    lines, line = [], ""
    for part in _parts(text, size, most, weight):
        if line and width((line + part).rstrip(), size, weight) > most:
            lines.append(line.rstrip())
            line = ""
        line += part
    return (*lines, line.rstrip())


def _parts(text: str, size: float, most: float, weight: Weight) -> Iterator[str]:
    for part in _BREAKS.split(text):
        while (fitting := _fitting(part, size, most, weight)) < len(part.rstrip()):
            yield part[:fitting]
            part = part[fitting:]
        yield part


def _fitting(text: str, size: float, most: float, weight: Weight) -> int:
    """How many letters of a text fit into a line: at least one."""
    widths = accumulate(_advance(letter, weight) for letter in text)
    return max(1, sum(1 for _ in takewhile(lambda wide: wide * size / EM <= most, widths)))


def _advance(letter: str, weight: Weight) -> float:
    known = _widths()[weight].get(letter)
    if known is not None:
        return known
    if combining(letter):
        return 0
    return EM * (1 if east_asian_width(letter) in "WF" else UNKNOWN)


@cache
def _widths() -> Mapping[str, Mapping[str, int]]:
    loaded: Mapping[str, Mapping[str, int]] = json.loads(
        files("arvo.picture").joinpath("font/widths.json").read_text(encoding="utf-8")
    )
    return loaded

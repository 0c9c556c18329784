"""The shapes of a picture as SVG."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape
from math import hypot
from typing import Final, TypeAlias

from arvo.picture.blocks import Row
from arvo.picture.icons import ICONS
from arvo.picture.layout import Box
from arvo.picture.text import is_known

ROUND: Final = 8.0
Point: TypeAlias = tuple[float, float]

_UNSPEAKABLE = re.compile("[\x00-\x09\x0b-\x1f\ud800-\udfff\ufffe\uffff]")


def number(value: float) -> str:
    """A number in as few letters as possible."""
    return f"{round(value, 1):g}" if abs(value) < 100_000 else str(round(value))


def quoted(text: str) -> str:
    """Text for an attribute or an element, without what XML cannot hold."""
    return escape(_UNSPEAKABLE.sub("\N{REPLACEMENT CHARACTER}", text))


def rect(box: Box, kind: str, radius: float = ROUND, inset: float = 0.0) -> str:
    """A rectangle with round corners."""
    x, y = number(box.x + inset), number(box.y + inset)
    wide, high = number(box.width - 2 * inset), number(box.height - 2 * inset)
    return f'<rect class="{kind}" x="{x}" y="{y}" width="{wide}" height="{high}" rx="{number(radius)}"/>'


def bar(box: Box, height: float) -> str:
    """The title bar of a box: round above, straight below."""
    radius = ROUND - 0.7
    x, below, r = number(box.x + 0.7), number(box.y + height), number(radius)
    across, rise = number(box.width - 1.4 - 2 * radius), number(height - ROUND)
    return (
        f'<path class="bar" d="M{x} {below}v-{rise}a{r} {r} 0 0 1 {r}-{r}h{across}a{r} {r} 0 0 1 {r} {r}v{rise}z"/>'
        f'<path class="rule" d="M{number(box.x)} {below}h{number(box.width)}"/>'
    )


def text(row: Row, box: Box) -> str:
    """A row of text in its box."""
    kept = "" if is_known(row.text) else f' textLength="{number(row.width)}" lengthAdjust="spacingAndGlyphs"'
    words = quoted(row.text)
    x, y = box.x + row.x, box.y + row.y
    ref = f' data-transition="{quoted(row.ref)}"' if row.ref else ""
    return f'<text class="{row.kind}" x="{number(x)}" y="{number(y)}"{kept}{ref}>{words}</text>'


def icon(name: str, x: float, y: float) -> str:
    """A small sign whose upper left corner is given."""
    return f'<path class="icon" transform="translate({number(x)} {number(y)})" d="{ICONS[name]}"/>'


def words(rows: Iterable[Row], box: Box) -> Iterator[str]:
    """Rows of text, with their signs."""
    for row in rows:
        if row.icon:
            yield icon(row.icon, box.x + row.x - 16, box.y + row.y - 10)
        if row.kind == "chip":
            yield rect(Box(box.x + row.x - 6, box.y + row.y - 12, row.width + 12, 16), "chips", 8)
        yield text(row, box)


def line(points: Iterable[Point]) -> str:
    """The path of an arrow, with round corners, up to where its head begins."""
    corners = list(points)
    parts = [f"M{_at(corners[0])}"]
    for before, here, after in zip(corners, corners[1:], corners[2:], strict=False):
        radius = min(7.0, _length(before, here) / 2, _length(here, after) / 2)
        parts.append(f"L{_at(_towards(here, before, radius))}Q{_at(here)} {_at(_towards(here, after, radius))}")
    parts.append(f"L{_at(_towards(corners[-1], corners[-2], 3.0))}")
    return f'<path class="line" d="{"".join(parts)}"/>'


def head(points: tuple[Point, ...], *, hollow: bool, double: bool) -> str:
    """The head of an arrow; a double one for a transition that enters again, a hollow one for one that does not."""
    end, before = points[-1], points[-2]
    tips = [end, _towards(end, before, 6.0)] if double else [end]
    paths = "".join(_triangle(tip, before) for tip in tips)
    return f'<path class="head{" hollow" if hollow else ""}" d="{paths}"/>'


def _triangle(tip: Point, before: Point) -> str:
    back = _towards(tip, before, 8.0)
    x, y = back[0] - tip[0], back[1] - tip[1]
    left, right = (back[0] - y / 2, back[1] + x / 2), (back[0] + y / 2, back[1] - x / 2)
    return f"M{_at(tip)}L{_at(left)}L{_at(right)}Z"


def _towards(start: Point, end: Point, length: float) -> Point:
    whole = hypot(end[0] - start[0], end[1] - start[1])
    part = length / whole if whole else 0.0
    return start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part


def _length(one: Point, other: Point) -> float:
    return hypot(one[0] - other[0], one[1] - other[1])


def _at(point: Point) -> str:
    return f"{number(point[0])} {number(point[1])}"

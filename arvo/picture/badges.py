"""Badges on a picture, and the legend that says what they and the colours mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from arvo.picture.blocks import BODY, SMALL, Row
from arvo.picture.chart import Chart
from arvo.picture.layout import Box, Layout
from arvo.picture.marks import SIGNS, Badge, Marks
from arvo.picture.shapes import line, number, quoted, rect, text
from arvo.picture.text import width

KEY: Final = 34.0
"""Height of the legend."""

ORDER: Final = ("active", "open", "step", "count", "dim", "added", "removed", "changed", "find")
SAMPLES: Final = {"step": "1", "count": "7", "find": "!", **SIGNS}


def badges(chart: Chart, layout: Layout, marks: Marks) -> Iterator[str]:
    """All badges: above the right corners of states and labels, and beside the lines that stand for a transition."""
    for state in chart.states:
        box = layout.boxes[state.id]
        yield from _row(marks.state_badges.get(state.id, []), box.right + 6, box.y - 3)
    places = dict(_places(chart, layout))
    for path, found in marks.transition_badges.items():
        if path in places:
            yield from _row(found, *places[path])


def legend(meanings: Mapping[str, str], top: float) -> Iterator[str]:
    """What the marks mean, in a line below the picture."""
    x, y = 16.0, top + 4
    for kind in _kinds(meanings):
        if kind in SAMPLES:
            sample = _badge(Badge(SAMPLES[kind], kind), x + 18, y + 8)
        elif kind == "open":
            sample = line([(x, y + 8), (x + 20, y + 8)])
        else:
            sample = rect(Box(x, y, 20, 16), "box", 4)
        row = Row(meanings[kind], 26, 12, "words")
        yield f'<g class="key {kind}">{sample}{text(row, Box(x, y, 0, 0))}</g>\n'
        x += 26 + row.width + 20


def legend_width(meanings: Mapping[str, str]) -> float:
    """How wide the legend is."""
    return 16 + sum(46 + width(meanings[kind], BODY) for kind in _kinds(meanings)) if meanings else 0.0


def _kinds(meanings: Mapping[str, str]) -> list[str]:
    return [kind for kind in ORDER if kind in meanings]


def _places(chart: Chart, layout: Layout) -> Iterator[tuple[str, tuple[float, float]]]:
    """Where the badges of a transition end, by its path; the last place of several counts."""
    for arrow in reversed(chart.arrows):
        route = layout.routes[arrow.id]
        x, y = (route.label.right, route.label.y) if route.label else route.points[len(route.points) // 2]
        yield arrow.path, (x + 9, y - 6)
    for state in chart.states:
        box = layout.boxes[state.id]
        for row in layout.state_blocks[state.id].rows:
            if row.ref:
                yield row.ref, (box.right + 12, box.y + row.y - 4)


def _row(found: list[Badge], right: float, y: float) -> Iterator[str]:
    """Badges side by side, the last one's right end at a place; many steps become one."""
    steps = [badge for badge in found if badge.kind == "step"]
    if len(steps) > 3:
        every = ", ".join(badge.text for badge in steps)
        joined = Badge(f"{steps[0].text}, …, {steps[-1].text}", "step", f"steps {every}")
        found = [joined, *(one for one in found if one.kind != "step")]
    for badge in reversed(found):
        yield _badge(badge, right, y)
        right -= _badge_width(badge) + 2


def _badge_width(badge: Badge) -> float:
    return max(18.0, width(badge.text, SMALL, "600") + 9)


def _badge(badge: Badge, right: float, y: float) -> str:
    """A badge whose right end and middle are given."""
    wide = _badge_width(badge)
    hint = f"<title>{quoted(badge.hint)}</title>" if badge.hint else ""
    words = f'<text x="{number(right - wide / 2)}" y="{number(y + 4)}">{quoted(badge.text)}</text>'
    shape = rect(Box(right - wide, y - 9, wide, 18), "badge", 9)
    return f'<g class="badges b-{badge.kind}">{hint}{shape}{words}</g>'

"""What must hold for the places in a picture, and where it does not."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise

from arvo.picture.chart import Chart
from arvo.picture.layout import Box, Layout

CLOSE = 1.0
"""Pixels by which rounding may move something."""

Point = tuple[float, float]


def violations(chart: Chart, layout: Layout) -> list[str]:
    """Return everything that is wrong with a layout, as sentences."""
    return [
        *_overlapping_boxes(chart, layout),
        *_children_outside(chart, layout),
        *_texts_outside(layout),
        *_labels(chart, layout),
        *_arrows(chart, layout),
        *_outside(layout),
    ]


def overlap(one: Box, other: Box) -> bool:
    return (
        one.x + CLOSE < other.right
        and other.x + CLOSE < one.right
        and one.y + CLOSE < other.bottom
        and other.y + CLOSE < one.bottom
    )


def holds(outer: Box, inner: Box) -> bool:
    return (
        outer.x - CLOSE <= inner.x
        and inner.right <= outer.right + CLOSE
        and outer.y - CLOSE <= inner.y
        and inner.bottom <= outer.bottom + CLOSE
    )


def on_border(box: Box, point: Point) -> bool:
    x, y = point
    near = holds(box, Box(x, y, 0, 0))
    inside = box.x + CLOSE < x < box.right - CLOSE and box.y + CLOSE < y < box.bottom - CLOSE
    return near and not inside


def title_of(layout: Layout, state: str) -> Box:
    box, block = layout.boxes[state], layout.state_blocks[state]
    return Box(box.x, box.y, box.width, block.height)


def _overlapping_boxes(chart: Chart, layout: Layout) -> Iterator[str]:
    above = {state.id: set(chart.ancestors(state.id)) for state in chart.states}
    for one, other in combinations([state.id for state in chart.states], 2):
        nested = one in above[other] or other in above[one]
        if not nested and overlap(layout.boxes[one], layout.boxes[other]):
            yield f"{one} and {other} overlap"
    for arrow, dot in layout.dots.items():
        for state in chart.states:
            if not holds(layout.boxes[state.id], dot) and overlap(layout.boxes[state.id], dot):
                yield f"the dot of {arrow} overlaps {state.id}"


def _children_outside(chart: Chart, layout: Layout) -> Iterator[str]:
    for state in chart.states[1:]:
        if not holds(layout.boxes[state.parent], layout.boxes[state.id]):
            yield f"{state.id} is not within {state.parent}"
        if overlap(title_of(layout, state.parent), layout.boxes[state.id]):
            yield f"{state.id} is on the title of {state.parent}"


def _texts_outside(layout: Layout) -> Iterator[str]:
    for key, block in layout.state_blocks.items():
        box = layout.boxes[key]
        for row in block.rows:
            if row.x < 0 or row.x + row.width > box.width or row.y > box.height:
                yield f"{row.text!r} does not fit into {key}"
    for key, block in layout.label_blocks.items():
        label = layout.routes[key].label
        if label is None or any(row.x + row.width > label.width or row.y > label.height for row in block.rows):
            yield f"the label of {key} does not hold its text"


def _labels(chart: Chart, layout: Layout) -> Iterator[str]:
    labels = {key: route.label for key, route in layout.routes.items() if route.label}
    for one, other in combinations(labels, 2):
        if overlap(labels[one], labels[other]):
            yield f"the labels of {one} and {other} overlap"
    held = {state.parent for state in chart.states}
    for key, label in labels.items():
        for state in chart.states:
            if overlap(label, title_of(layout, state.id)):
                yield f"the label of {key} is on the title of {state.id}"
            elif state.id not in held and overlap(label, layout.boxes[state.id]):
                yield f"the label of {key} is on {state.id}"
            elif overlap(label, layout.boxes[state.id]) and not holds(layout.boxes[state.id], label):
                yield f"the label of {key} is on the border of {state.id}"
        for dot in layout.dots.values():
            if overlap(label, dot):
                yield f"the label of {key} is on a dot"


def _arrows(chart: Chart, layout: Layout) -> Iterator[str]:
    for arrow in chart.arrows:
        points = layout.routes[arrow.id].points
        source = layout.dots[arrow.id] if arrow.kind == "initial" else layout.boxes[arrow.source]
        if not on_border(source, points[0]):
            yield f"{arrow.id} does not begin at the border of {arrow.source}"
        if not on_border(layout.boxes[arrow.target], points[-1]):
            yield f"{arrow.id} does not end at the border of {arrow.target}"
        for (x, y), (to_x, to_y) in pairwise(points):
            if abs(x - to_x) > CLOSE and abs(y - to_y) > CLOSE:
                yield f"{arrow.id} is slanted"


def _outside(layout: Layout) -> Iterator[str]:
    whole = Box(0, 0, layout.width, layout.height)
    for key, box in layout.boxes.items():
        if not holds(whole, box):
            yield f"{key} is outside the picture"
    for key, route in layout.routes.items():
        if route.label and not holds(whole, route.label):
            yield f"the label of {key} is outside the picture"
        if not all(holds(whole, Box(x, y, 0, 0)) for x, y in route.points):
            yield f"{key} runs outside the picture"

"""Give everything in a chart its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from arvo.picture import elk
from arvo.picture.blocks import Block, label_block, state_block
from arvo.picture.chart import Chart
from arvo.picture.graph import graph_of

KEPT: Final = 256
"""How many layouts are kept."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the picture, in pixels from its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Route:
    """The way of an arrow.

    Attributes:
        points: Corners, from the border of the source to the border of the target.
        label: Where its text stands, if it has one.
    """

    points: tuple[tuple[float, float], ...]
    label: Box | None


@dataclass(frozen=True)
class Layout:
    """Where everything is.

    Attributes:
        boxes: By the id of the state.
        dots: Initial dots, by the id of the arrow that begins there.
        routes: By the id of the arrow.
        blocks: Texts of states and arrows, by id.
    """

    width: float
    height: float
    boxes: Mapping[str, Box]
    dots: Mapping[str, Box]
    routes: Mapping[str, Route]
    state_blocks: Mapping[str, Block]
    label_blocks: Mapping[str, Block]


@lru_cache(KEPT)
def layout_of(chart: Chart) -> Layout:
    """Lay out a chart; the second time, the layout of an equal chart is at hand.

    Raises:
        PictureError: ELK cannot do it.
    """
    holding = {state.parent for state in chart.states}
    states = {state.id: state_block(state, state.id in holding) for state in chart.states}
    labels = {arrow.id: block for arrow in chart.arrows if (block := label_block(arrow))}
    placed = elk.layout(graph_of(chart, states, labels))
    boxes = {node["id"]: _box(node) for node in _nodes(placed)}
    return Layout(
        width=_pixels(placed["width"]),
        height=_pixels(placed["height"]),
        boxes={key[1:]: box for key, box in boxes.items() if key[0] == "s"},
        dots={key[1:]: box for key, box in boxes.items() if key[0] == "i"},
        routes={edge["id"][1:]: _route(edge) for edge in placed.get("edges", ())},
        state_blocks=states,
        label_blocks=labels,
    )


def _nodes(graph: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for child in graph.get("children", ()):
        yield child
        yield from _nodes(child)


def _box(shape: Mapping[str, Any]) -> Box:
    x, y = _pixels(shape["x"]), _pixels(shape["y"])
    return Box(x, y, _pixels(shape["width"]), _pixels(shape["height"]))


def _route(edge: Mapping[str, Any]) -> Route:
    section = edge["sections"][0]
    corners = [section["startPoint"], *section.get("bendPoints", ()), section["endPoint"]]
    points = tuple((_pixels(one["x"]), _pixels(one["y"])) for one in corners)
    return Route(points, _box(edge["labels"][0]) if edge.get("labels") else None)


def _pixels(length: float) -> float:
    return round(length, 1)

"""Read places back from an SVG, to check what is drawn and not what was meant."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

from arvo.picture.layout import Box, Layout, Route

SVG = "{http://www.w3.org/2000/svg}"


def classes(element: ElementTree.Element) -> list[str]:
    return element.get("class", "").split()


def groups(root: ElementTree.Element, kind: str) -> list[ElementTree.Element]:
    """Return the groups of a class, such as `state` or `arrow`."""
    return [one for one in root.iter(f"{SVG}g") if kind in classes(one)]


def shape(group: ElementTree.Element, kind: str) -> ElementTree.Element:
    return next(one for one in group.iter() if kind in classes(one))


def box(group: ElementTree.Element, kind: str) -> Box:
    rect = shape(group, kind)
    return Box(*(float(rect.get(name, "")) for name in ("x", "y", "width", "height")))


def name(group: ElementTree.Element) -> str:
    """Return the id of the arrow that a group belongs to."""
    return group.get("data-arrow") or group.get("data-transition") or ""


def texts(svg: str) -> list[str]:
    """Return all texts that a reader sees."""
    return ["".join(one.itertext()) for one in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def drawn(svg: str, layout: Layout) -> Layout:
    """Return a layout whose places are those in an SVG; only the corners between the ends of arrows are taken over."""
    root = ElementTree.fromstring(svg)
    boxes = {one.get("data-state", ""): box(one, "box") for one in groups(root, "state")}
    labels = {name(one): box(one, "pill") for one in groups(root, "l")}
    routes = {}
    for group in groups(root, "arrow"):
        key = name(group)
        start = _numbers(shape(group, "line").get("d", ""))[:2]
        end = _numbers(shape(group, "head").get("d", ""))[:2]
        between = layout.routes[key].points[1:-1]
        routes[key] = Route(((start[0], start[1]), *between, (end[0], end[1])), labels.get(key))
    wide, high = float(root.get("width", "")), float(root.get("height", ""))
    return replace(layout, boxes=boxes, routes=routes, width=wide, height=high)


def _numbers(path: str) -> list[float]:
    return [float(one) for one in re.findall(r"-?\d+(?:\.\d+)?", path)]

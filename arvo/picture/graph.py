"""The graph that ELK lays out, and how it is to do it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from arvo.picture.blocks import DOT, Block
from arvo.picture.chart import Arrow, Chart, State

MARGIN: Final = 16.0
ROOM: Final = 18.0
"""Room between a box and what it holds."""

LONG: Final = 6
"""So many states one after the other, and no more than two beside one another, run to the right."""

SPACING: Final = {
    "elk.algorithm": "layered",
    "elk.direction": "DOWN",
    "elk.edgeRouting": "ORTHOGONAL",
    "elk.alignment": "TOP",
    "elk.spacing.nodeNode": "28",
    "elk.spacing.edgeNode": "16",
    "elk.spacing.edgeEdge": "12",
    "elk.spacing.nodeSelfLoop": "14",
    "elk.spacing.labelNode": "8",
    "elk.spacing.edgeLabel": "4",
    "elk.layered.spacing.nodeNodeBetweenLayers": "26",
    "elk.layered.spacing.edgeNodeBetweenLayers": "16",
    "elk.layered.spacing.edgeEdgeBetweenLayers": "12",
    "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
    "elk.layered.cycleBreaking.strategy": "DEPTH_FIRST",
}
MANY: Final = 80
QUICK: Final = {"elk.layered.nodePlacement.strategy": "BRANDES_KOEPF", "elk.layered.thoroughness": "3"}
"""What takes half the time, for charts of more than so many states."""

WHOLE: Final = {
    "elk.hierarchyHandling": "INCLUDE_CHILDREN",
    "elk.json.shapeCoords": "ROOT",
    "elk.json.edgeCoords": "ROOT",
    "elk.padding": f"[top={MARGIN},left={MARGIN},bottom={MARGIN},right={MARGIN}]",
}
IN_ORDER: Final = {"elk.layered.crossingMinimization.semiInteractive": "true"}
ALONE: Final = {"elk.hierarchyHandling": "SEPARATE_CHILDREN"}
ON_THE_LINE: Final = {"elk.edgeLabels.inline": "true", "elk.edgeLabels.placement": "CENTER"}


def graph_of(chart: Chart, states: Mapping[str, Block], labels: Mapping[str, Block]) -> dict[str, Any]:
    """The graph of a chart.

    Nodes have the ids of states after an `s`; initial dots those of their arrows after an `i`; edges those of arrows
    after an `e`.

    Args:
        chart: What is drawn.
        states: Texts of states.
        labels: Texts of arrows, as far as they have one.
    """
    children = chart.children()
    initial = {arrow.source: arrow.id for arrow in chart.arrows if arrow.kind == "initial"}
    rows = _rows(chart, children)
    spacing = SPACING | (QUICK if len(chart.states) > MANY else {})

    def node(state: State) -> dict[str, Any]:
        block = states[state.id]
        inner = [node(child) for child in children[state.id]]
        if not inner:
            size = {"width": block.width, "height": block.height}
            return {"id": f"s{state.id}", **size, "layoutOptions": {"elk.alignment": "TOP"}}
        if state.kind == "parallel":
            _keep_order(inner)
        if state.id in initial:
            inner.insert(0, {"id": f"i{initial[state.id]}", "width": DOT, "height": DOT})
        options = spacing | _holding(block, to_the_right=state.id in rows)
        options |= IN_ORDER if state.kind == "parallel" else {}
        return {"id": f"s{state.id}", "children": inner, "layoutOptions": options}

    edges = [_edge(arrow, labels.get(arrow.id)) for arrow in chart.arrows]
    return {"id": "picture", "layoutOptions": spacing | WHOLE, "children": [node(chart.root)], "edges": edges}


def _keep_order(regions: list[dict[str, Any]]) -> None:
    """Tell ELK where regions would stand, so that it leaves them in this order."""
    for number, region in enumerate(regions):
        region["layoutOptions"]["elk.position"] = f"({number * 1000},{number * 1000})"


def _edge(arrow: Arrow, block: Block | None) -> dict[str, Any]:
    source = f"i{arrow.id}" if arrow.kind == "initial" else f"s{arrow.source}"
    edge: dict[str, Any] = {"id": f"e{arrow.id}", "sources": [source], "targets": [f"s{arrow.target}"]}
    if block:
        # ELK leaves out labels without a text.
        size = {"text": "-", "width": block.width, "height": block.height}
        edge["labels"] = [{**size, "layoutOptions": ON_THE_LINE}]
    return edge


def _holding(block: Block, *, to_the_right: bool) -> dict[str, str]:
    """Options of a state that holds others: room for its title, and the way that its inside runs."""
    top = block.height + ROOM
    options = {
        "elk.padding": f"[top={top},left={ROOM},bottom={ROOM},right={ROOM}]",
        "elk.nodeSize.constraints": "MINIMUM_SIZE",
    }
    if to_the_right:
        return {**options, **ALONE, "elk.direction": "RIGHT", "elk.nodeSize.minimum": f"({block.width},{top})"}
    # ELK applies it before it turns the layout down: height first.
    return {**options, "elk.nodeSize.minimum": f"({top},{block.width})"}


def _rows(chart: Chart, children: Mapping[str, list[State]]) -> set[str]:
    """States whose inside is a long chain that no arrow enters or leaves: they are drawn from left to right."""
    parents = {state.id: state.parent for state in chart.states}
    crossed = set()
    for arrow in chart.arrows:
        inner, outer = _line_up(arrow.source, parents), _line_up(arrow.target, parents)
        if arrow.kind == "initial":
            continue
        crossed |= set(inner[1:]) ^ set(outer[1:])
        if arrow.source in outer[1:] or arrow.target in inner[1:]:
            crossed |= {arrow.source, arrow.target}
    return {
        state.id
        for state in chart.states
        if len(children[state.id]) > LONG
        and state.id not in crossed
        and state.parent
        and not any(children[child.id] for child in children[state.id])
        and _is_chain([child.id for child in children[state.id]], chart)
    }


def _line_up(state: str, parents: Mapping[str, str]) -> list[str]:
    found = [state]
    while parents[found[-1]]:
        found.append(parents[found[-1]])
    return found


def _is_chain(inside: Collection[str], chart: Chart) -> bool:
    """Whether a walk from the first state meets at most two new states with each step."""
    following: dict[str, list[str]] = {one: [] for one in inside}
    for arrow in chart.arrows:
        if arrow.source in following and arrow.target in following:
            following[arrow.source].append(arrow.target)
    layer, seen = [next(iter(inside))], {next(iter(inside))}
    while layer:
        if len(layer) > 2:
            return False
        layer = list(dict.fromkeys(to for one in layer for to in following[one] if to not in seen))
        seen |= set(layer)
    return len(seen) >= len(following) - 1

"""Write a laid out chart as SVG that stands alone."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property
from hashlib import sha256
from importlib.resources import files
from itertools import pairwise

from arvo.picture.badges import KEY, badges, legend, legend_width
from arvo.picture.blocks import Row
from arvo.picture.chart import Arrow, Chart, State
from arvo.picture.layout import Box, Layout
from arvo.picture.marks import Marks
from arvo.picture.shapes import bar, head, line, number, quoted, rect, text, words
from arvo.picture.theme import css

_BASIC = re.compile("[ -~\n\N{HORIZONTAL ELLIPSIS}\N{RIGHTWARDS ARROW}\N{MINUS SIGN}]*")


def svg_of(chart: Chart, layout: Layout, marks: Marks, theme: str, *, font: bool, title: str = "") -> str:
    """The picture.

    Args:
        chart: What is drawn.
        layout: Where everything is.
        marks: What is shown on it.
        theme: `light`, `dark` or `print`.
        font: Whether the font is embedded.
        title: What the picture is called; by default, the id of the machine.
    """
    return "".join(_Picture(chart, layout, marks, theme, font, title or chart.id).parts()) + "\n"


@dataclass
class _Picture:
    chart: Chart
    layout: Layout
    marks: Marks
    theme: str
    font: bool
    title: str

    def parts(self) -> Iterator[str]:
        wide = max(self.layout.width, legend_width(self.marks.legend))
        high = self.layout.height + (KEY if self.marks.legend else 0)
        size = f'width="{number(wide)}" height="{number(high)}" viewBox="0 0 {number(wide)} {number(high)}"'
        body = "".join(self.body())
        yield f'<svg xmlns="http://www.w3.org/2000/svg" class="arvo {self.theme}" {size} role="group" '
        yield f'aria-label="{quoted(self.title)}" data-machine="{quoted(self.chart.id)}">\n'
        yield f"<title>{quoted(self.title)}</title><desc>{quoted(self.description())}</desc>\n"
        faces = font_faces("-basic" if _BASIC.fullmatch(body) else "") if self.font else ""
        yield f"<style>{faces}{css(self.theme, shown=self.marks.any)}</style>\n"
        yield f'<rect class="ground" width="{number(wide)}" height="{number(high)}"/>\n{body}</svg>'

    def body(self) -> Iterator[str]:
        depths: dict[str, int] = {"": -1}
        for state in self.chart.states:
            depths[state.id] = depths[state.parent] + 1
            yield from self.state(state, depths[state.id])
        yield from map(self.arrow, self.chart.arrows)
        for state in self.chart.states:
            yield from self.state_words(state, depths[state.id])
        yield from map(self.label, self.chart.arrows)
        yield from badges(self.chart, self.layout, self.marks)
        yield from legend(self.marks.legend, self.layout.height)

    def description(self) -> str:
        states = len(self.chart.states) - 1
        arrows = len({arrow.path for arrow in self.chart.arrows if arrow.kind not in ("initial", "default")})
        about = f" {self.chart.root.description}" if self.chart.root.description else ""
        return f"A statechart of {states} states and {arrows} transitions.{about}"

    def state(self, state: State, depth: int) -> Iterator[str]:
        box, block = self.layout.boxes[state.id], self.layout.state_blocks[state.id]
        hint = "\n".join(filter(None, (state.description, *self.hints(state))))
        yield f'<g id="{anchor("state", state.id)}" class="{self.state_classes(state, depth)}" '
        yield f'data-state="{quoted(state.id)}" tabindex="0" role="img" aria-label="{quoted(self.spoken(state))}">'
        yield f"<title>{quoted(hint)}</title>" if hint else ""
        if state.kind == "history":
            yield rect(box, "box", box.width / 2)
        else:
            yield rect(box, "box")
            if self.barred(state):
                yield bar(box, block.title)
            if state.kind == "final":
                yield rect(box, "ring", 5.5, 3)
            if state.kind == "parallel":
                yield from self.dividers(state)
        yield "</g>\n"

    def barred(self, state: State) -> bool:
        """Whether its title stands in a bar of its own."""
        block = self.layout.state_blocks[state.id]
        further = bool(self.children[state.id]) or block.height > block.title + 1
        return further and state.kind != "history" and not self.is_region(state)

    @cached_property
    def children(self) -> dict[str, list[State]]:
        return self.chart.children()

    @cached_property
    def ends(self) -> set[str]:
        """States where an arrow begins or ends, but for initial ones."""
        arrows = [arrow for arrow in self.chart.arrows if arrow.kind != "initial"]
        return {arrow.source for arrow in arrows} | {arrow.target for arrow in arrows}

    def is_region(self, state: State) -> bool:
        return bool(state.parent) and state.kind != "history" and self.kinds[state.parent] == "parallel"

    @cached_property
    def kinds(self) -> dict[str, str]:
        return {state.id: state.kind for state in self.chart.states}

    def state_classes(self, state: State, depth: int) -> str:
        names = ["state", state.kind, f"depth{depth % 2}"]
        if self.is_region(state):
            names.append("region")
            if state.id in self.ends:
                names.append("touched")
        return " ".join([*names, *self.marks.states.get(state.id, ())])

    def spoken(self, state: State) -> str:
        kind = "" if state.kind == "atomic" else f"{state.kind} "
        name = ("deep history" if state.deep else "history") if state.kind == "history" else f"{kind}state {state.key}"
        tags = f", tagged {', '.join(state.tags)}" if state.tags else ""
        return f"{name}{tags}{''.join(f', {one}' for one in self.marks.states.get(state.id, ()))}"

    def hints(self, state: State) -> list[str]:
        return [badge.hint for badge in self.marks.state_badges.get(state.id, ()) if badge.hint]

    def dividers(self, state: State) -> Iterator[str]:
        """Dashed lines between regions, where they lie beside or below one another."""
        box, top = self.layout.boxes[state.id], self.layout.state_blocks[state.id].height
        regions = [self.layout.boxes[one.id] for one in self.children[state.id] if self.is_region(one)]
        beside = list(pairwise(sorted(regions, key=lambda one: one.x)))
        if all(one.right < other.x for one, other in beside):
            for one, other in beside:
                yield _divider(f"M{number((one.right + other.x) / 2)} {number(box.y + top)}V{number(box.bottom)}")
            return
        below = sorted(regions, key=lambda one: one.y)
        for count, one in enumerate(below[1:], 1):
            high = max(before.bottom for before in below[:count])
            if high < one.y:
                yield _divider(f"M{number(box.x)} {number((high + one.y) / 2)}H{number(box.right)}")

    def state_words(self, state: State, depth: int) -> Iterator[str]:
        box, block = self.layout.boxes[state.id], self.layout.state_blocks[state.id]
        barred = ["barred"] if self.barred(state) else []
        classes = " ".join(["w", f"depth{depth % 2}", *barred, *self.marks.states.get(state.id, ())])
        if state.kind == "history":
            row = Row("H*" if state.deep else "H", 0, 21, "title", 14, "600")
            middle = Box(box.x + (box.width - row.width) / 2, box.y, box.width, box.height)
            yield f'<g class="{classes}">{text(row, middle)}</g>\n'
            return
        marked = [self.marked(row) if row.ref else row for row in block.rows]
        yield f'<g class="{classes}">{"".join(words(marked, box))}{self.sign(state, box)}</g>\n'

    def marked(self, row: Row) -> Row:
        """A row that stands for a transition, with the classes of it."""
        return replace(row, kind=" ".join([row.kind, *self.marks.transitions.get(row.ref, ())]))

    def sign(self, state: State, box: Box) -> str:
        """What tells parallel, final and collapsed states apart, beside the title."""
        x, y = number(box.right - 21), number(box.y + 9.5)
        if state.collapsed:
            return f'<path class="icon" transform="translate({x} {y})" d="M0 2h12v8H0ZM3 6h.5M6 6h.5M9 6h.5"/>'
        if state.kind == "parallel":
            return f'<path class="icon" transform="translate({x} {y})" d="M4 1v10M8 1v10"/>'
        if state.kind == "final":
            return (
                f'<path class="icon" transform="translate({x} {y})" d="M6 1a5 5 0 1 0 .01 0"/>'
                f'<circle class="dot" cx="{number(box.right - 15)}" cy="{number(box.y + 15.5)}" r="2.6"/>'
            )
        return ""

    def arrow(self, arrow: Arrow) -> str:
        route = self.layout.routes[arrow.id]
        loop = arrow.source == arrow.target
        dot = ""
        if arrow.kind == "initial":
            box = self.layout.dots[arrow.id]
            dot = f'<circle class="dot" cx="{number(box.x + 7)}" cy="{number(box.y + 7)}" r="6"/>'
        hint = f"<title>{quoted(arrow.description)}</title>" if arrow.description else ""
        attributes = f'class="{self.arrow_classes("arrow", arrow)}" {self.named(arrow)}'
        if arrow.kind not in ("initial", "default"):
            attributes += (
                f' id="{anchor("arrow", arrow.id)}" tabindex="0" role="img" aria-label="{quoted(_spoken(arrow))}"'
            )
        tip = head(route.points, hollow=loop and not arrow.reenters, double=arrow.reenters)
        return f"<g {attributes}>{hint}{dot}{line(route.points)}{tip}</g>\n"

    def label(self, arrow: Arrow) -> str:
        route = self.layout.routes[arrow.id]
        if route.label is None:
            return ""
        hint = f"<title>{quoted(arrow.description)}</title>" if arrow.description else ""
        inner = "".join(words(self.layout.label_blocks[arrow.id].rows, route.label))
        classes = self.arrow_classes("l", arrow)
        return f'<g class="{classes}" {self.named(arrow)}>{hint}{rect(route.label, "pill", 6)}{inner}</g>\n'

    def named(self, arrow: Arrow) -> str:
        further = f' data-arrow="{quoted(arrow.id)}"' if arrow.id != arrow.path else ""
        return f'data-transition="{quoted(arrow.path)}"{further}'

    def arrow_classes(self, first: str, arrow: Arrow) -> str:
        return " ".join([first, arrow.kind, *self.marks.transitions.get(arrow.path, ())])


def anchor(kind: str, name: str) -> str:
    """The id of an element, made of a name: readable where the name allows, and always another one for another name."""
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "._-") else "_" for letter in name)
    mark = f"_{sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}" if plain != name else ""
    return f"{kind}-{plain}{mark}"


@cache
def font_faces(part: str) -> str:
    """The font as part of a style sheet: all letters, or only the `-basic` ones."""
    faces = []
    for weight, name in ((400, "regular"), (600, "semibold")):
        data = b64encode(files("arvo.picture").joinpath(f"font/inter-{name}{part}.woff2").read_bytes()).decode()
        source = f"url(data:font/woff2;base64,{data})"
        faces.append(f'@font-face{{font-family:Inter;font-weight:{weight};src:{source} format("woff2")}}')
    return "".join(faces)


def _divider(way: str) -> str:
    return f'<path class="divider" d="{way}"/>'


def _spoken(arrow: Arrow) -> str:
    guard = f" if {arrow.guard}" if arrow.guard else ""
    done = [line.text for line in arrow.actions if line.role == "action"]
    actions = f", does {', '.join(done)}" if done else ""
    return f"{arrow.event}{guard}: from {arrow.source} to {arrow.target}{actions}"

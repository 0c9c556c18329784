"""Machines as trees of text, for terminals and Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final
from unicodedata import combining, east_asian_width

from arvo.picture.chart import Arrow, Chart, State
from arvo.picture.charting import chart_of
from arvo.picture.marks import Marks, mark_snapshot
from arvo.picture.source import source_of
from arvo.statechart.inspecting import guarded


@dataclass(frozen=True, slots=True)
class Signs:
    """What a tree is drawn with."""

    branch: str
    last: str
    pass_by: str
    beside: str
    active: str
    idle: str
    final: str
    arrow: str
    cut: str


UNICODE: Final = Signs("├─ ", "└─ ", "│  ", " ┊ ", "● ", "○ ", " ◎", "→", "…")
ASCII: Final = Signs("|- ", "`- ", "|  ", " : ", "* ", "o ", " (end)", "->", "~")


def tree(machine: Any, *, at: Any = None, transitions: bool = False, ascii: bool = False, columns: int = 80) -> str:
    """The states of a machine as a tree of text; parallel regions stand side by side where there is room.

    Args:
        machine: What `draw` takes.
        at: A snapshot, its JSON, or a state value, whose states are marked.
        transitions: Whether each state lists what leads out of it.
        ascii: Whether to do without letters beyond ASCII, in what the tree adds.
        columns: How broad a line may be; what is longer is cut.

    Raises:
        DefinitionError: The config is no statechart.
        RestoreError: `at` names states that the machine does not have.
        PictureError: Something else was given.
    """
    source = source_of(machine)
    chart = chart_of(source)
    marks = Marks()
    if at is not None:
        mark_snapshot(marks, source.machine, at)
    written = _Tree(chart, set(marks.states), ASCII if ascii else UNICODE, transitions)
    lines = written.block(chart.root, columns)
    return "".join(f"{_cut(line, columns, written.signs)}\n" for line in lines)


class _Tree:
    def __init__(self, chart: Chart, active: set[str], signs: Signs, transitions: bool) -> None:
        self.children = chart.children()
        self.keys = {state.id: state.key for state in chart.states}
        self.active = active
        self.signs = signs
        self.arrows: dict[str, list[Arrow]] = {}
        for arrow in chart.arrows if transitions else ():
            if arrow.kind not in ("initial", "default"):
                self.arrows.setdefault(arrow.source, []).append(arrow)

    def block(self, state: State, room: int) -> list[str]:
        """A state and everything in it, in at most so many columns if its names allow."""
        lines = [self.title(state), *map(self.way, self.arrows.get(state.id, ()))]
        inner = self.children[state.id]
        if state.kind == "parallel":
            blocks = [self.block(one, room) for one in inner]
            whole = sum(map(_broad, blocks)) + len(self.signs.beside) * (len(blocks) - 1)
            if whole + len(self.signs.pass_by) <= room:
                return [*lines, *(f"   {line}" for line in self.side_by_side(blocks))]
        for number, child in enumerate(inner):
            last = number == len(inner) - 1
            first, further = (self.signs.last, "   ") if last else (self.signs.branch, self.signs.pass_by)
            block = self.block(child, room - len(further))
            lines += [first + block[0], *(further + line for line in block[1:])]
        return lines

    def title(self, state: State) -> str:
        name = {"history": "H* " if state.deep else "H "}.get(state.kind, "") + (state.key or state.id)
        mark = self.signs.active if state.id in self.active else self.signs.idle
        end = self.signs.final if state.kind == "final" else " (parallel)" if state.kind == "parallel" else ""
        return _line(mark + name + end + (f"  #{' #'.join(state.tags)}" if state.tags else ""))

    def way(self, arrow: Arrow) -> str:
        guard = f" {guarded(arrow.turn, arrow.guard)}" if arrow.guard else ""
        return _line(f"     {arrow.event}{guard} {self.signs.arrow} {self.keys[arrow.target]}")

    def side_by_side(self, blocks: Sequence[list[str]]) -> list[str]:
        widths = [_broad(block) for block in blocks]
        rows = range(max(map(len, blocks), default=0))
        return [
            self.signs.beside.join(
                _padded(block[row] if row < len(block) else "", width)
                for block, width in zip(blocks, widths, strict=True)
            ).rstrip()
            for row in rows
        ]


def _line(text: str) -> str:
    return " ".join(text.splitlines()) if text.splitlines() else text


def _columns(text: str) -> int:
    return sum(0 if combining(one) else 2 if east_asian_width(one) in "WF" else 1 for one in text)


def _broad(block: Sequence[str]) -> int:
    return max(map(_columns, block))


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _columns(text))


def _cut(line: str, columns: int, signs: Signs) -> str:
    if _columns(line) <= columns:
        return line
    room = columns - len(signs.cut)
    fitting = sum(one <= room for one in accumulate(map(_columns, line)))
    return line[:fitting] + signs.cut

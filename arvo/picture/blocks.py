"""The text of boxes: what stands in a state and on an arrow, row by row, and how much room it takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from arvo.picture.chart import Arrow, Line, State
from arvo.picture.text import Weight, width, wrapped
from arvo.statechart.inspecting import guarded

Icon: TypeAlias = Literal["", "after", "always", "done", "error", "emit", "nested", "forbidden", "own", "reenter"]

TITLE: Final = 14.0
BODY: Final = 12.0
SMALL: Final = 11.0
ROW: Final = 17.0
ICON: Final = 16.0
INSET: Final = 12.0
WIDEST: Final = 260.0
"""Pixels after which a text is broken."""

NARROWEST: Final = 60.0
HISTORY: Final = 32.0
DOT: Final = 14.0
PREFIXES: Final = {"entry": "entry / ", "exit": "exit / ", "invoke": "invoke / "}
ICONS: Final[dict[str, Icon]] = {
    "emit": "emit", "nested": "nested", "invoke": "nested", "forbidden": "forbidden", "own": "own",
}  # fmt: skip
LABEL_ICONS: Final[dict[str, Icon]] = {"emit": "emit", "nested": "nested", "reenter": "reenter"}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of text at a place in its box.

    Attributes:
        x: Its left end.
        y: Its baseline.
        kind: Its class: what it is about.
        ref: Path of the transition that it stands for, if it does.
    """

    text: str
    x: float
    y: float
    kind: str
    size: float = BODY
    weight: Weight = "400"
    icon: Icon = ""
    ref: str = ""

    @property
    def width(self) -> float:
        """How wide the text is."""
        return width(self.text, self.size, self.weight)


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of text, with the room that they take.

    Attributes:
        title: Height of the title bar.
    """

    rows: tuple[Row, ...]
    width: float
    height: float
    title: float = 0.0


def state_block(state: State, holds: bool) -> Block:
    """Title, tags and lines of a state; a title alone stands in the middle of a state that holds nothing."""
    if state.kind == "history":
        return Block((), HISTORY, HISTORY)
    rows = list(_title(state))
    y = len(rows) * 19.0 + 10
    title = y + 1
    chips, y = _chips(state.tags, y)
    rows += chips
    if state.lines:
        y += 4
    for line in state.lines:
        placed = list(_line(line, y))
        rows += placed
        y = placed[-1].y + ROW - 13
    sign = 22.0 if state.kind in ("parallel", "final") or state.collapsed else 0.0
    broad = max(row.x + row.width + (sign if row.kind == "title" else 4 * (row.kind == "chip")) for row in rows)
    whole = round(max(broad + INSET, NARROWEST))
    if len(rows) == 1 and not sign and not holds:
        rows = [replace(rows[0], x=(whole - rows[0].width) / 2)]
    return Block(tuple(rows), whole, round(y + (6 if state.lines or chips else 0)), title)


def label_block(arrow: Arrow) -> Block | None:
    """Event, guard and actions on an arrow; `None` if it has nothing to say."""
    rows = list(_label_rows(arrow))
    if not rows:
        return None
    widest = max(row.x + row.width + (16 if row.icon == "reenter" else 0) for row in rows)
    return Block(tuple(rows), round(widest + 8), round(len(rows) * 15 + 8))


def _title(state: State) -> Iterator[Row]:
    for number, text in enumerate(wrapped(state.key or state.id, TITLE, WIDEST, "600")):
        yield Row(text, INSET, 20.0 + number * 19, "title", TITLE, "600")


def _chips(tags: tuple[str, ...], y: float) -> tuple[list[Row], float]:
    """Tags beside one another, in as many rows as they need."""
    rows: list[Row] = []
    x = INSET
    for tag in tags:
        text = wrapped(tag, SMALL, WIDEST)[0]
        broad = width(text, SMALL) + 12
        if rows and x + broad > WIDEST:
            x, y = INSET, y + 20
        rows.append(Row(text, x + 6, y + 18, "chip", SMALL))
        x += broad + 6
    return rows, y + 24 if rows else y


def _line(line: Line, y: float) -> Iterator[Row]:
    icon = ICONS.get(line.role, "")
    prefix = PREFIXES.get(line.role, "")
    x = INSET + (ICON if icon else 0)
    for number, text in enumerate(wrapped(prefix + line.text, BODY, WIDEST)):
        baseline, start, mark = y + 13 + number * ROW, x, "" if number else icon
        if prefix and not number:
            yield Row(prefix, x, baseline, "quiet", icon=mark)
            start, text, mark = x + width(prefix, BODY), text.removeprefix(prefix), ""
        yield Row(text, start, baseline, line.role, icon=mark, ref=line.ref)


def _label_rows(arrow: Arrow) -> Iterator[Row]:
    y, icon = 15.0, _event_icon(arrow)
    for number, text in enumerate(wrapped(arrow.event, BODY, WIDEST, "600") if arrow.event else ()):
        yield Row(text, 8 + (ICON if icon else 0), y, "event", BODY, "600", icon=icon if not number else "")
        y += 15
    further = [
        ("reenter", "reenters") if arrow.reenters else ("", ""),
        ("guard", guarded(arrow.turn, arrow.guard) if arrow.guard else ""),
        *((line.role, f"/ {line.text}" if line.role == "action" else line.text) for line in arrow.actions),
    ]
    for kind, content in further:
        mark = LABEL_ICONS.get(kind, "")
        for number, text in enumerate(wrapped(content, SMALL, WIDEST) if content else ()):
            yield Row(text, 8 + (ICON if mark else 0), y, kind, SMALL, icon="" if number else mark)
            y += 15


def _event_icon(arrow: Arrow) -> Icon:
    match arrow.kind:
        case "after" | "always" | "done" | "error":
            return arrow.kind
    return ""

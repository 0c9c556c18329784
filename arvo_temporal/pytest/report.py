"""What was reached, as a table for a terminal and as pictures in a folder."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from textwrap import wrap
from typing import Final

from adapter.plain_text import plain_text
from arvo.picture import draw
from arvo.statechart import StatechartError
from arvo_temporal.pytest.reached import Reached

LISTED: Final = 20
"""How many states and transitions of a machine are listed at most."""
HEAD: Final = '<!doctype html>\n<meta charset="utf-8">\n<title>Arvo coverage</title>\n<h1>Arvo coverage</h1>\n'


@dataclass(frozen=True, slots=True)
class Row:
    """A machine in the report.

    Attributes:
        name: Its id; with a number where several have the same.
        reached: What was reached of it.
    """

    name: str
    reached: Reached

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """Its cells: name, states, transitions, and how much of both."""
        one = self.reached
        return self.name, _part(one.states.values()), _part(one.transitions.values()), f"{percent([one]):.0f} %"


def rows_of(machines: Sequence[Reached]) -> list[Row]:
    """Return the rows of a report."""
    seen: Counter[str] = Counter()
    rows = []
    for one in machines:
        seen[one.id] += 1
        rows.append(Row(plain_text(one.id if seen[one.id] == 1 else f"{one.id} ({seen[one.id]})"), one))
    return rows


def percent(machines: Sequence[Reached]) -> float:
    """Return how much of all states and transitions was reached; 0 where there are none."""
    total = sum(one.total for one in machines)
    return 100 * sum(one.reached for one in machines) / total if total else 0.0


def table(rows: Sequence[Row], width: int) -> Iterator[str]:
    """Yield the lines of a table, with what no test reached below each machine.

    Args:
        rows: The machines.
        width: Columns of the terminal.
    """
    cells = [("machine", "states", "transitions", " " * len("100 %")), *(row.cells for row in rows)]
    widths = [max(len(one[column]) for one in cells) for column in range(4)]
    widths[0] = max(7, min(widths[0], width - sum(widths[1:]) - 6))
    yield _line(cells[0], widths)
    for row in rows:
        name = wrap(row.name, widths[0]) or [""]
        yield from name[:-1]
        yield _line((name[-1], *row.cells[1:]), widths)
        yield from _missing("not entered", row.reached.missing(row.reached.states), width)
        yield from _missing("not taken", row.reached.missing(row.reached.transitions), width)


def write_pictures(rows: Sequence[Row], folder: Path) -> Iterator[str]:
    """Draw each machine with its counts, what no test reached dimmed, and a page with all of them.

    Yields:
        Why a machine could not be drawn.

    Raises:
        OSError: The folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parts = []
    for number, row in enumerate(rows, 1):
        _, states, transitions, _ = row.cells
        title = f"{row.name}: {states} states, {transitions} transitions reached"
        try:
            svg = draw(json.loads(row.reached.definition), counts=row.reached.counts, title=title)
        except StatechartError as error:
            yield f"{row.name} could not be drawn: {error}"
            continue
        file = folder / f"{number}-{re.sub('[^A-Za-z0-9]+', '-', row.name).strip('-') or 'machine'}.svg"
        file.write_text(svg, encoding="utf-8")
        parts.append(f'<h2>{escape(title)}</h2>\n<img src="{file.name}" alt="{escape(title)}">\n')
    (folder / "index.html").write_text("".join((HEAD, *parts)), encoding="utf-8")


def _part(counts: Iterable[int]) -> str:
    found = list(counts)
    return f"{sum(map(bool, found))}/{len(found)}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (
        cell.rjust(width) if column else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join((first, *others)).rstrip()


def _missing(what: str, names: Sequence[str], width: int) -> Iterator[str]:
    for name in names[:LISTED]:
        yield from wrap(f"{what}  {plain_text(name)}", max(width, 30), initial_indent="    ", subsequent_indent=" " * 8)
    if len(names) > LISTED:
        yield f"    {what}  and {len(names) - LISTED} more"

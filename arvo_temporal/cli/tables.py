"""Tables that commands print: as wide as the terminal, and as wide as their texts where another program reads them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from adapter.plain_text import plain_text

_UNBOUNDED = 100_000


def as_text(words: str) -> Text:
    """Return a cell that shows words of others as they are: rich would take what stands in brackets for markup."""
    return Text(plain_text(words, lines=True))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str | Text]]) -> None:
    """Print a table.

    In a terminal, or where `COLUMNS` says so, it has that width, and longer texts go on in further lines of their
    cell; no text is cut off. Elsewhere each row is one line.

    Args:
        columns: The heads of the columns.
        rows: A text for each column: words of anybody, or a `Text` with colours of ours.
    """
    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for column in table.columns:
        column.overflow = "fold"
    for row in rows:
        table.add_row(*(as_text(cell) if isinstance(cell, str) else cell for cell in row))
    _write(table)


def sections(parts: Iterable[tuple[str, Sequence[Text]]]) -> Table:
    """Return named parts below each other, each with its lines beside its name; parts without lines are left out.

    Args:
        parts: The name of each part, and its lines.
    """
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, lines in parts:
        for number, line in enumerate(lines):
            grid.add_row(name if number == 0 else "", line)
    return grid


def print_sections(parts: Iterable[tuple[str, Sequence[Text]]]) -> None:
    """Print named parts below each other, as wide as tables are."""
    _write(sections(parts))


def _write(table: Table) -> None:
    bounded = sys.stdout.isatty() or "COLUMNS" in os.environ
    console = Console(width=None if bounded else _UNBOUNDED)
    with console.capture() as captured:
        console.print(table)
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))

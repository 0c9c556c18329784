"""Tables that commands print: as wide as the terminal, and as wide as their texts where another program reads them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from adapter.plain_text import plain_text

_UNBOUNDED = 100_000

_Line = tuple[str, Text]
"""The name of a part beside its first line, and the line."""


class Command(Text):
    """A command for a shell: to be copied, it stays one line, which the terminal breaks if it has to."""


def as_text(words: str) -> Text:
    """Return a cell that shows words of others as they are: rich would take what stands in brackets for markup."""
    return Text(plain_text(words, lines=True))


def as_line(words: str) -> Text:
    """Return words of others as a line: a line break in them is escaped, or they could pass for a line of ours."""
    return Text(plain_text(words))


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


def sections(parts: Iterable[tuple[str, Sequence[Text]]]) -> Group:
    """Return named parts below each other, each with its lines beside its name; parts without lines are left out.

    Commands begin at the left, where they have the whole width.

    Args:
        parts: The name of each part, and its lines.
    """
    indent, groups = _laid_out(parts)
    return Group(*(_left(group) if is_command else _grid(group, indent) for is_command, group in groups))


def print_sections(parts: Iterable[tuple[str, Sequence[Text]]]) -> None:
    """Print named parts below each other, as wide as tables are; commands in them as they are, however long."""
    indent, groups = _laid_out(parts)
    for is_command, group in groups:
        if is_command:
            for name, line in group:
                sys.stdout.write(f"{name:{indent}}  {line.plain}\n")
        else:
            _write(_grid(group, indent))


def _laid_out(parts: Iterable[tuple[str, Sequence[Text]]]) -> tuple[int, Iterator[tuple[bool, Iterable[_Line]]]]:
    """Return the width of the names, and the lines in groups: whether they are commands, and which."""
    lines = list(_named_lines(parts))
    indent = max((len(name) for name, _ in lines), default=0)
    return indent, groupby(lines, key=lambda named: isinstance(named[1], Command))


def _left(lines: Iterable[_Line]) -> Text:
    return Text("\n").join(Text(line.plain.strip(), overflow="fold") for _, line in lines)


def _named_lines(parts: Iterable[tuple[str, Sequence[Text]]]) -> Iterator[_Line]:
    for name, lines in parts:
        yield from ((name if number == 0 else "", line) for number, line in enumerate(lines))


def _grid(lines: Iterable[_Line], indent: int) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="bold", no_wrap=True, width=indent)
    grid.add_column(overflow="fold")
    for name, line in lines:
        grid.add_row(name, line)
    return grid


def _write(table: Table) -> None:
    bounded = sys.stdout.isatty() or "COLUMNS" in os.environ
    console = Console(width=None if bounded else _UNBOUNDED)
    with console.capture() as captured:
        console.print(table)
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))

"""Cells of the tables that commands print."""

from __future__ import annotations

from rich.text import Text

from adapter.plain_text import plain_text


def as_text(words: str) -> Text:
    """Return a cell that shows words of others as they are: rich would take what stands in brackets for markup."""
    return Text(plain_text(words, lines=True))

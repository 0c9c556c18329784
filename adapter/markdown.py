"""Text of others in Markdown, as the Temporal UI renders it: read as it is, and nobody's markup."""

from __future__ import annotations

import re
from collections.abc import Iterable

from adapter.plain_text import plain_text, shortened

_MARKUP = re.compile(r"[\\`*_\[\]<>&~|@]|:(?=/)|(?<=www)\.", re.IGNORECASE)
_AT_THE_START = re.compile(r"^([#>+=-]|[0-9]+(?=[.)]))")
_BACKTICKS = re.compile("`+")


def escaped(text: str, most: int = 300) -> str:
    """Return a text that Markdown shows as it is, in one line, in a paragraph, a list or a cell of a table.

    What could mean something to Markdown or HTML there has a backslash before it, addresses of pages included.

    Args:
        text: The text.
        most: How many characters of it are shown.
    """
    return _AT_THE_START.sub(_at_the_start, _MARKUP.sub(r"\\\g<0>", _in_one_line(text, most)))


def _at_the_start(found: re.Match[str]) -> str:
    """Escape what begins a heading, a quotation or a list; after a number that is the character behind it."""
    return f"{found[1]}\\" if found[1].isdigit() else f"\\{found[1]}"


def code_block(lines: Iterable[str]) -> str:
    """Return lines as a block of code, which shows them as they are."""
    text = [plain_text(line) for line in lines]
    fence = "`" * max(3, *(len(run) + 1 for line in text for run in _BACKTICKS.findall(line)), 0)
    return "\n".join([fence, *text, fence])


def code(text: str, most: int = 300) -> str:
    """Return a text as a code span that has all of it, outside of tables; an empty text is empty.

    Args:
        text: The text.
        most: How many characters of it are shown.
    """
    line = _in_one_line(text, most)
    if not line:
        return ""
    fence = "`" * (max((len(run) for run in _BACKTICKS.findall(line)), default=0) + 1)
    padding = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{padding}{line}{padding}{fence}"


def _in_one_line(text: str, most: int) -> str:
    return shortened(plain_text(" ".join(text.split())), most)

"""Text of others where people read it: in a terminal, in a log, in the UI."""

from __future__ import annotations

import json
from typing import Any

_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
"""Letters and marks that are blank: by them two names look the same."""


def plain_text(text: str, *, lines: bool = False) -> str:
    r"""Return a text with everything escaped that would not be seen as it is, as JSON escapes it: `\u202e`.

    Control characters move the cursor, hide and colour; direction characters turn round what stands beside them.

    Args:
        text: The text.
        lines: Whether it may have several lines, because they are ours.
    """
    return "".join(char if _is_seen(char) or (lines and char == "\n") else json.dumps(char)[1:-1] for char in text)


def _is_seen(char: str) -> bool:
    return char.isprintable() and char not in _BLANK


def plain_json(value: Any, **options: Any) -> str:
    """Return a value as JSON for people, indented, which reads the same as it is seen.

    Args:
        value: The value.
        **options: What `json.dumps` takes beside it.
    """
    return plain_text(json.dumps(value, indent=2, ensure_ascii=False, **options), lines=True)


def shortened(text: str, most: int) -> str:
    """Return as much of a text as there is room for; where it is cut, it ends in an ellipsis.

    Args:
        text: The text.
        most: How many characters it may have.
    """
    return text if len(text) <= most else text[: most - 1] + "…"

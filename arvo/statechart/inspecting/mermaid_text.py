"""Names as they stand in Mermaid, where much means something: quotation marks, markup, comments, directives."""

from __future__ import annotations

import json
import re

_PLAIN = frozenset("_.,-*/+=!?()'@|")
"""What neither letter nor digit is, and means nothing to Mermaid within a label."""

_DIRECTION = re.compile(r"(?<=directio)n(?=\s)", re.IGNORECASE)
"""Wherever it stands, Mermaid reads `direction LR` as a command, and drops the rest of the line."""


def mermaid_text(text: str) -> str:
    """Return a text as it stands in a label: shown as it is, in one line, whatever it holds."""
    return _DIRECTION.sub(lambda letter: _entity(letter[0]), "".join(map(_shown, text)))


def _shown(char: str) -> str:
    if char.isspace():
        return " "
    if char.isalnum() or char in _PLAIN:
        return char
    if not char.isprintable():
        return "".join(map(_shown, json.dumps(char)[1:-1]))
    return _entity(char)


def _entity(char: str) -> str:
    return f"#{ord(char)};"

"""The page that the walk becomes: docs/operating.md."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

_DOCS = Path(__file__).parents[2] / "docs"
PAGE = _DOCS / "operating.md"
PICTURES = _DOCS / "pictures"

_BEGIN = "<!-- The walk: python -m tests.walk writes it. -->"
_END = "<!-- The end of the walk. -->"
_WALK = re.compile(f"{_BEGIN}\n(.*){_END}", flags=re.DOTALL)
_CONSOLE = re.compile(r"^```console\n(.*?)^```", flags=re.MULTILINE | re.DOTALL)


def write(paragraphs: Iterable[str]) -> None:
    """Write the walk into its page."""
    text = PAGE.read_text(encoding="utf-8")
    walk = "\n\n".join(["", *paragraphs, ""])
    PAGE.write_text(_WALK.sub(lambda _: f"{_BEGIN}\n{walk.strip()}\n\n{_END}", text), encoding="utf-8")


def commands() -> list[str]:
    """Return the command lines of the walk, in order."""
    return [line[2:] for block in _CONSOLE.findall(_walk()) for line in block.splitlines() if line.startswith("$ arvo")]


def words() -> str:
    """Return the walk without what was printed."""
    return _CONSOLE.sub("", _walk())


def _walk() -> str:
    found = _WALK.search(PAGE.read_text(encoding="utf-8"))
    assert found is not None, f"{PAGE} lacks the place of the walk"
    return found[1]

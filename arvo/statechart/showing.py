"""How machines show themselves in notebooks: by what is installed to draw them.

That lies above this package, so it is found by its entry point in the group `arvo.statechart`.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points
from typing import Any


def svg_of(shown: Any) -> str | None:
    """A machine or a snapshot as SVG; `None` if nothing is installed that draws it."""
    for drawing in _drawings():
        picture = drawing.load()(shown)
        if picture is not None:
            return str(picture)
    return None


@cache
def _drawings() -> tuple[Any, ...]:
    return tuple(entry_points(group="arvo.statechart", name="drawing"))

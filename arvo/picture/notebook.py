"""How machines and snapshots show themselves in notebooks; `arvo.statechart` finds this by its entry point."""

from __future__ import annotations

from typing import Any

from arvo.picture.drawing import draw
from arvo.picture.errors import ExtraMissingError
from arvo.statechart import Snapshot


def picture_of(shown: Any) -> str | None:
    """A machine, or a snapshot of one, as SVG; `None` if the extra `picture` is not installed."""
    try:
        return draw(shown, at=shown if isinstance(shown, Snapshot) else None)
    except ExtraMissingError:
        return None

"""Whose code called: warnings point at the line of the user, however deep in here they arise."""

from __future__ import annotations

import sys

PACKAGE = __name__.partition(".")[0]


def stack_level() -> int:
    """The `stacklevel` for `warnings.warn`, called where this is, that names the nearest line outside this package."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == PACKAGE:
        level, frame = level + 1, frame.f_back
    return level

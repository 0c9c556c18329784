"""The libraries at work on the same machines, each as its documentation says.

Each module names what it imports in `IMPORTED`, and offers some of the `WAYS` as functions that take a machine and
return `Work`, or `None` where the library lacks what the machine needs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from benchmarks.statechart.machines import Subject

Work: TypeAlias = Callable[[int], int]
"""Takes so many more events, and returns what the machine has counted since it was made."""

Prepare: TypeAlias = Callable[[Subject], Work | None]
"""Makes the machine, to take events some way."""

WAYS = {
    "live": "transition",
    "restored": "restored",
    "text": "JSON text",
}
"""Ways to take an event: from the snapshot before; restored and persisted for each; the same from and to text."""

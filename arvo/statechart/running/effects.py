"""What a transition asks its caller to do: plain data, in the order in which it was produced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Emit:
    """Hand an event to the outside.

    Attributes:
        event: The emitted event, as the `emit` action gave it.
    """

    event: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Schedule:
    """Send an event to this machine later.

    Attributes:
        id: Name for `Cancel`; scheduling an id again replaces it. `None` if it cannot be cancelled.
        event: The event to send when it is due.
        delay_ms: Delay in milliseconds from now.
    """

    id: str | None
    event: Any
    delay_ms: float


@dataclass(frozen=True, slots=True)
class Cancel:
    """Forget a scheduled event. Cancelling what is not scheduled, or has fired, does nothing.

    Attributes:
        id: The id that `Schedule` gave.
    """

    id: str


Effect: TypeAlias = Emit | Schedule | Cancel

"""How commands write times: as people say them, or as ISO 8601 has them."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from arvo.statechart import duration_words


class Times(StrEnum):
    """How times are written."""

    RELATIVE = "relative"
    ISO = "iso"


TimesOption = Annotated[
    Times, typer.Option("--times", help="Write times as people say them, or as ISO 8601.", envvar="ARVO_TIMES")
]


def told(time: datetime, how: Times = Times.RELATIVE, now: datetime | None = None) -> str:
    """Return a time as text: `3 minutes ago`, `in 2 days`, or `2026-05-04T10:00:00+00:00`.

    Args:
        time: The time, with its zone.
        how: How it is written.
        now: The present; that of this machine by default.
    """
    if how is Times.ISO:
        return time.astimezone(UTC).isoformat(timespec="seconds")
    seconds = ((now or datetime.now(UTC)) - time).total_seconds()
    if abs(seconds) < 1:
        return "now"
    words = duration_words(abs(seconds) * 1000, most=1)
    return f"{words} ago" if seconds > 0 else f"in {words}"

"""Moments and spans of time in words, which say the same whenever they are read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from arvo.statechart import duration_words

_THIS_WEEK = timedelta(days=6)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def moment(time: datetime, now: datetime) -> str:
    """Return a moment in words, such as `Friday 10:00 UTC`; one that is a week away or more also has its date.

    Args:
        time: The moment, with its zone.
        now: The present. It is a text that may be read later, so there is no `today` and no `tomorrow`.
    """
    time = time.astimezone(UTC)
    day = _DAYS[time.weekday()]
    clock = f"{time:%H:%M} UTC" if time.second == 0 else f"{time:%H:%M:%S} UTC"
    if abs(time - now) <= _THIS_WEEK:
        return f"{day} {clock}"
    return f"{day} {time.day} {_MONTHS[time.month - 1]} {time.year}, {clock}"


def span_words(milliseconds: float) -> str:
    """Return a span of time in at most two units, such as `3 days` or `1 hour 30 minutes`."""
    if milliseconds < 1000:
        return f"{milliseconds:g} ms"
    return duration_words(float(int(milliseconds)), most=2) if milliseconds >= 10_000 else duration_words(milliseconds)

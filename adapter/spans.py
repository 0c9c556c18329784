"""Spans of time in settings: a `timedelta`, or a text as delays of machines have it."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeAlias, overload

from adapter.errors import AppError
from arvo.statechart import milliseconds

Span: TypeAlias = timedelta | str
"""A `timedelta`, or a text such as `"5 minutes"`, `"1h 30m"` or ISO 8601's `"PT5M"`."""


@overload
def span(given: Span, setting: str = ...) -> timedelta: ...


@overload
def span(given: None, setting: str = ...) -> None: ...


def span(given: Span | None, setting: str = "a span of time") -> timedelta | None:
    """Return how long it is; None stays None.

    Args:
        given: What the setting has.
        setting: How its author calls it, for the message.

    Raises:
        AppError: It is no span, or none that is longer than nothing. A number is none: it could be seconds or
            milliseconds.
    """
    if given is None:
        return None
    length = milliseconds(given) if isinstance(given, timedelta | str) else None
    if length is None or length <= 0:
        raise AppError(f"{setting} {given!r} is no time to wait. Write a timedelta, '5 minutes', or ISO 8601's 'PT5M'.")
    return given if isinstance(given, timedelta) else timedelta(milliseconds=length)

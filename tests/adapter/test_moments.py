"""Moments and spans of time in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from adapter.moments import moment, span_words

NOW = datetime(2026, 5, 5, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("time", "words"),
    [
        (NOW + timedelta(days=3), "Friday 10:00 UTC"),
        (NOW - timedelta(days=1, seconds=3), "Monday 09:59:57 UTC"),
        (NOW + timedelta(days=3, seconds=5), "Friday 10:00:05 UTC"),
        (NOW - timedelta(days=7), "Tuesday 28 April 2026, 10:00 UTC"),
        (NOW + timedelta(days=7), "Tuesday 12 May 2026, 10:00 UTC"),
        (NOW.astimezone(timezone(timedelta(hours=2))), "Tuesday 10:00 UTC"),
    ],
)
def test_a_moment_names_its_day(time: datetime, words: str) -> None:
    assert moment(time, NOW) == words


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (259_200_000, "3 days"),
        (90_061_000, "1 day 1 hour"),
        (61_000.5, "1 minute 1 second"),
        (1_500, "1.5 seconds"),
        (999.5, "999.5 ms"),
        (0, "0 ms"),
    ],
)
def test_a_span_has_two_units_at_most(milliseconds: float, words: str) -> None:
    assert span_words(milliseconds) == words

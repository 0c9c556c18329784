"""Times as commands write them: near and far, past and to come, in any zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from arvo_temporal.cli.times import Times, told

NOW = datetime(2026, 5, 4, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(), "now"),
        (timedelta(seconds=0.999), "now"),
        (timedelta(seconds=1), "1 second ago"),
        (timedelta(seconds=59.9), "59 seconds ago"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59, seconds=59), "59 minutes ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(hours=47), "1 day ago"),
        (timedelta(days=2), "2 days ago"),
        (timedelta(days=731), "731 days ago"),
        (timedelta(seconds=-0.999), "now"),
        (timedelta(seconds=-1), "in 1 second"),
        (timedelta(days=-36_500), "in 36500 days"),
    ],
)
def test_a_time_is_told_in_its_largest_unit(passed: timedelta, words: str) -> None:
    assert told(NOW - passed, Times.RELATIVE, NOW) == words


@pytest.mark.parametrize("hours", [-12, 0, 2, 14])
def test_the_zone_of_a_time_changes_nothing(hours: int) -> None:
    time = (NOW - timedelta(minutes=3)).astimezone(timezone(timedelta(hours=hours)))
    assert told(time, Times.RELATIVE, NOW) == "3 minutes ago"
    assert told(time, Times.ISO) == "2026-05-04T09:57:00+00:00"

"""How long after the step before it one was made, in words."""

from __future__ import annotations

import pytest

from adapter.ledger import Fate
from adapter.observation import HistoryEntry
from arvo_temporal.cli.past import when
from arvo_temporal.cli.times import Times


def made(time: str) -> HistoryEntry:
    return HistoryEntry(1, "id", "evt.x", f"2026-05-04T10:{time}+00:00", None, (), Fate.APPLIED, {})


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("00:00", "00:00", "at once"),
        ("00:00", "00:00.000400", "at once"),
        ("00:05", "00:00", "at once"),
        ("00:00", "00:00.250000", "250 ms later"),
        ("00:00", "00:01", "1 second later"),
        ("00:00", "59:59", "59 minutes later"),
    ],
)
def test_the_time_between_two_steps_is_never_less_than_nothing(before: str, after: str, words: str) -> None:
    """The clocks of two servers, or of one that was set, may differ."""
    assert when(made(after), made(before), Times.RELATIVE) == words
    assert when(made(after), made(before), Times.ISO) == f"2026-05-04T10:{after[:5]}+00:00"

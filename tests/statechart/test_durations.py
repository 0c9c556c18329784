"""What is a duration, and how long it is; everything else is none, never zero."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from arvo.statechart.durations import iso_text, milliseconds

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000

DURATIONS: dict[Any, float] = {
    0: 0,
    1500: 1500,
    2.5: 2.5,
    timedelta(minutes=5): 5 * MINUTE,
    timedelta(microseconds=1500): 1.5,
    "5 minutes": 5 * MINUTE,
    "1 minute": MINUTE,
    "5min": 5 * MINUTE,
    "90 s": 90_000,
    "1.5 hours": 1.5 * HOUR,
    "1h30m": 1.5 * HOUR,
    "1 hour 30 minutes": 1.5 * HOUR,
    "1 hour, 30 minutes": 1.5 * HOUR,
    "1 hour and 30 minutes": 1.5 * HOUR,
    "2 Weeks": 14 * DAY,
    " 3 days ": 3 * DAY,
    "250 ms": 250,
    "PT5M": 5 * MINUTE,
    "P1DT12H": 1.5 * DAY,
    "P1W": 7 * DAY,
    "PT0.5S": 500,
    "PT1,5H": 1.5 * HOUR,
}

NO_DURATIONS: list[Any] = [
    *(
        True,
        False,
        None,
        Decimal(5),
        Fraction(1, 2),
        float("nan"),
        float("inf"),
        float("-inf"),
        1e13,
        10**400,
        -(10**400),
        1j,
        b"5 s",
        [5],
        {},
    ),
    *("", " ", "soon", "5", "1e3", "0x10", "minutes", "5 fortnights", "five minutes", "-5 minutes", "5 minutes ago"),
    *("30 minutes 1 hour", "5 minutes 5 minutes", "5 minutes,", "1,500 ms", "٣ hours", "5 months", "1 year"),
    *("P", "PT", "P5", "P1DT", "P1M", "P1Y", "-PT5M", "pt5m", "PT5", "9" * 200 + " s"),
]


@pytest.mark.parametrize("duration", DURATIONS)
def test_a_duration_in_milliseconds(duration: Any) -> None:
    found = milliseconds(duration)
    assert found == DURATIONS[duration]
    assert isinstance(found, int) == float(DURATIONS[duration]).is_integer() or isinstance(duration, float)


@pytest.mark.parametrize("value", NO_DURATIONS, ids=lambda value: repr(value)[:30])
def test_anything_else_is_none(value: Any) -> None:
    assert milliseconds(value) is None


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=36_500)))
def test_a_timedelta_and_its_iso_text_are_equally_long(delta: timedelta) -> None:
    found = milliseconds(delta)
    assert found == pytest.approx(delta / timedelta(milliseconds=1))
    assert milliseconds(TypeAdapter(timedelta).dump_python(delta, mode="json")) == found or delta.days >= 365
    assert iso_text(delta).startswith("P")


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    found = milliseconds(text)
    assert found is None or found >= 0

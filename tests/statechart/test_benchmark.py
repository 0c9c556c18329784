"""The benchmark measures the same work whatever way an event takes."""

import pytest

from benchmarks.statechart.asks import asks
from benchmarks.statechart.libraries import WAYS, arvo_statechart
from benchmarks.statechart.machines import Subject, subjects
from benchmarks.statechart.measure import NODE, OURS, Figure


@pytest.mark.parametrize("subject", subjects(), ids=lambda subject: subject.key)
def test_every_way_counts_the_same(subject: Subject) -> None:
    counted = {way: getattr(arvo_statechart, way)(subject)(60) for way in WAYS}
    assert len(set(counted.values())) == 1
    assert (counted["live"] > 0) == (subject.key != "plain")


def test_asks_are_answered_for_what_was_measured() -> None:
    figures = [
        *(Figure(machine, way, OURS, 10, 60) for machine in "abcd" for way in WAYS),
        Figure("a", "live", NODE, 5, 60),
        Figure("a", "live", "sismic", 200, 60),
        Figure("b", "live", "sismic", 99, 60),
    ]
    answered = {ask.text: (ask.ratio, ask.met) for ask in asks(figures, 250)}
    assert answered == {
        "(a) transition, to XState's send": (2, False),
        "times faster than sismic, at least": (9.9, False),
        "(c) to (a), transition": (1, True),
        "(c) to (a), restore + transition + persist": (1, True),
        "100,000 snapshots of (b), megabytes": (250, False),
    }

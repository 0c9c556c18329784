"""The shortest paths are those that XState finds, on machines recorded from it."""

from __future__ import annotations

import pytest

from tests.conformance.paths import VECTORS, expected, found
from tests.conformance.statechart import read_cases

CASES = read_cases(VECTORS)


def test_there_are_vectors() -> None:
    assert len(CASES) > 50
    assert max(path["weight"] for case in CASES for path in case["paths"]) >= 3


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_the_same_snapshots_are_reached_in_as_many_events(case: dict[str, object]) -> None:
    assert found(case) == expected(case)

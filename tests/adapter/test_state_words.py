"""Where an orchestration stands, in a few words."""

from __future__ import annotations

from typing import Any

import pytest

from adapter.state_words import moved_words, state_words
from arvo.statechart.inspecting import active_names


@pytest.mark.parametrize(
    ("value", "words", "paths"),
    [
        (None, None, []),
        ("paying", "paying", ["paying"]),
        ({"order": "paying"}, "order.paying", ["order", "order.paying"]),
        ({"b": {}, "a": {"x": "y"}}, "a.x.y, b", ["b", "a", "a.x", "a.x.y"]),
    ],
)
def test_a_value_is_said_by_its_leaves(value: Any, words: str | None, paths: list[str]) -> None:
    assert state_words(value) == words
    assert list(active_names(value)) == paths


def test_many_regions_are_cut() -> None:
    words = state_words({f"region-{number}": "x" for number in range(100)}) or ""
    assert len(words) == 500
    assert words.endswith("…")


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (None, None, ""),
        (None, "a", "in a"),
        ("a", "a", "in a"),
        ("a", "b", "a → b"),
        ("x.a, y.b", "x.a, y.c", "y.b → y.c"),
        ("x.a", "x.a, y.b", "x.a → x.a, y.b"),
        ("x.a, y.b", "x.a", "x.a, y.b → x.a"),
    ],
)
def test_a_move_names_what_has_moved(before: str | None, after: str | None, words: str) -> None:
    assert moved_words(before, after) == words


def test_a_key_that_is_long_is_cut_alone_and_among_others() -> None:
    assert state_words("x" * 10_000) == "x" * 499 + "…"
    assert len(state_words({"a": "x" * 10_000, "b": "y"}) or "") == 500

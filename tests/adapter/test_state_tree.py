"""The active states as a small tree."""

from __future__ import annotations

from adapter.state_tree import state_tree
from adapter.view import StateView


def test_a_tree_fits_a_page_and_shows_texts_as_they_are() -> None:
    deep = StateView(path="a.b", key="b\u202e", since="now", tags=("x", "y"))
    states = (
        StateView(path="a", key="a", description="word\n" * 60, states=(deep, deep)),
        StateView(path="c", key="c"),
    )
    assert state_tree(states, lambda time: f"since {time}") == [
        "a",
        "│  " + "word " * 11 + "word",
        "│  " + "word " * 11 + "word",
        "│  " + "word " * 12 + "…",
        "├─ b\\u202e [x, y], since now",
        "└─ b\\u202e [x, y], since now",
        "c",
    ]


def test_none_is_no_line() -> None:
    assert state_tree((), str) == []

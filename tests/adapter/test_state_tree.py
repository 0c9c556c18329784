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


def test_a_branch_that_goes_on_is_drawn_beside_what_is_within() -> None:
    inner = StateView(path="a.b.c", key="c", description="said")
    first, last = (StateView(path=f"a.{key}", key=key, states=(inner,)) for key in "bd")
    assert state_tree((StateView(path="a", key="a", states=(first, last)),), str) == [
        "a",
        "├─ b",
        "│  └─ c",
        "│        said",
        "└─ d",
        "   └─ c",
        "         said",
    ]


def test_however_deep_a_state_is_its_words_are_shown() -> None:
    state = StateView(path="leaf", key="leaf", description="far below")
    for _ in range(40):
        state = StateView(path="x", key="x", states=(state,))
    assert state_tree((state,), str)[-1].endswith("   far below")

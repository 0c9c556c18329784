"""The active states as a small tree."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from adapter.moments import moment
from adapter.plain_text import plain_text
from adapter.state_tree import state_tree
from adapter.view import StateView


def test_a_tree_fits_a_page_and_shows_texts_as_they_are() -> None:
    deep = StateView(path="a.b", key="b\u202e", since="now", tags=("x", "y"))
    states = (
        StateView(path="a", key="a", description="word\n" * 60, states=(deep, deep)),
        StateView(path="c", key="c", description="said\u202e"),
    )
    assert state_tree(states, lambda time: f"since {time}") == [
        "a",
        "│  " + "word " * 11 + "word",
        "│  " + "word " * 11 + "word",
        "│  " + "word " * 12 + "…",
        "├─ b\\u202e [x, y], since now",
        "└─ b\\u202e [x, y], since now",
        "c",
        "   said\\u202e",
    ]


def test_what_has_no_room_beside_the_name_stands_below_it() -> None:
    tags = tuple(f"tag-{number}" for number in range(12))
    states = (
        StateView(path="a", key="approving-it", tags=("waits for a person",), since="now", description="By a person"),
        StateView(path="b", key="b", tags=tags, since="now"),
        StateView(path="c", key="x" * 80, since="now"),
    )
    assert state_tree(states, lambda _: "since Wednesday 30 September 2026, 10:00:05 UTC") == [
        "approving-it [waits for a person]",
        "   since Wednesday 30 September 2026, 10:00:05 UTC",
        "   By a person",
        "b [tag-0, tag-1, tag-2, tag-3, tag-4, tag-5, tag-6, tag-7,",
        "   tag-8, tag-9, tag-10, tag-11]",
        "   since Wednesday 30 September 2026, 10:00:05 UTC",
        "x" * 80,
        "   since Wednesday 30 September 2026, 10:00:05 UTC",
    ]


@given(st.timedeltas(-timedelta(days=400), timedelta(0)))
def test_a_tree_fits_a_page_on_each_day_of_the_year(ago: timedelta) -> None:
    now = datetime(2026, 5, 5, 10, tzinfo=UTC)
    since = f"since {moment(now + ago, now)}"
    asking = StateView(path="a.b", key="asking", since="now", tags=("waits for a person",), description="Yes or no")
    tree = state_tree((StateView(path="a", key="a", states=(asking,)),), lambda _: since)
    assert max(map(len, tree)) <= 64
    assert "asking [waits for a person]" in tree[1]


@given(st.text(), st.lists(st.text(max_size=5), max_size=3), st.text())
def test_any_name_is_shown_as_a_whole(key: str, tags: list[str], since: str) -> None:
    tree = state_tree((StateView(path="a", key=key, tags=tuple(tags), since=since),), str)
    assert "".join(" ".join(tree).split()).startswith("".join(plain_text(key).split()))


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

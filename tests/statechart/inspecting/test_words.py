"""Events, guards, actions and durations in the words of their author."""

from __future__ import annotations

from typing import Any

import pytest

from arvo import assign, emit, enqueue_actions
from arvo.statechart import and_, cancel, duration_words, log, not_, or_, raise_, state_in
from arvo.statechart.inspecting import action_words, guard_words


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (0, "0 ms"),
        (250, "250 ms"),
        (1_000, "1 second"),
        (1_500, "1.5 seconds"),
        (4_500, "4.5 seconds"),
        (60_000, "1 minute"),
        (90_000, "1 minute 30 seconds"),
        (5_400_000, "1 hour 30 minutes"),
        (259_200_000, "3 days"),
    ],
)
def test_a_delay_is_said_as_people_say_it(milliseconds: float, words: str) -> None:
    assert duration_words(milliseconds) == words


def is_big() -> bool:
    return True


@pytest.mark.parametrize(
    ("guard", "words"),
    [
        (None, ""),
        ("is_open", "is_open"),
        (is_big, "is_big"),
        (lambda: True, "function"),
        ({"type": "over", "params": {"limit": 3}}, "over(limit: 3)"),
        (and_(["a", not_("b")]), "a and not b"),
        (or_(["a", and_(["b", "c"])]), "a or (b and c)"),
        (not_(or_(["a", "b"])), "not (a or b)"),
        (state_in("#x"), "in #x"),
        (state_in({"a": {"b": "c"}}), "in a.b.c"),
        (state_in({"a": {"b": "c", "d": {}}}), "in a.b.c, a.d"),
    ],
)
def test_a_guard_is_said_as_its_author_would(guard: Any, words: str) -> None:
    assert guard_words(guard) == words


def keep(context: Any) -> None:
    """Do nothing."""


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("reserve", "reserve"),
        (keep, "keep"),
        (assign({"a": 1, "b": 2}), "assign a, b"),
        (assign(lambda context: {}), "assign"),
        (emit({"type": "x"}), "emit x"),
        (raise_({"type": "x"}), "raise x"),
        (cancel("timer"), "cancel timer"),
        (log("hello", "greeting"), "log greeting"),
        (enqueue_actions(lambda enqueue: None), "enqueue actions"),
        ({"type": "reject", "params": {"reason": "late"}}, "reject(reason: late)"),
        ({"type": "xstate.assign", "params": {"assignment": {"n": 1}}}, "assign n"),
        ({"type": "store", "params": {"text": "x" * 100}}, f"store(text: {'x' * 41}…)"),
    ],
)
def test_an_action_is_said_as_its_author_would(action: Any, words: str) -> None:
    assert action_words(action) == words

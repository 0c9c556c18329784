"""Text of others is seen as it is."""

from __future__ import annotations

import json

import pytest

from adapter.plain_text import plain_json, plain_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Grüße, 世界 🎉", "Grüße, 世界 🎉"),
        ("one\ntwo", "one\\ntwo"),
        ("\x1b[31m\x00\x7f\x9b", "\\u001b[31m\\u0000\\u007f\\u009b"),
        ("\u202e\u2066\u200f\u2028", "\\u202e\\u2066\\u200f\\u2028"),
        ("\ud800", "\\ud800"),
        ("order\u3164\u115f\u1160\uffa0\u2800\u034f", "order\\u3164\\u115f\\u1160\\uffa0\\u2800\\u034f"),
    ],
)
def test_what_is_not_seen_is_escaped(text: str, shown: str) -> None:
    assert plain_text(text) == shown


def test_lines_of_our_own_stay() -> None:
    assert plain_text("one\ntwo\r", lines=True) == "one\ntwo\\r"


def test_json_stays_what_it_is() -> None:
    value = {"\u202e": ["\x9b", "\n", "🎉", "\U000e0001"]}
    text = plain_json(value)
    assert json.loads(text) == value
    assert "🎉" in text, "what is seen as it is stays readable"
    assert all(char.isprintable() or char == "\n" for char in text)

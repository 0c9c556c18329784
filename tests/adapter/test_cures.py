"""The commands that cure what keeps an orchestration from going on."""

from __future__ import annotations

import shlex

import pytest

from adapter.cures import cure_of

ID = "arvo.orc.order/1.0.0/4 2/abc"


@pytest.mark.parametrize(
    ("kind", "event_id", "words"),
    [
        ("refused", "e $(rm)", ["redrive", ID, "e $(rm)"]),
        ("refused", None, ["dismiss", ID]),
        ("failed", "e", ["retry", ID, "e"]),
        ("unhandled", "e", ["retry", ID]),
        ("task-failing", None, ["check-deploy", "MODULE:APP"]),
        ("no-worker", None, ["worker", "MODULE:APP"]),
    ],
)
def test_a_cure_is_a_command_for_a_shell(kind: str, event_id: str | None, words: list[str]) -> None:
    assert shlex.split(cure_of(kind, ID, event_id)) == ["arvo-temporal", *words]


def test_a_cure_is_seen_as_it_is() -> None:
    assert cure_of("failed", ID, "\u202ee\n").endswith("'\\u202ee\\n'")

"""Lines of a worker's log, of whatever kind, can be shown."""

from __future__ import annotations

import io
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from arvo_temporal.developing.log_line import LogLine
from arvo_temporal.developing.screen import Screen

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def test_a_line_of_the_log_is_read() -> None:
    line = LogLine.read(
        json.dumps({"time": "2026-05-04T10:00:00Z", "level": "WARNING", "message": "x", "fate": "late"})
    )
    assert (line.text, line.level, line.field("fate"), line.field("state")) == ("x", "WARNING", "late", "")
    assert line.is_fate


def test_a_line_of_something_else_is_shown_as_it_is() -> None:
    assert LogLine.read("Error: there is no app") == LogLine("Error: there is no app")


@given(
    st.text() | JSON.map(json.dumps) | st.fixed_dictionaries({"message": st.text(), "fate": JSON}).map(json.dumps),
    st.booleans(),
)
def test_whatever_a_worker_writes_is_shown_as_text(text: str, is_terminal: bool) -> None:
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=is_terminal, width=80, color_system=None, legacy_windows=False)
    screen = Screen(console, [("Temporal", "here")])
    screen.logs(LogLine.read(text))
    console.print(screen.picture())
    assert not set(shown.getvalue()) & set("\x07\x1b\u202e\u2066")


def test_the_screen_shows_what_became_of_events() -> None:
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=True, width=80, color_system=None)
    screen = Screen(console, [("Temporal", "127.0.0.1:7233")])
    fields: dict[str, Any] = {
        **{"time": "2026-05-04T10:00:07Z", "level": "INFO", "message": "a step", "fate": "applied"},
        **{"orchestrator": "arvo.orc.order", "key": "42", "event_type": "evt.paid", "state": "packing"},
    }
    screen.logs(LogLine.read(json.dumps(fields)))
    screen.says("Worker: serves shop:app.")
    console.print(screen.picture())
    text = shown.getvalue()
    for part in ("127.0.0.1:7233", "10:00:07", "arvo.orc.order/42", "evt.paid", "applied", "packing", "shop:app"):
        assert part in text

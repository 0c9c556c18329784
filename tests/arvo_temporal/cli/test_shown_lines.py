"""What is shown of an orchestration in lines, whatever the clocks say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapter.view import AwaitedView, EmissionView, OrchestrationView, StateView, StepView, TimerView
from arvo_temporal.cli.shown_lines import ShownLines, change_line
from arvo_temporal.cli.times import Times
from arvo_temporal.client import PendingTry, ShownOrchestration

NOW = datetime(2026, 5, 5, 10, tzinfo=UTC)
ID = "arvo.orc.x/1.0.0/7/digest"


def shown(**more: Any) -> ShownOrchestration:
    known = {"workflow_id": ID, "type": "arvo.orc.x", "status": "running", "started": NOW, "task_queue": "q"}
    return ShownOrchestration(**{**known, **more})


def view(**more: Any) -> OrchestrationView:
    known = {"workflow_id": ID, "key": "7", "orchestrator": "arvo.orc.x", "version": "1.0.0", "status": "active"}
    return OrchestrationView(**{**known, **more})


def lines(one: ShownOrchestration, times: Times = Times.RELATIVE) -> dict[str, list[str]]:
    told: dict[str, list[str]] = {}
    for name, part in ShownLines(one, times, NOW).parts():
        told.setdefault(name, []).extend(line.plain for line in part)
    return told


@pytest.mark.parametrize("ahead", [timedelta(), timedelta(seconds=3), timedelta(hours=1)])
def test_what_has_happened_is_never_in_the_future(ahead: timedelta) -> None:
    """The clock of a person's machine may be behind that of the server."""
    time = NOW + ahead
    step = StepView(number=1, event="evt.x", time=time.isoformat(), fate="applied")
    since = StateView(path="a", key="a", since=time.isoformat())
    told = lines(shown(started=time, closed=time, view=view(steps=(step,), since=time.isoformat(), states=(since,))))
    assert told[""] == ["arvo.orc.x 1.0.0, key 7, root", "running, started now, ended now"]
    assert told["Last steps"] == ["1: evt.x, now"]
    assert told["State"] == ["active, for a moment", "a, for a moment"]


@pytest.mark.parametrize(
    ("delay", "due", "line"),
    [
        (timedelta(days=3), timedelta(days=2, hours=5), "a: after 3 days, in 2 days, on Thursday 15:00 UTC"),
        (timedelta(days=36_500), timedelta(days=36_500), "in 36500 days, on Thursday 11 April 2126, 10:00 UTC"),
        (timedelta(seconds=90), timedelta(seconds=-5), "a: after 1 minute 30 seconds, 5 seconds ago, on Tuesday 09:59"),
        (timedelta(seconds=1.5), timedelta(), "a: after 1.5 seconds, now, on Tuesday 10:00 UTC"),
    ],
)
def test_a_timer_says_how_long_and_when(delay: timedelta, due: timedelta, line: str) -> None:
    timer = TimerView(state="a", delay_ms=delay / timedelta(milliseconds=1), due=(NOW + due).isoformat())
    assert line in lines(shown(view=view(timers=(timer,))))["Timers"][0]
    assert lines(shown(view=view(timers=(timer,))), Times.ISO)["Timers"][0].endswith((NOW + due).isoformat())


def test_children_are_a_tree_that_says_where_there_are_more() -> None:
    leaf = shown(workflow_id="arvo.orc.leaf/1.0.0/1/digest", status="timed_out")
    node = shown(workflow_id="arvo.orc.node/1.0.0/2/digest", children=(leaf,), more_children=True)
    assert lines(shown(children=(node, leaf), more_children=True))["Children"] == [
        "├─ arvo.orc.node/1.0.0/2",
        "│  │  running",
        "│  ├─ arvo.orc.leaf/1.0.0/1",
        "│  │     timed out",
        "│  └─ and more",
        "├─ arvo.orc.leaf/1.0.0/1",
        "│     timed out",
        "└─ and more",
    ]
    assert lines(shown(children=(node,)))["Children"][0] == "└─ arvo.orc.node/1.0.0/2"


def test_many_names_are_counted_and_those_that_are_awaited_named() -> None:
    awaits = (AwaitedView(id="1", type="com.a.b", answers=("evt.a.b",)), AwaitedView(id="2", type="com.c.d"))
    told = lines(shown(view=view(accepts=tuple(f"evt.{n}.x" for n in range(23)), awaits=awaits)))
    assert told["Takes now"][0].endswith("evt.19.x, and 3 more")
    assert told["Waits for"] == ["1 of 2 answers have come", "com.c.d"]


def test_a_try_says_which_and_when_the_next_one_is() -> None:
    tries = (
        PendingTry(type="com.a.b", attempt=3, most=5, next=NOW + timedelta(minutes=2), failure="ValueError: x"),
        PendingTry(type="com.a.b", attempt=1, running=True),
    )
    assert lines(shown(tries=tries))["Tries"] == [
        "com.a.b: try 3 of 5, next in 2 minutes; the last one failed: ValueError: x",
        "com.a.b: try 1 now",
    ]


def test_what_is_on_its_way_says_where_to_and_that_there_is_more() -> None:
    emission = EmissionView(id="7", type="com.a.b", to="com.c.d", domain="people", way="publisher")
    plain = EmissionView(id="8", type="com.a.b", to="com.a.b", way="handler", since=NOW.isoformat())
    assert lines(shown(view=view(emissions=(emission, plain), more_emissions=4)))["On its way"] == [
        "com.a.b to com.c.d by the domain people, publisher (7)",
        "com.a.b, handler (8), for a moment",
        "and 4 more",
    ]


def test_a_change_names_tries_after_the_first_and_children() -> None:
    child = shown(workflow_id="child", view=view(states=(StateView(path="on", key="on"),)))
    tries = (PendingTry(type="com.a.b", attempt=2), PendingTry(type="com.c.d", attempt=1))
    assert change_line(shown(tries=tries, children=(child,))) == "running  com.a.b try 2  child: running in on"

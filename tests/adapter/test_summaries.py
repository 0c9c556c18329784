"""What the Temporal UI shows of workflows, activities and timers in one line."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from adapter.delays import delay_summary, delay_words
from adapter.summaries import (
    one_line,
    summary_of_call,
    summary_of_emission,
    summary_of_outbox,
    summary_of_wait,
    summary_of_workflow,
    title_of,
)
from arvo import ArvoEvent, create_arvo_orchestrator, create_arvo_orchestrator_event_factory, setup_arvo_machine
from arvo.statechart import Schedule
from arvo_temporal import ArvoApp
from tests.apps import counter_contract
from tests.errands import errand_function

VERSION = counter_contract.version("1.0.0")
MACHINE = setup_arvo_machine(contracts={"self": VERSION, "services": {}}, delays={"patience": 5_000}).create_machine(
    {
        "id": "order",
        "description": "Takes an order to the door.\nAnd more.",
        "initial": "a.b",
        "after": {999.5: ".over"},
        "states": {
            "a.b": {"initial": "approving", "states": {"approving": {"after": {259_200_000: "#over", "patience": {}}}}},
            "over": {"id": "over", "type": "final"},
        },
        "output": {"total": 1, "seen": []},
    }
)
APP = ArvoApp(orchestrators=[create_arvo_orchestrator(machines=[MACHINE], executionunits=0)])


def init(key: str, parent: str | None = None) -> ArvoEvent:
    factory = create_arvo_orchestrator_event_factory(VERSION)
    data = {"goal": 4711, "parentSubject$$": parent}
    return factory.init(source="com.test.app", data=data, execution_id=key)


def test_an_orchestration_has_key_title_and_place() -> None:
    root = init("42")
    assert summary_of_workflow(APP, root) == "42 · Takes an order to the door · root"
    assert summary_of_workflow(APP, init("7", root.subject)).endswith(" · child of arvo.orc.counter 42")
    assert summary_of_workflow(None, root) == "42 · root"


@given(key=st.text(st.characters(exclude_characters=";", codec="utf-8"), min_size=1, max_size=300))
@example(key="<b>x</b> **y** ![i](http://a.b/c.png)")
@example(key="\\" * 200)
@example(key="🙂" * 100)
def test_a_key_is_nobodys_markup_and_fits(key: str) -> None:
    text = summary_of_workflow(APP, init(key))
    assert len(text.encode()) <= 200
    html = MarkdownIt("commonmark", {"html": True}).render(text)
    found = re.fullmatch("<p>(.*)</p>\n", html)
    assert found, html
    assert "<" not in found[1]
    assert unescape(found[1]).endswith(("root", "…"))


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"to": None, "datacontenttype": "application/json"}, "asked in approving"),
        ({"to": "com.tally.ask"}, "asked in approving"),
        ({"to": "com.router"}, "com.tally.ask to com.router in approving"),
        ({"to": "com.tally.ask", "domain": "mail"}, "com.tally.ask by the domain mail in approving"),
    ],
)
def test_an_activity_says_what_its_type_does_not(fields: dict[str, str | None], shown: str) -> None:
    event = ArvoEvent.from_json({**init("1").to_json(), "type": "com.tally.ask", **fields})
    assert summary_of_emission(event, "in approving") == shown
    assert "4711" not in summary_of_emission(event, "in approving")


def test_a_call_says_what_is_taken() -> None:
    event = init("1")
    assert summary_of_call(replace(event, to=event.type)) == "begins for com.test.app"
    assert (
        summary_of_call(replace(event, type="evt.tally.counted", to="arvo.orc.counter"))
        == "takes evt.tally.counted of com.test.app"
    )


@pytest.mark.parametrize(
    ("event", "delay", "shown", "words"),
    [
        (
            "xstate.after.259200000.order.a.b.approving",
            259_200_000,
            "a.b.approving: 3 days",
            "after 3 days in a.b.approving",
        ),
        ("xstate.after.patience.order.a.b.approving", 5_000, "a.b.approving: 5 seconds", None),
        ("xstate.after.999.5.order", 999.5, "order: 999.5 ms", "after 999.5 ms in order"),
        ("REMIND", 90_000, "REMIND: 1 minute 30 seconds", "REMIND"),
    ],
)
def test_a_timer_says_where_and_how_long(event: str, delay: float, shown: str, words: str | None) -> None:
    assert delay_summary(MACHINE, Schedule(event, {"type": event}, delay)) == shown
    assert delay_words(MACHINE, event) == (words or "after patience in a.b.approving")


def test_a_long_line_is_cut_between_characters() -> None:
    assert one_line("é" * 150) == "é" * 98 + "…"
    assert one_line("a\u202e\nb") == "a\\u202e b"


def test_where_a_place_is_not_known_an_activity_says_what_is_sent() -> None:
    assert summary_of_emission(init("1"), "") == "arvo.orc.counter"


def test_a_schedule_says_whose_end_it_waits_for() -> None:
    assert summary_of_wait(init("42")) == "wait for arvo.orc.counter 42"


def test_a_function_has_the_first_line_of_its_docstring_for_a_title() -> None:
    resumable = errand_function()
    assert title_of(resumable, "1.0.0") is None
    resumable.handler["1.0.0"].__doc__ = "\n    Sends a courier.\n\n    And more."
    assert title_of(resumable, "1.0.0") == "Sends a courier"


def test_a_long_key_leaves_room_for_the_rest() -> None:
    assert summary_of_workflow(APP, init("x" * 100)) == f"{'x' * 79}… · Takes an order to the door · root"


@pytest.mark.parametrize("key", ["1", "12"])
def test_a_title_is_never_cut_within_an_escape(key: str) -> None:
    machine = setup_arvo_machine(contracts={"self": VERSION, "services": {}}).create_machine(
        {"id": "order", "description": "*" * 300, "initial": "a", "states": {"a": {}}}
    )
    app = ArvoApp(orchestrators=[create_arvo_orchestrator(machines=[machine], executionunits=0)])
    shown = MarkdownIt("commonmark").render(summary_of_workflow(app, init(key)))
    assert re.fullmatch(rf"<p>{key} · \*+…</p>\n", shown), shown


def test_the_summary_of_an_outbox_is_short_and_shows_the_type_as_it_is() -> None:
    assert summary_of_outbox("arvo.orc.my_order") == "what arvo.orc.my\\_order had left to send when it ended"
    assert len(summary_of_outbox("arvo.orc." + "x" * 2000).encode()) <= 200

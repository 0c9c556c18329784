"""What the Temporal UI shows of an orchestration, as Markdown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from markdown_it import MarkdownIt

from adapter.ledger import Fate, Ledger, LedgerEntry
from adapter.view import (
    AwaitedView,
    EmissionView,
    OrchestrationView,
    StateView,
    StepView,
    TimerView,
    TroubleView,
)
from tests.apps import counted, start_count
from workflows.details import MOST_BYTES, describe_outbox, details, within_bytes

NOW = datetime(2026, 5, 5, 10, 0, tzinfo=UTC)
THEN = NOW.isoformat()
HTML = MarkdownIt("commonmark", {"html": True})


def view(**told: object) -> OrchestrationView:
    known = {"workflow_id": "arvo.orc.order/1.0.0/42/x", "key": "42", "orchestrator": "arvo.orc.order"}
    return OrchestrationView.model_validate({**known, "version": "1.0.0", "status": "active", **told})


def test_it_begins_with_title_key_and_whose_child_it_is() -> None:
    text = details(view(title="Orders <b>", parent="arvo.orc.shop/1.0.0/7/y"), NOW)
    assert text.startswith("### Orders \\<b\\>\n\n`arvo.orc.order` 1.0.0, key `42`, child of `arvo.orc.shop/1.0.0/7/y`")
    assert "key `42`, root" in details(view(), NOW)


def test_states_are_a_tree_with_regions_beside_each_other() -> None:
    payment = StateView(path="checking.payment", key="payment", since=THEN)
    approval = StateView(
        path="checking.approval",
        key="approval",
        description="A person says yes",
        tags=("person", "slow"),
        states=(StateView(path="checking.approval.asking", key="asking"),),
    )
    checking = StateView(path="checking", key="checking", parallel=True, states=(payment, approval))
    shown = details(view(states=(checking,), since=THEN), NOW).splitlines()
    tree = shown[shown.index("**State** active, since Tuesday 10:00 UTC") + 2 :][:7]
    assert tree == [
        "```",
        "checking",
        "├─ payment, since Tuesday 10:00 UTC",
        "└─ approval [person, slow]",
        "   │  A person says yes",
        "   └─ asking",
        "```",
    ]


def test_timers_say_how_long_and_until_when_in_words() -> None:
    due = NOW + timedelta(days=3)
    timers = (
        TimerView(state="approving", event=None, delay_ms=259_200_000, due=due.isoformat()),
        TimerView(state=None, event="remind", delay_ms=90_000, due=(NOW + timedelta(days=40)).isoformat()),
    )
    text = details(view(timers=timers), NOW)
    assert "- `approving`: after 3 days, on Friday 10:00 UTC" in text
    assert "- `remind`: after 1 minute 30 seconds, on Sunday 14 June 2026, 10:00 UTC" in text


def test_trouble_comes_with_its_reason_and_its_cure_before_all_that_is_well() -> None:
    trouble = TroubleView(
        kind="refused",
        event="evt.pay",
        event_id="e1",
        reason="ViolationError<Contract>",
        since=THEN,
        cure="arvo-temporal redrive 'a b' e1",
    )
    text = details(view(troubles=(trouble,), more_troubles=3), NOW)
    assert text.index("**Trouble** 1 and 3 older ones") < text.index("**State**")
    assert "`evt.pay` (`e1`), since Tuesday 10:00 UTC: " in text
    rendered = HTML.render(text)
    assert "ViolationError&lt;Contract&gt;" in rendered
    assert "<code>arvo-temporal redrive 'a b' e1</code>" in rendered


def test_what_it_takes_awaits_and_has_sent_is_listed() -> None:
    text = details(
        view(
            accepts=("evt.a", "*"),
            awaits=(AwaitedView(id="1", type="com.a"), AwaitedView(id="2", type="com.b", answers=("evt.b",))),
            emissions=(
                EmissionView(id="1", type="com.a", to="com.a", way="handler", since=THEN),
                EmissionView(
                    id="3", type="arvo.orc.pay", to="arvo.orc.pay", way="child", child="arvo.orc.pay/1.0.0/7/z"
                ),
                EmissionView(id="2", type="com.b", to="com.c", domain="out", way="publisher"),
            ),
            more_emissions=4,
            waiting=2,
            fates={"applied": 3},
        ),
        NOW,
    )
    assert "**Takes now** `evt.a`, `*`" in text
    assert "**Waits for answers** 1 of 2 have come; to `com.a`" in text
    assert "- `com.a`, handler, since Tuesday 10:00 UTC" in text
    assert "- `arvo.orc.pay`, child `arvo.orc.pay/1.0.0/7/z`" in text
    assert "- `com.b` to `com.c` by the domain `out`, publisher" in text
    assert "- … and 4 more" in text
    assert text.endswith("**Events** 3 applied, 2 waiting")


def test_the_last_steps_are_told_newest_first() -> None:
    steps = (
        StepView(number=1, event="arvo.orc.order", before=None, after="paying", time=THEN, fate="applied"),
        StepView(
            number=2,
            event="after 3 days in paying",
            before="paying",
            after="over",
            time=THEN,
            produced=("com.a",),
            more_produced=9,
            fate="applied",
        ),
        StepView(number=3, event="evt.x", before="over", after="over", time=THEN, fate="unhandled"),
    )
    shown = [line for line in details(view(steps=steps), NOW).splitlines() if line[2:4] in ("1:", "2:", "3:")]
    assert shown == [
        "- 3: `evt.x`, unhandled, `in over`, Tuesday 10:00 UTC",
        "- 2: `after 3 days in paying`, `paying → over`, Tuesday 10:00 UTC, produced `com.a`, and 9 more",
        "- 1: `arvo.orc.order`, `in paying`, Tuesday 10:00 UTC",
    ]


def test_the_longest_details_are_cut_between_two_parts_and_say_so() -> None:
    states = tuple(StateView(path=f"{n}", key="🙂" * 200, description="é" * 500) for n in range(300))
    troubles = tuple(
        TroubleView(kind="failed", event="x" * 2000, event_id="y" * 2000, cure="z" * 900) for _ in range(20)
    )
    text = details(view(states=states, troubles=troubles, accepts=("*" * 300,) * 100), NOW)
    assert len(text.encode()) <= MOST_BYTES
    assert "and more: `arvo-temporal show` has all of it" in text
    parts = ("**Trouble** 20", "**State** active", "**Takes now**", "**Events** none yet, 0 waiting")
    assert [part for part in parts if part not in text] == []
    assert HTML.render(text).count("<pre>") == HTML.render(text).count("</pre>\n<p>") == 1


def test_details_that_fit_are_whole() -> None:
    assert details(view(), NOW).endswith("**Events** none yet, 0 waiting")


def test_an_outbox_says_what_is_on_its_way_and_what_was_wrong() -> None:
    init, ledger = start_count(goal=1), Ledger(100)
    for number in range(7):
        entry = LedgerEntry(
            id="1", type=f"evt.no{number}", fate=Fate.LATE, time=THEN, code="X<Y>", reason=f"<b> {number}"
        )
        ledger.enter(entry)
    text = describe_outbox([counted(init.subject)], ledger)
    assert "**On their way** 1 events" in text
    assert "- `evt.tally.counted` for `arvo.orc.counter`" in text
    assert [line for line in text.splitlines() if "late" in line] == [
        f"- late `evt.no{number}` at {THEN}: `<b> {number}`" for number in range(2, 7)
    ]


def test_of_many_troubles_the_newest_are_shown() -> None:
    troubles = tuple(TroubleView(kind="refused", event_id=f"e{number}", cure="cure") for number in range(12))
    lines = [line for line in details(view(troubles=troubles), NOW).splitlines() if line.startswith("- ")]
    assert lines == [f"- **refused** what is no event (`e{number}`). Cure: `cure`" for number in range(2, 12)]


def test_of_many_states_the_first_are_shown_and_no_line_is_endless() -> None:
    states = tuple(StateView(path=f"s{number}", key=f"s{number}" + "x" * 500) for number in range(40))
    shown = details(view(states=states), NOW).splitlines()
    tree = shown[shown.index("```") + 1 :]
    assert [(len(line), line[-1]) for line in tree[:30]] == [(140, "…")] * 30
    assert tree[29].startswith("s29x")
    assert tree[30:32] == ["… and 10 more", "```"]


def test_a_list_that_is_whole_says_of_no_more() -> None:
    timer = TimerView(state="a", delay_ms=1000, due=THEN)
    text = details(view(timers=(timer,), awaits=(AwaitedView(id="r1"),)), NOW)
    assert "more" not in text
    assert "; to `r1`" in text


def test_however_many_parts_there_are_they_fit_together() -> None:
    text = within_bytes(["\n".join(["x" * 99] * 50)] * 9 + ["end"], MOST_BYTES)
    assert len(text.encode()) <= MOST_BYTES
    assert text.endswith("`arvo-temporal show` has all of it.")


def test_of_an_outbox_a_refusal_says_its_kind_alone_and_what_is_well_nothing() -> None:
    init, ledger = start_count(goal=1), Ledger(100)
    ledger.enter(LedgerEntry(id="1", type="evt.a", fate=Fate.REFUSED, time=THEN, code="X<Y>", reason="quotes it"))
    ledger.enter(LedgerEntry(id="2", type="evt.b", fate=Fate.DUPLICATE, time=THEN))
    text = describe_outbox([counted(init.subject)] * 25, ledger)
    assert f"- refused `evt.a` at {THEN}: X\\<Y\\>" in text
    assert "quotes it" not in text
    assert "evt.b" not in text
    assert text.count("- `evt.tally.counted`") == 20

"""`explain`: what would become of an event, told without sending it."""

from __future__ import annotations

from typing import Any

import pytest

from adapter.errors import AppError
from arvo.orchestration import OrchestrationRecord
from arvo_temporal import Verdict, explain
from tests import apps, resumables
from tests.orders_under_way import AUTHORIZED, RESERVED, order_app, order_named, record_after

APP = order_app()
DECIDED = "evt.approval.decided"


def approving() -> OrchestrationRecord:
    """Return the record of an order that waits for a person."""
    return record_after(APP, order_named("05-approved"), RESERVED, AUTHORIZED)


def test_without_data_it_says_which_guards_need_it() -> None:
    told = explain(APP, approving(), DECIDED)
    assert told.verdict is Verdict.ACCEPTED  # each way moves, whatever the guard says
    assert told.state == "approving"
    assert [(one.guard, one.verdict, one.targets) for one in told.candidates] == [
        ("is_approved", "undecided", ("shipping",)),
        (None, "passes", ("undoing",)),
    ]
    assert [one.emits for one in told.candidates] == [
        ("arvo.orc.shipment",),
        ("com.stock.release", "com.payment.void"),
    ]
    assert told.leads_to is None


@pytest.mark.parametrize(
    ("approved", "verdicts", "state", "emits"),
    [
        (True, ["passes", "not asked"], "shipping", ("arvo.orc.shipment",)),
        (False, ["fails", "passes"], "undoing", ("com.stock.release", "com.payment.void")),
    ],
)
def test_with_data_it_says_what_the_event_leads_to(
    approved: bool, verdicts: list[str], state: str, emits: tuple[str, ...]
) -> None:
    told = explain(APP, approving(), DECIDED, {"approved": approved, "by": "me"})
    assert told.verdict is Verdict.ACCEPTED
    assert [one.verdict for one in told.candidates] == verdicts
    assert (told.leads_to, told.emits) == (state, emits)
    assert told.timers == ("cancels approving after 3 days",)


def test_guards_see_the_present_context() -> None:
    record = record_after(APP, order_named("05-approved"), RESERVED)
    told = explain(APP, record, *AUTHORIZED)
    assert told.leads_to == "approving"
    assert told.timers == ("starts approving after 3 days",)
    record = record_after(APP, order_named("01-one-parcel"), RESERVED)
    assert explain(APP, record, *AUTHORIZED).leads_to == "shipping"


def test_what_the_contract_refuses_is_told_with_its_reason() -> None:
    told = explain(APP, approving(), DECIDED, {"approved": "perhaps"})
    assert told.verdict is Verdict.REFUSED
    assert "approved" in told.reason
    told = explain(APP, approving(), "evt.approval.decide")
    assert told.verdict is Verdict.REFUSED
    assert "Is 'evt.approval.decided' meant?" in told.reason


def test_what_no_state_takes_now_is_told_with_the_states_that_do() -> None:
    told = explain(APP, approving(), "evt.stock.short")
    assert told.verdict is Verdict.UNHANDLED
    assert "no active state" in told.reason
    assert told.accepts == (DECIDED,)
    assert told.accepted_in == ("securing.stock.reserving",)
    assert explain(APP, approving(), "evt.stock.short", {"missing": []}).verdict is Verdict.UNHANDLED


def test_a_system_error_meets_wildcards() -> None:
    record = record_after(APP, order_named("03-card-declined"), RESERVED, ("evt.payment.declined", {"reason": "no"}))
    told = explain(APP, record, "sys.com.stock.release.error")
    assert (told.verdict, told.candidates[0].event) == (Verdict.ACCEPTED, "sys.*")
    assert "sys.*" in told.accepts
    assert explain(APP, record, "sys.com.unknown.error").verdict is Verdict.ACCEPTED


def test_after_the_end_everything_is_late() -> None:
    answers = (("evt.stock.short", {"missing": ["piano"]}), ("evt.payment.declined", {"reason": "no"}))
    record = record_after(APP, order_named("03-card-declined"), *answers)
    assert record["value"] == "rejected"
    assert explain(APP, record, DECIDED).verdict is Verdict.LATE
    failed: Any = {"executionStatus": "failure", "subject": record["subject"], "error": {"name": "E", "message": "m"}}
    told = explain(APP, failed, DECIDED)
    assert told.verdict is Verdict.LATE
    assert "E: m" in told.reason


def test_what_would_throw_is_told() -> None:
    app, init = apps.counter_app(), apps.start_count(goal=3)
    record = record_after(app, init)
    told = explain(app, record, "evt.tally.counted", {"by": -1})
    assert told.verdict is Verdict.FAILED
    assert "ArithmeticError: the count is broken" in told.reason
    assert explain(app, record, "evt.tally.counted").candidates[0].verdict == "undecided"
    assert explain(app, record, "evt.tally.counted", {"by": 3}).leads_to == "over"


def test_another_app_is_told_as_such() -> None:
    with pytest.raises(AppError, match=r"has no 'arvo\.orc\.order' at 1\.0\.0; it has arvo\.orc\.counter/1\.0\.0"):
        explain(apps.counter_app(), approving(), DECIDED)


def test_of_a_function_it_says_what_can_be_said() -> None:
    app = resumables.counter_app(kind="inline")
    init = apps.start_count(goal=3)
    record: Any = app.orchestrators[init.type].step(init, None).record
    told = explain(app, record, "evt.tally.counted")
    assert told.verdict is Verdict.ACCEPTED
    assert "No answer of this type is awaited now" in told.reason
    assert explain(app, record, "evt.tally.counted", {"by": "x"}).verdict is Verdict.REFUSED
    assert explain(app, record, "evt.else").verdict is Verdict.REFUSED
    supervised = resumables.supervisor_app(kind="inline", child="machine")
    start = apps.supervise(goal=3)
    waiting: Any = supervised.orchestrators[start.type].step(start, None).record
    told = explain(supervised, waiting, "arvo.orc.counter.done")
    assert "An answer of this type is awaited" in told.reason
    assert told.accepts == ("arvo.orc.counter.done", "sys.arvo.orc.counter.error")

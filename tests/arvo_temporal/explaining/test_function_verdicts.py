"""What `explain` says of functions: which answers are awaited, and what their contracts take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from arvo import ArvoEvent, ResumableOutput
from arvo_temporal import Explanation, Verdict, explain
from tests.apps import counted, start_count
from tests.resumables import function_app

COUNTED = "evt.tally.counted"
ANSWERS = (COUNTED, "evt.tally.failed", "sys.com.tally.ask.error")
NOT_AWAITED = "No answer of this type is awaited now. The function is called with whatever the contract accepts"


def ask_twice(input: ArvoEvent | None) -> ResumableOutput | None:
    """Ask two things at once, and wait for both answers."""
    if input is None:
        return None
    return {"services": [{"type": "com.tally.ask", "data": {"goal": goal}} for goal in (1, 2)]}


APP = function_app(ask_twice)


def record_after(answers: int = 0) -> Any:
    """Return the record after some of the two answers have come."""
    init = start_count(goal=3)
    orchestrator: Any = APP.orchestrators[init.type]
    step = orchestrator.step(init, None)
    for sent in step.events[:answers]:
        step = orchestrator.step(counted(init.subject, parentid=sent.id), step.record)
    return step.record


def explained(type_: str, data: Mapping[str, Any] | None = None, *, answers: int = 0) -> Explanation:
    return explain(APP, record_after(answers), type_, data)


def test_what_has_come_is_awaited_no_more() -> None:
    told = explained(COUNTED)
    assert told.reason.startswith("An answer of this type is awaited.")
    assert told.accepts == ANSWERS
    told = explained(COUNTED, answers=2)
    assert (told.verdict, told.accepted) == (Verdict.ACCEPTED, True)
    assert told.reason.startswith(NOT_AWAITED)
    assert set(told.accepts) == {*ANSWERS, "arvo.orc.counter"}


def test_what_is_awaited_of_an_earlier_step_is_of_no_known_type() -> None:
    told = explained(COUNTED, answers=1)
    assert told.reason.startswith("An answer is awaited, and its type is not known: another event has come since")
    assert set(told.accepts) == {*ANSWERS, "arvo.orc.counter"}


def test_that_its_data_must_fit_is_told_where_it_is_not_known() -> None:
    assert ", if its data fits the contract; what it does" in explained(COUNTED).reason
    told = explained(COUNTED, {"by": 1})
    assert told.verdict is Verdict.ACCEPTED
    assert "if its data fits" not in told.reason


def test_a_system_error_is_taken_whoever_it_is_of() -> None:
    told = explained("sys.com.tally.ask.error")
    assert told.reason.startswith("An answer of this type is awaited.")
    told = explained("sys.com.nobody.error")
    assert told.verdict is Verdict.ACCEPTED
    assert told.reason.startswith(NOT_AWAITED)


@pytest.mark.parametrize("answers", [0, 2])
def test_what_is_refused_is_told_with_what_is_accepted(answers: int) -> None:
    every = {*ANSWERS, "arvo.orc.counter"}
    told = explained("evt.tally.count", answers=answers)
    assert told.verdict is Verdict.REFUSED
    assert "Is 'evt.tally.counted' meant?" in told.reason
    assert set(told.accepts) == every
    told = explained(COUNTED, {"by": "many"}, answers=answers)
    assert told.verdict is Verdict.REFUSED
    assert "by" in told.reason
    assert set(told.accepts) == (every if answers else set(ANSWERS))


def test_what_went_to_no_service_of_this_version_awaits_no_answer() -> None:
    record = record_after()
    for sent in record["events"]["produced"]:
        sent["type"] = "com.former.ask"
    assert explain(APP, record, COUNTED).reason.startswith(NOT_AWAITED)


def test_an_answer_that_stands_beside_its_request_has_come() -> None:
    record = record_after()
    first, second = record["events"]["expected"].values()
    first.append(counted(record["subject"]).to_json())
    assert explain(APP, record, COUNTED).reason.startswith("An answer of this type is awaited.")
    second.append(counted(record["subject"]).to_json())
    assert explain(APP, record, COUNTED).reason.startswith(NOT_AWAITED)

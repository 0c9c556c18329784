"""The troubles of an orchestration: what begins one, what ends it, and how many are kept."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from adapter.troubles import TroubleKind
from arvo.events import ArvoEvent
from tests.apps import counted, start_count
from workflows.failed_requests import FailedRequests
from workflows.reports import Reports
from workflows.trouble import Troubles

INIT = start_count(goal=1)
THEN = "2026-01-01T00:00:00+00:00"
LATER = "2026-01-02T00:00:00+00:00"
REFUSED, UNHANDLED, FAILED = TroubleKind


def event(number: int) -> ArvoEvent:
    return replace(counted(INIT.subject), id=f"event {number}")


def begun(*kinds: TroubleKind, each: int = 1) -> Troubles:
    troubles = Troubles()
    for kind in kinds:
        for number in range(each):
            troubles.begin(kind, event(number), since=THEN, code="Code")
    return troubles


def test_none_has_no_kinds() -> None:
    assert Troubles().kinds() == ()
    assert Troubles().kept() == []


def test_kinds_come_once_each_in_one_order() -> None:
    assert begun(FAILED, REFUSED, each=3).kinds() == (REFUSED, FAILED)


def test_a_trouble_says_what_it_is_about_and_nothing_of_the_data() -> None:
    (trouble,) = begun(REFUSED).kept()
    told = {"kind": "refused", "id": "event 0", "source": "com.tally.ask", "type": "evt.tally.counted"}
    assert trouble.model_dump(mode="json") == told | {"since": THEN, "code": "Code"}


def test_what_was_no_event_is_a_trouble_too() -> None:
    troubles = Troubles()
    troubles.begin(REFUSED, None, since=THEN, code="InvalidEventError", type="a text")
    assert [(one.id, one.type, one.code) for one in troubles.kept()] == [(None, "a text", "InvalidEventError")]
    assert troubles.dismiss() != []
    assert troubles.kinds() == ()


def test_one_that_is_known_keeps_its_beginning_and_gets_the_newest_code() -> None:
    troubles = begun(REFUSED)
    troubles.begin(REFUSED, event(0), since=LATER, code="Other")
    assert [(one.since, one.code) for one in troubles.kept()] == [(THEN, "Other")]


def test_events_of_one_id_and_several_sources_are_apart() -> None:
    troubles = begun(REFUSED)
    troubles.begin(REFUSED, replace(event(0), source="com.other.source"), since=THEN)
    troubles.end(REFUSED, event(0))
    assert [one.source for one in troubles.kept()] == ["com.other.source"]


def test_the_end_of_one_is_not_the_end_of_another() -> None:
    troubles = begun(REFUSED, FAILED, each=2)
    troubles.end(REFUSED, event(0))
    assert troubles.kinds() == (REFUSED, FAILED)
    troubles.end(REFUSED, event(1))
    assert troubles.kinds() == (FAILED,)
    troubles.end_all(FAILED)
    assert troubles.kinds() == ()


def test_some_are_dismissed_by_the_id_of_their_event_or_by_their_kind() -> None:
    troubles = begun(REFUSED, UNHANDLED, FAILED, each=2)
    assert [one.kind for one in troubles.dismiss("event 0")] == [REFUSED, UNHANDLED, FAILED]
    assert len(troubles.dismiss(kind=UNHANDLED)) == 1
    assert [(one.kind, one.id) for one in troubles.kept()] == [(REFUSED, "event 1"), (FAILED, "event 1")]
    assert troubles.dismiss("event 7") == []


def test_the_newest_are_kept_and_older_ones_are_counted_until_they_are_dismissed() -> None:
    troubles = begun(REFUSED, UNHANDLED, each=100)
    for number in range(68, 100):
        troubles.end(REFUSED, event(number))
    assert troubles.of_kind(REFUSED) == []
    assert troubles.older() == {"refused": 68, "unhandled": 68}
    assert troubles.kinds() == (REFUSED, UNHANDLED), "68 were refused and never taken"
    troubles.end_all(UNHANDLED)
    troubles.dismiss()
    assert troubles.kinds() == ()


def test_texts_of_any_length_are_cut_and_still_found() -> None:
    long = replace(event(0), id="x" * 5000)
    troubles = Troubles()
    troubles.begin(FAILED, long, since=THEN, code="y" * 5000)
    (trouble,) = troubles.kept()
    assert len(trouble.model_dump_json()) < 1000
    troubles.end(FAILED, long)
    assert troubles.kept() == []
    troubles.begin(FAILED, long, since=THEN)
    assert len(troubles.dismiss()) == 1


def test_the_next_run_goes_on_with_what_was_carried() -> None:
    troubles = begun(REFUSED, each=40)
    later = Troubles(troubles.kept(), troubles.older())
    assert (later.kept(), later.older()) == (troubles.kept(), troubles.older())
    later.end(REFUSED, event(39))
    assert len(later.kept()) == 31


def test_a_request_that_is_sent_again_is_no_trouble_any_more() -> None:
    troubles = Troubles()
    failed = FailedRequests(troubles)
    failed.fail(event(1), "TimeoutError", THEN)
    failed.fail(event(2), "TimeoutError", THEN)
    failed.take("event 1")
    assert [one.id for one in troubles.kept()] == ["event 2"]


def test_a_request_that_is_too_large_to_be_kept_is_a_trouble_all_the_same() -> None:
    troubles = Troubles()
    FailedRequests(troubles).fail(replace(event(1), data={"by": 1, "text": "x" * 300_000}), "TimeoutError", THEN)
    assert troubles.kinds() == (FAILED,)


class Counted(Reports):
    """Counts what metrics are told."""

    def __init__(self) -> None:
        self.begun, self.ended = Counter[str](), Counter[str]()

    def trouble_begins(self, kind: TroubleKind) -> None:
        self.begun[kind] += 1

    def trouble_ends(self, kind: TroubleKind, number: int) -> None:
        self.ended[kind] += number


def test_metrics_are_told_of_each_begin_and_each_end_once() -> None:
    told = Counted()
    troubles = Troubles(reports=told)
    for number in (*range(40), 39):
        for kind in TroubleKind:
            troubles.begin(kind, event(number), since=THEN)
    assert told.begun == dict.fromkeys(TroubleKind, 40)
    troubles.end(REFUSED, event(39))
    troubles.end(REFUSED, event(39))
    troubles.dismiss("event 38")
    assert told.ended == {REFUSED: 2, UNHANDLED: 1, FAILED: 1}
    assert set(troubles.older()) == set(TroubleKind), "older ones have no id to be dismissed by"
    troubles.end_all(UNHANDLED)
    troubles.dismiss()
    assert told.ended == told.begun

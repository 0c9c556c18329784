"""What a schedule starts for one time: the same event whenever it is asked for, another one for each time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from adapter.identity import workflow_id
from adapter.scheduling import LONGEST_ID, occurrence, scheduled_by
from arvo import ArvoOrchestrationSubject, create_arvo_orchestrator_event_factory
from arvo.errors import InvalidSubjectError
from tests.apps import counter_contract, start_count

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
INIT = start_count(goal=3)


def test_it_has_a_subject_of_its_own_and_the_time_by_the_schedule() -> None:
    made = occurrence(INIT, "daily", NOON)
    content, before = (ArvoOrchestrationSubject.parse(event.subject) for event in (made, INIT))
    assert content.execution.id == "daily-2026-05-04T12:00:00Z"
    assert (content.orchestrator, content.meta) == (before.orchestrator, before.meta)
    assert content.execution.initiator == "com.test.app"
    assert workflow_id(made.subject).startswith("arvo.orc.counter/1.0.0/daily-2026-05-04T12:00:00Z/")
    assert made.time == "2026-05-04T12:00:00Z"
    assert (made.data, made.source, made.to, made.dataschema) == (INIT.data, INIT.source, INIT.to, INIT.dataschema)


def test_it_is_the_event_that_a_factory_makes_for_this_key() -> None:
    factory = create_arvo_orchestrator_event_factory(counter_contract.version("1.0.0"))
    by_key = factory.init(source=INIT.source, data=INIT.data, execution_id="daily-2026-05-04T12:00:00Z")
    made = occurrence(INIT, "daily", NOON)
    assert (made.id, workflow_id(made.subject)) == (by_key.id, workflow_id(by_key.subject))


def test_each_begins_a_trace_of_its_own() -> None:
    traced = replace(INIT, traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", tracestate="a=b")
    made = occurrence(traced, "daily", NOON)
    assert (made.traceparent, made.tracestate) == (None, None)


@given(st.integers(0, 10_000), st.integers(0, 10_000), st.integers(0, 999_999))
def test_one_second_is_one_orchestration(first: int, second: int, microseconds: int) -> None:
    times = (NOON + timedelta(seconds=first), NOON + timedelta(seconds=second, microseconds=microseconds))
    one, other = (occurrence(INIT, "daily", time) for time in times)
    assert (one.key == other.key) is (first == second)
    assert (workflow_id(one.subject) == workflow_id(other.subject)) is (first == second)


def test_a_time_is_the_same_in_every_zone() -> None:
    abroad = NOON.astimezone(timezone(timedelta(hours=9)))
    assert occurrence(INIT, "daily", abroad) == occurrence(INIT, "daily", NOON)


def test_the_same_time_of_another_schedule_is_another_orchestration() -> None:
    assert occurrence(INIT, "daily", NOON).key != occurrence(INIT, "hourly", NOON).key


def test_the_longest_id_fits_and_one_that_subjects_do_not_take_is_refused() -> None:
    assert len(workflow_id(occurrence(INIT, "x" * LONGEST_ID, NOON).subject)) <= 255
    with pytest.raises(InvalidSubjectError):
        occurrence(INIT, "a;b", NOON)


def test_only_what_has_both_a_schedule_and_a_time_was_started_by_one() -> None:
    name = SearchAttributePair(SearchAttributeKey.for_keyword("TemporalScheduledById"), "daily")
    time = SearchAttributePair(SearchAttributeKey.for_datetime("TemporalScheduledStartTime"), NOON)
    assert scheduled_by(TypedSearchAttributes([name, time])) == ("daily", NOON)
    for pairs in ([name], [time], []):
        assert scheduled_by(TypedSearchAttributes(pairs)) is None

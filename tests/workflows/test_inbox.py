"""The inbox keeps what waits in order, reads it when its turn comes, and recognises what was consumed before."""

from __future__ import annotations

import json
from collections import deque
from typing import Any

import pytest

from arvo import ArvoEvent
from arvo.statechart import Schedule
from tests.apps import counted, start_count
from workflows.inbox import Delivery, DueTimer, Inbox, Item, Repetition, Unacceptable

SUBJECT = start_count(goal=1).subject


def inbox(remembered: int = 10, consumed: tuple[str, ...] = ()) -> Inbox:
    return Inbox(SUBJECT, remembered, consumed)


def text(event: ArvoEvent) -> bytes:
    return event.to_json_bytes()


def due(schedule_id: str) -> DueTimer:
    return DueTimer(Schedule(schedule_id, {"type": "xstate.after"}, 0), f"firing of {schedule_id}")


def take_all(box: Inbox) -> list[Item]:
    return [box.take() for _ in range(len(box))]


def test_everything_comes_out_in_the_order_in_which_it_came_in() -> None:
    box = inbox()
    first, second = counted(SUBJECT), counted(SUBJECT)
    box.add_text(text(first))
    box.add_due(due("a"))
    box.add(second)
    one, timer, two = take_all(box)
    assert isinstance(one, Delivery)
    assert one.event.to_json() == first.to_json()
    assert isinstance(timer, DueTimer)
    assert isinstance(two, Delivery)
    assert two.event is second
    assert not box


def test_what_was_consumed_is_a_repetition_when_its_turn_comes() -> None:
    box, event = inbox(), counted(SUBJECT)
    for _ in range(2):
        box.add_text(text(event))
    box.add(event)
    assert isinstance(box.take(), Delivery)
    box.remember(event)
    assert [type(item) for item in take_all(box)] == [Repetition, Repetition]


def test_what_was_refused_may_come_again() -> None:
    box, event = inbox(), counted(SUBJECT)
    for _ in range(2):
        box.add_text(text(event))
    assert [type(item) for item in take_all(box)] == [Delivery, Delivery]


def test_the_oldest_consumed_event_is_forgotten_first() -> None:
    events = [counted(SUBJECT) for _ in range(3)]
    box = inbox(remembered=2)
    for event in events:
        box.remember(event)
    assert [box.has_consumed(event) for event in events] == [False, True, True]
    later = inbox(consumed=tuple(box.consumed()))
    assert [later.has_consumed(event) for event in events] == [False, True, True]


def test_what_is_no_event_is_handed_out_with_its_text() -> None:
    box = inbox()
    box.add_text(b"no event \xff")
    item = box.take()
    assert isinstance(item, Unacceptable)
    assert (item.event, item.text) == (None, "no event \ufffd")


def test_an_event_of_another_subject_is_unacceptable_even_if_its_id_was_consumed() -> None:
    stray = counted(start_count(goal=1).subject)
    box = inbox(consumed=(stray.id,))
    box.add_text(text(stray))
    item = box.take()
    assert isinstance(item, Unacceptable)
    assert item.event is not None
    assert item.event.id == stray.id
    assert "belongs to another orchestration" in str(item.error)


def test_who_joins_an_event_that_waits_unread_shares_its_delivery() -> None:
    box, event = inbox(), counted(SUBJECT)
    box.add_text(b"no event")
    box.add_text(text(event))
    joined = box.join(event)
    assert isinstance(box.take(), Unacceptable)
    assert box.take() is joined
    assert not box


def test_who_joins_an_event_that_does_not_wait_comes_last() -> None:
    box = inbox()
    box.add(counted(SUBJECT))
    joined = box.join(counted(SUBJECT))
    assert take_all(box)[-1] is joined


def test_a_cancelled_transition_that_is_due_is_dropped_and_others_stay() -> None:
    box = inbox()
    box.add_due(due("a"))
    box.add(counted(SUBJECT))
    box.add_due(due("b"))
    box.drop_due("a")
    assert [timer.schedule.id for timer in box.due()] == ["b"]
    assert len(box) == 2


def test_what_waits_is_carried_as_text_whether_it_is_read_or_not() -> None:
    box, first, second = inbox(), counted(SUBJECT), counted(SUBJECT)
    box.add_text(text(first))
    box.add_due(due("a"))
    box.add(second)
    assert list(box.texts()) == [text(first), text(second)]
    later = Inbox(SUBJECT, 10, texts=box.texts())
    assert len(later) == 2
    assert (box.arrivals, later.arrivals) == (2, 0)


def test_who_joins_a_pile_reads_nothing_of_it_and_gets_the_outcome_of_its_turn() -> None:
    box, event = inbox(), counted(SUBJECT)
    box.add_text(text(event))
    for _ in range(3):
        box.add_text(b"no event")
    joined = box.join(event)
    assert len(box) == 5
    assert box.take() is joined
    assert [type(item) for item in take_all(box)] == [Unacceptable] * 3
    assert not box


def test_cancelling_takes_the_same_time_however_much_waits() -> None:
    box = inbox()
    box._items = Countless([b"no event"] * 100)
    for _ in range(100):
        box.add_due(due("a"))
        box.drop_due("a")
    box.join(counted(SUBJECT))
    assert [type(item) for item in take_all(box)] == [Unacceptable] * 100 + [Delivery]


class Countless(deque[Any]):
    """A queue that nobody walks through."""

    def __iter__(self) -> Any:
        raise AssertionError("walked through")


@pytest.mark.parametrize("name", ["id", "source", "to", "accesscontrol", "parentid", "traceparent", "tracestate"])
def test_an_event_with_a_field_of_any_length_is_unacceptable_and_not_kept(name: str) -> None:
    box = inbox()
    for length in (2_000, 2_001):
        box.add_text(json.dumps({**counted(SUBJECT).to_json(), name: "x" * length}).encode())
    longest, longer = take_all(box)
    assert isinstance(longest, Delivery)
    assert isinstance(longer, Unacceptable)
    assert longer.event is None
    assert f"field '{name}' of this event has 2,001 characters" in str(longer.error)

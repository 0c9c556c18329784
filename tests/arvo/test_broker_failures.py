"""What one event makes somebody raise is told, and takes no other event along."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from arvo import (
    ArvoEvent,
    ContractViolation,
    ExecutionViolation,
    SimpleEventBroker,
    create_arvo_event_handler,
    emit,
)
from tests.arvo.counting import add_contract, add_handler, count_orchestrator, start

BAD = replace(start(), data={"goal": 1})
NOTES = [emit({"type": f"com.note.{letter}", "data": {}, "domain": [None, "out"]}) for letter in "abc"]
NOTING = {"id": "m", "initial": "s", "states": {"s": {"entry": NOTES}}}


def fail(event: ArvoEvent, *_: Any) -> None:
    raise LookupError(event.type)


async def fail_late(event: ArvoEvent, *_: Any) -> None:
    await asyncio.sleep(0)
    fail(event)


def carried(broker: SimpleEventBroker) -> list[ArvoEvent]:
    """What is seen of the notes, each by a subscriber of its own."""
    seen: list[ArvoEvent] = []
    for letter in "abc":
        broker.subscribe(f"com.note.{letter}", seen.append)
    return seen


async def test_a_violation_is_raised_when_all_that_waits_is_carried() -> None:
    broker = SimpleEventBroker([count_orchestrator(), add_handler()])
    init = start(goal=2)

    async def both(event: ArvoEvent) -> None:
        await broker.publish(replace(BAD, id="bad"))
        await broker.publish(init)

    broker.subscribe("com.test.both", both)
    with pytest.raises(ContractViolation, match="parentSubject") as caught:
        await broker.publish(replace(init, id="both", type="com.test.both", to="com.test.both"))
    assert not getattr(caught.value, "__notes__", [])
    assert broker.events[-1].type == "arvo.orc.count.done"
    assert broker.queue_length == 0
    assert await broker.resolve(start()) is not None, "the broker goes on"


async def test_a_violation_is_told_and_the_broker_goes_on() -> None:
    seen: list[tuple[str, str]] = []
    broker = SimpleEventBroker(
        [count_orchestrator(), add_handler()],
        on_error=lambda error, event: seen.append((type(error).__name__, event.id)),
    )
    await broker.publish(BAD)
    assert seen == [("ContractViolation", BAD.id)]
    assert await broker.resolve(start()) is not None


@pytest.mark.parametrize("failing", [fail, fail_late])
async def test_a_subscriber_that_raises_keeps_nobody_from_the_event(failing: Any) -> None:
    told: list[tuple[str, str]] = []
    broker = SimpleEventBroker(
        [count_orchestrator(NOTING)], on_error=lambda error, event: told.append((str(error), event.type))
    )
    broker.subscribe("com.note.b", failing)
    seen = carried(broker)
    await broker.publish(start())
    assert [event.type for event in seen] == ["com.note.a", "com.note.b", "com.note.c"]
    assert told == [("com.note.b", "com.note.b")]


@pytest.mark.parametrize("failing", [fail, fail_late])
async def test_a_hook_of_domained_events_that_raises_is_told_each_time(failing: Any) -> None:
    told: list[tuple[str, str | None]] = []

    async def on_error(error: Exception, event: ArvoEvent) -> None:
        told.append((str(error), event.domain))

    broker = SimpleEventBroker([count_orchestrator(NOTING)], on_error=on_error, on_domained_event=failing)
    seen = carried(broker)
    await broker.publish(start())
    assert told == [("com.note.a", "out"), ("com.note.b", "out"), ("com.note.c", "out")]
    assert len(seen) == 3


async def test_of_several_errors_the_first_is_raised_and_has_the_others_in_its_notes() -> None:
    broker = SimpleEventBroker([count_orchestrator(NOTING)], on_domained_event=fail)
    seen = carried(broker)
    with pytest.raises(LookupError, match=r"com\.note\.a") as caught:
        await broker.publish(start())
    notes = caught.value.__notes__
    assert len(notes) == 2
    for note, letter in zip(notes, "bc", strict=True):
        assert f"LookupError: com.note.{letter}" in note
        assert "in fail" in note, "where it was raised"
    assert len(seen) == 3
    with pytest.raises(LookupError) as again:
        await broker.publish(start())
    assert len(again.value.__notes__) == 2, "what was raised once is not raised again"


async def test_only_so_many_errors_are_shown() -> None:
    notes = [emit({"type": "com.note.a", "data": {"number": number}, "domain": ["out"]}) for number in range(30)]
    config = {"id": "m", "initial": "s", "states": {"s": {"entry": notes}}}
    broker = SimpleEventBroker([count_orchestrator(config)], on_domained_event=fail)
    with pytest.raises(LookupError) as caught:
        await broker.publish(start())
    assert len(caught.value.__notes__) == 11
    assert caught.value.__notes__[-1] == "And 19 more."


@pytest.mark.parametrize("failing", [fail, fail_late])
async def test_what_on_error_raises_is_raised_with_what_it_was_told(failing: Any) -> None:
    def on_error(error: Exception, event: ArvoEvent) -> None:
        raise AssertionError(f"not expected on {event.type}")

    broker = SimpleEventBroker([count_orchestrator(NOTING)], on_error=on_error, on_domained_event=failing)
    seen = carried(broker)
    with pytest.raises(AssertionError, match=r"com\.note\.a") as caught:
        await broker.publish(start())
    assert isinstance(caught.value.__context__, LookupError)
    assert len(seen) == 3


async def test_an_exchange_without_end_stops_at_once_and_mentions_what_was_raised() -> None:
    broker = SimpleEventBroker([count_orchestrator(), add_handler()], max_events=50)
    broker.subscribe("com.number.add", fail)
    with pytest.raises(ExecutionViolation, match="50 events") as caught:
        await broker.publish(start(goal=10_000))
    assert "LookupError" in caught.value.__notes__[0]
    assert broker.queue_length == 0
    broker = SimpleEventBroker([count_orchestrator(), add_handler()], max_events=50, on_error=lambda error, event: None)
    with pytest.raises(ExecutionViolation, match="50 events"):
        await broker.publish(start(goal=10_000))


async def test_being_cancelled_leaves_a_broker_that_can_be_used() -> None:
    begun = asyncio.Event()

    async def wait_for_ever() -> None:
        begun.set()
        await asyncio.Event().wait()

    waiting = create_arvo_event_handler(contract=add_contract, executionunits=1, handler={"1.0.0": wait_for_ever})
    broker = SimpleEventBroker([count_orchestrator(NOTING), waiting], on_domained_event=fail)
    seen = carried(broker)
    request = replace(start(), type="com.number.add", to="com.number.add", dataschema="#/test/add/1.0.0")
    request = replace(request, data={"left": 1, "right": 1})
    broker.subscribe("com.note.c", lambda event: broker.publish(request))
    broker.subscribe("com.note.c", lambda event: broker.publish(replace(request, id="waits behind it")))
    task = asyncio.create_task(broker.publish(start()))
    await begun.wait()
    assert broker.queue_length == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    assert len(caught.value.__notes__) == 3, "what the hook raised is seen"
    await broker.publish(replace(request, to="com.note.a"))
    assert [event.type for event in seen] == ["com.note.a", "com.note.b", "com.note.c", "com.number.add"]


def two_that_fail_after_10_ms(**options: Any) -> SimpleEventBroker:
    ask = emit({"type": "com.number.add", "data": {}})
    states = {"waiting": {"after": {"10": {"target": "gone", "actions": ask}}}, "gone": {}}
    return SimpleEventBroker([count_orchestrator({"id": "m", "initial": "waiting", "states": states})], **options)


async def test_a_delayed_transition_that_fails_keeps_no_other_from_happening() -> None:
    told: list[str] = []
    broker = two_that_fail_after_10_ms(on_error=lambda error, event: told.append(event.id))
    inits = [start(), start()]
    for init in inits:
        await broker.publish(init)
    await broker.advance(100)
    assert told == [init.id for init in inits]
    broker = two_that_fail_after_10_ms()
    for init in inits:
        await broker.publish(init)
    with pytest.raises(ContractViolation) as caught:
        await broker.advance(100)
    assert len(caught.value.__notes__) == 1
    assert broker.now_ms == 100


async def test_time_cannot_pass_and_nothing_be_resolved_while_events_are_carried() -> None:
    broker = SimpleEventBroker([count_orchestrator(NOTING)])
    broker.subscribe("com.note.a", lambda event: broker.advance(10))

    async def ask(event: ArvoEvent) -> None:
        await broker.resolve(start())

    with pytest.raises(RuntimeError, match=r"advance was called while") as caught:
        await broker.publish(start())
    assert "To fix" in str(caught.value)
    broker = SimpleEventBroker([count_orchestrator(NOTING)])
    broker.subscribe("com.note.a", ask)
    with pytest.raises(RuntimeError, match=r"resolve was called while"):
        await broker.publish(start())

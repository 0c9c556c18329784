"""A whole system in one process."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from arvo import (
    ArvoEvent,
    ExecutionViolation,
    HandlerOutput,
    SimpleEventBroker,
    create_arvo_event_factory,
    create_arvo_event_handler,
    emit,
)
from tests.arvo.counting import CONFIG, add_contract, add_handler, answer, count_orchestrator, start


def system(**options: Any) -> SimpleEventBroker:
    return SimpleEventBroker([count_orchestrator(), add_handler()], **options)


async def test_a_chain_of_events_is_resolved_to_its_last_one() -> None:
    broker = system()
    final = await broker.resolve(start(goal=3))
    assert final is not None
    assert (final.type, final.data) == ("arvo.orc.count.done", {"total": 3})
    types = [event.type for event in broker.events]
    assert types == ["arvo.orc.count", *["com.number.add", "evt.number.add.success"] * 3, "arvo.orc.count.done"]


async def test_the_order_of_events_is_the_same_every_time() -> None:
    init, first, second = start(goal=4), system(), system()
    await first.publish(init)
    await second.publish(init)
    assert [event.id for event in first.events] == [event.id for event in second.events]


async def test_a_chain_without_an_answer_resolves_to_none() -> None:
    assert await SimpleEventBroker([count_orchestrator()]).resolve(start()) is None


async def test_an_event_of_a_handler_of_the_broker_cannot_be_resolved() -> None:
    with pytest.raises(ValueError, match=r"'com\.number\.add' is a handler of this broker"):
        await system().resolve(ArvoEvent.from_json({**start().to_json(), "source": "com.number.add"}))


async def test_events_are_carried_in_the_order_in_which_they_were_sent() -> None:
    notes = [emit({"type": f"com.note.{letter}", "data": {}}) for letter in "abc"]
    broker = SimpleEventBroker([count_orchestrator({"id": "m", "initial": "s", "states": {"s": {"entry": notes}}})])
    seen: list[str] = []

    async def note(event: ArvoEvent) -> None:
        seen.append(event.type)
        if event.type != "com.note.d":
            await broker.publish(replace(event, type="com.note.d", to="com.note.d", id=f"after {event.type}"))

    for letter in "abcd":
        broker.subscribe(f"com.note.{letter}", note)
    await broker.publish(start())
    assert seen == ["com.note.a", "com.note.b", "com.note.c", *["com.note.d"] * 3]
    assert [event.id for event in broker.events[4:]] == ["after com.note.a", "after com.note.b", "after com.note.c"]


async def test_the_last_answer_is_resolved_also_if_it_has_left_the_system_and_come_back() -> None:
    async def come_back(event: ArvoEvent, broker: SimpleEventBroker) -> None:
        await broker.publish(event)

    orchestrator = count_orchestrator(default_event_emission_domains={"complete": ["out"]})
    broker = SimpleEventBroker([orchestrator, add_handler()], on_domained_event=come_back)
    final = await broker.resolve(start(goal=1))
    assert final is not None
    assert (final.type, final.domain) == ("arvo.orc.count.done", "out")
    gone = SimpleEventBroker([count_orchestrator(default_event_emission_domains={"complete": ["out"]}), add_handler()])
    assert await gone.resolve(start(goal=1)) is None, "it has left and not come back"


async def test_of_several_answers_the_last_one_is_resolved_each_time_anew() -> None:
    def answer_twice() -> list[HandlerOutput]:
        return [{"type": "evt.number.add.success", "data": {"sum": number}} for number in (1, 2)]

    adding = create_arvo_event_handler(contract=add_contract, executionunits=1, handler={"1.0.0": answer_twice})
    broker, factory = SimpleEventBroker([adding]), create_arvo_event_factory(add_contract.version("1.0.0"))
    request = factory.accepts(source="com.test.app", subject="s", data={"left": 1, "right": 1})
    for _ in range(2):
        final = await broker.resolve(request)
        assert final is not None
        assert final.data == {"sum": 2}
    nobody = replace(request, id="other", to="com.no.body")
    assert await broker.resolve(nobody) is None, "what came back earlier does not count"
    assert await broker.resolve(replace(request, id="own", to="com.test.app")) is None, "nor does the question"


async def test_an_orchestration_consumes_an_event_once_and_a_handler_each_time() -> None:
    broker, init = SimpleEventBroker([count_orchestrator()]), start(goal=3)
    first = answer(init, 1, to="arvo.orc.count")
    for event in (init, first, init, first):
        await broker.publish(event)
    requests = [event for event in broker.events if event.type == "com.number.add"]
    assert [event.data["left"] for event in requests] == [0, 1]
    broker = SimpleEventBroker([add_handler()])
    for _ in range(2):
        await broker.publish(requests[0])
    assert [event.type for event in broker.events] == ["com.number.add", "evt.number.add.success"] * 2


async def test_an_event_with_a_domain_and_without_a_contract_may_be_answered_from_outside() -> None:
    note = emit({"type": "com.note.taken", "data": {}, "domain": ["out"]})
    broker = SimpleEventBroker([count_orchestrator({"id": "m", "initial": "s", "states": {"s": {"entry": note}}})])
    await broker.publish(start())
    assert [event.type for event in broker.events] == ["arvo.orc.count", "com.note.taken"]


async def test_events_with_a_domain_leave_through_the_hook_and_may_come_back() -> None:
    outside: list[ArvoEvent] = []

    async def forward(event: ArvoEvent, broker: SimpleEventBroker) -> None:
        outside.append(event)
        await broker.publish(event)

    orchestrator = count_orchestrator(default_event_emission_domains={"services": ["out"]})
    broker = SimpleEventBroker([orchestrator, add_handler()], on_domained_event=forward)
    assert await broker.resolve(start(goal=1)) is not None
    assert [event.domain for event in outside] == ["out"], "the answer comes back to the orchestration's own domain"


async def test_an_exchange_without_end_is_found() -> None:
    with pytest.raises(ExecutionViolation, match="50 events"):
        await system(max_events=50).publish(start(goal=10_000))


def test_two_handlers_of_one_source_are_refused() -> None:
    with pytest.raises(ValueError, match=r"com\.number\.add"):
        SimpleEventBroker([add_handler(), add_handler()])


def delayed(**waiting: Any) -> SimpleEventBroker:
    states = {**CONFIG["states"], "waiting": waiting}
    return SimpleEventBroker([count_orchestrator({**CONFIG, "initial": "waiting", "states": states}), add_handler()])


async def test_delayed_transitions_happen_when_time_passes() -> None:
    broker, init = delayed(after={"1000": "adding"}), start(goal=2)
    await broker.publish(init)
    await broker.advance(999)
    assert [event.type for event in broker.events] == ["arvo.orc.count"]
    await broker.advance(1)
    assert broker.events[-1].type == "arvo.orc.count.done"
    assert broker.events[-1].parentid == init.id
    assert broker.now_ms == 1000


async def test_a_delayed_transition_that_repeats_itself_sends_new_events_each_time() -> None:
    tick = emit({"type": "com.clock.tick", "data": {}})
    broker = delayed(entry=[tick], after={"10": {"target": "waiting", "reenter": True}})
    await broker.publish(start())
    await broker.advance(30)
    ticks = [event.id for event in broker.events if event.type == "com.clock.tick"]
    assert len(ticks) == len(set(ticks)) == 4


async def test_leaving_a_state_cancels_its_delayed_transition() -> None:
    broker = delayed(after={"1000": "done"}, always="adding")
    await broker.publish(start(goal=1))
    events = len(broker.events)
    await broker.advance(5000)
    assert len(broker.events) == events

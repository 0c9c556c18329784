"""A whole system in one process."""

from __future__ import annotations

from typing import Any

import pytest

from arvo import ArvoEvent, ContractViolation, ExecutionViolation, SimpleEventBroker, emit
from tests.arvo.counting import CONFIG, add_handler, count_orchestrator, start


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


async def test_events_with_a_domain_leave_through_the_hook_and_may_come_back() -> None:
    outside: list[ArvoEvent] = []

    async def forward(event: ArvoEvent, broker: SimpleEventBroker) -> None:
        outside.append(event)
        await broker.publish(event)

    orchestrator = count_orchestrator(default_event_emission_domains={"services": ["out"]})
    broker = SimpleEventBroker([orchestrator, add_handler()], on_domained_event=forward)
    assert await broker.resolve(start(goal=1)) is not None
    assert [event.domain for event in outside] == ["out"], "the answer comes back to the orchestration's own domain"


async def test_a_violation_is_raised_or_told_to_the_hook() -> None:
    bad = ArvoEvent.from_json({**start().to_json(), "data": {"goal": 1}})
    with pytest.raises(ContractViolation):
        await system().publish(bad)
    seen: list[tuple[str, str]] = []
    broker = system(on_error=lambda error, event: seen.append((type(error).__name__, event.id)))
    await broker.publish(bad)
    assert seen == [("ContractViolation", bad.id)]
    assert await broker.resolve(start()) is not None, "the broker goes on"


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

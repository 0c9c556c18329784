"""An event is named by its source and its id together; nothing goes by an id alone that an author may choose."""

from __future__ import annotations

from dataclasses import replace

from arvo import ArvoEvent, SimpleEventBroker
from arvo_temporal import Fate, Limits
from tests.apps import counted, counter_app, start_count
from tests.arvo.counting import answer, count_orchestrator, start
from tests.conftest import Serve


def numbered(subject: str, source: str, by: int = 1, number: int = 1) -> ArvoEvent:
    """Return an event of a sender that numbers its events."""
    return replace(counted(subject, by), source=source, id=str(number))


async def test_the_events_of_two_senders_that_number_them_are_all_consumed(serve: Serve) -> None:
    init = start_count(goal=6)
    legal, sales = numbered(init.subject, "legal"), numbered(init.subject, "sales", by=2)
    async with serve(counter_app(Limits(deliveries_per_run=3))) as client:
        for event in (init, legal, sales):
            assert (await client.execute(event)).fate is Fate.APPLIED
        await client.deliver(legal)
        repeated = await client.execute(sales)
        await client.deliver(numbered(init.subject, "sales", by=3, number=2))
        record = await client.result(init.subject)
        ledger = await client.ledger(init.subject)
    assert record["state"]["output"] == {"total": 6, "seen": [1, 2, 3]}
    assert repeated.fate is Fate.DUPLICATE
    applied = [(entry.source, entry.id) for entry in ledger.entries if entry.fate is Fate.APPLIED]
    assert applied == [init.key, ("legal", "1"), ("sales", "1"), ("sales", "2")]
    assert ledger.counts[Fate.APPLIED] == 4


async def test_what_was_refused_is_redriven_by_source_and_id(serve: Serve) -> None:
    init = start_count(goal=9)
    wrong = [replace(numbered(init.subject, source), data={"by": source}) for source in ("legal", "sales")]
    wrong.append(replace(numbered(init.subject, "legal", number=2), data={"by": "two"}))
    async with serve(counter_app()) as client:
        for event in (init, *wrong):
            await client.deliver(event)
        (of_any,) = await client.redrive(init.subject, ["1"])
        (of_sales,) = await client.redrive(init.subject, ["1"], source="sales")
        (unique,) = await client.redrive(init.subject, ["2"])
        of_legal = await client.redrive(init.subject, source="legal")
        every = await client.redrive(init.subject)
    assert of_any.fate is None
    assert "'legal', 'sales'" in (of_any.reason or "")
    assert (of_sales.source, of_sales.id, of_sales.fate) == ("sales", "1", Fate.REFUSED)
    assert (unique.source, unique.fate) == ("legal", Fate.REFUSED)
    assert [(result.source, result.id) for result in of_legal] == [("legal", "1"), ("legal", "2")]
    assert [(result.source, result.id) for result in every] == [("legal", "1"), ("sales", "1"), ("legal", "2")]


async def test_the_broker_tells_repetitions_by_the_same_rule() -> None:
    broker = SimpleEventBroker([count_orchestrator()])
    init = start(goal=2)
    await broker.publish(init)
    first = replace(answer(broker.events[-1], 1, to="arvo.orc.count"), source="legal", id="1")
    second = replace(first, source="sales", data={"sum": 2})
    for event in (init, first, first):
        await broker.publish(event)
    assert [event.type for event in broker.events].count("com.number.add") == 2, "asked again after the first answer"
    await broker.publish(second)
    assert broker.events[-1].type == "arvo.orc.count.done"


async def test_what_comes_too_early_in_the_broker_can_be_sent_again() -> None:
    broker = SimpleEventBroker([count_orchestrator()])
    init = start(goal=2)
    early = answer(init, 2, to="arvo.orc.count")
    for event in (early, init, early):
        await broker.publish(event)
    assert broker.events[-1].type == "arvo.orc.count.done"

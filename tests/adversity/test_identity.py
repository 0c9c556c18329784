"""An event is named by its source and its id together; nothing goes by an id alone that an author may choose."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from arvo import (
    ArvoEvent,
    ArvoEventHandler,
    ArvoOrchestrator,
    HandlerOutput,
    ResumableOutput,
    SimpleEventBroker,
    assign,
    create_arvo_event_handler,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    create_arvo_resumable,
    create_simple_arvo_contract,
    emit,
    setup_arvo_machine,
)
from arvo_temporal import ArvoApp, EmissionPolicy, Fate, Limits
from tests.apps import counted, start_count
from tests.arvo.counting import answer, count_orchestrator, start
from tests.conftest import Serve
from tests.polling import PATIENCE, eventually
from tests.resumables import Kind, as_machine_and_function, counter_app, orchestrator_of, output_of


def numbered(subject: str, source: str, by: int = 1, number: int = 1) -> ArvoEvent:
    """Return an event of a sender that numbers its events."""
    return replace(counted(subject, by), source=source, id=str(number))


@as_machine_and_function
async def test_the_events_of_two_senders_that_number_them_are_all_consumed(serve: Serve, kind: Kind) -> None:
    init = start_count(goal=6)
    legal, sales = numbered(init.subject, "legal"), numbered(init.subject, "sales", by=2)
    async with serve(counter_app(Limits(deliveries_per_run=3), kind=kind)) as client:
        for event in (init, legal, sales):
            assert (await client.execute(event)).fate is Fate.APPLIED
        await client.deliver(legal)
        repeated = await client.execute(sales)
        await client.deliver(numbered(init.subject, "sales", by=3, number=2))
        record = await client.result(init.subject)
        ledger = await client.ledger(init.subject)
    assert output_of(record) == {"total": 6, "seen": [1, 2, 3]}
    assert repeated.fate is Fate.DUPLICATE
    applied = [(entry.source, entry.id) for entry in ledger.entries if entry.fate is Fate.APPLIED]
    assert applied == [init.key, ("legal", "1"), ("sales", "1"), ("sales", "2")]
    assert ledger.counts[Fate.APPLIED] == 4


@as_machine_and_function
async def test_what_was_refused_is_redriven_by_source_and_id(serve: Serve, kind: Kind) -> None:
    init = start_count(goal=9)
    wrong = [replace(numbered(init.subject, source), data={"by": source}) for source in ("legal", "sales")]
    wrong.append(replace(numbered(init.subject, "legal", number=2), data={"by": "two"}))
    async with serve(counter_app(kind=kind)) as client:
        for event in (init, *wrong):
            await client.deliver(event)
        await eventually(lambda: client.violations(init.subject), lambda refused: len(refused) == len(wrong))
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


@as_machine_and_function
async def test_the_broker_tells_repetitions_by_the_same_rule(kind: Kind) -> None:
    broker = SimpleEventBroker([orchestrator_of("arvo.orc.counter", kind)])
    init = start_count(goal=3)
    first, second = numbered(init.subject, "legal"), numbered(init.subject, "sales", by=2)
    for event in (init, first, first, second):
        await broker.publish(event)
    (done,) = [event for event in broker.events if event.type == "arvo.orc.counter.done"]
    assert done.data == {"total": 3, "seen": [1, 2]}


async def test_what_comes_too_early_in_the_broker_can_be_sent_again() -> None:
    broker = SimpleEventBroker([count_orchestrator()])
    init = start(goal=2)
    early = answer(init, 2, to="arvo.orc.count")
    for event in (early, init, early):
        await broker.publish(event)
    assert broker.events[-1].type == "arvo.orc.count.done"


class Order(BaseModel):
    """An order, whose number becomes the id of all that is asked for it; services fail if `fails`."""

    number: str
    fails: bool


class Item(BaseModel):
    """What one request is about."""

    name: str
    fails: bool


class Answers(BaseModel):
    """What has come back, sorted."""

    seen: list[str]


order_contract = create_arvo_orchestrator_contract(
    uri="#/test/order", name="order", versions={"1.0.0": {"init": Order, "complete": Answers}}
)
stock_contract, bill_contract = (
    create_simple_arvo_contract(
        uri=f"#/test/{name}", type=f"{name}.ask", versions={"1.0.0": {"accepts": Item, "emits": Item}}
    )
    for name in ("stock", "bill")
)
REQUESTS = [("com.stock.ask", "apples"), ("com.stock.ask", "pears"), ("com.bill.ask", "apples")]


def request(type_: str, name: str) -> object:
    return emit(
        lambda context: {
            "type": type_,
            "id": context["order"]["number"],
            "data": {"name": name, "fails": context["order"]["fails"]},
        }
    )


def orders() -> ArvoOrchestrator:
    """Return an orchestrator that gives all its requests one id, and is done when each has been answered."""
    note = assign(lambda context, event: {"seen": [*context["seen"], event.data.get("name") or event.type]})
    types = ("evt.stock.ask.success", "evt.bill.ask.success", "sys.com.stock.ask.error", "sys.com.bill.ask.error")
    machine = setup_arvo_machine(
        contracts={
            "self": order_contract.version("1.0.0"),
            "services": {"stock": stock_contract.version("1.0.0"), "bill": bill_contract.version("1.0.0")},
        },
        actions={"note": note},
        guards={"all": lambda context: len(context["seen"]) == len(REQUESTS)},
    ).create_machine(
        {
            "id": "order",
            "context": lambda input: {"order": input.data, "seen": []},
            "initial": "asking",
            "output": lambda context: {"seen": sorted(context["seen"])},
            "states": {
                "asking": {
                    "entry": [request(type_, name) for type_, name in REQUESTS],
                    "on": {type_: {"actions": "note"} for type_ in types},
                    "always": {"guard": "all", "target": "over"},
                },
                "over": {"type": "final"},
            },
        }
    )
    return create_arvo_orchestrator(executionunits=1, machines=[machine])


def ask_all(context: Any, input: ArvoEvent | None, service: ArvoEvent | None) -> ResumableOutput:
    """Do as the machine does."""
    if input is not None:
        number, fails = input.data["number"], input.data["fails"]
        requests = [{"type": type_, "id": number, "data": {"name": name, "fails": fails}} for type_, name in REQUESTS]
        return {"context": {"seen": []}, "services": requests}
    assert service is not None
    seen = [*context["seen"], service.data.get("name") or service.type]
    return {"output": {"seen": sorted(seen)}} if len(seen) == len(REQUESTS) else {"context": {"seen": seen}}


ordering = create_arvo_resumable(
    contracts={
        "self": order_contract,
        "services": {"stock": stock_contract.version("1.0.0"), "bill": bill_contract.version("1.0.0")},
    },
    handler={"1.0.0": ask_all},
)
of_both = pytest.mark.parametrize("orchestrator", [orders(), ordering], ids=["machine", "step"])


def services() -> list[ArvoEventHandler]:
    def handle(event: ArvoEvent) -> HandlerOutput:
        if event.data["fails"]:
            raise RuntimeError("boom")
        return {"type": f"evt.{event.type[4:]}.success", "data": event.data}

    return [
        create_arvo_event_handler(contract=contract, executionunits=1, handler={"1.0.0": handle})
        for contract in (stock_contract, bill_contract)
    ]


def order(fails: bool) -> ArvoEvent:
    return create_arvo_orchestrator_event_factory(order_contract.version("1.0.0")).init(
        source="com.test.app", data={"parentSubject$$": None, "number": "4711", "fails": fails}
    )


ANSWERS = ["apples", "apples", "pears"]
ERRORS = ["sys.com.bill.ask.error", "sys.com.stock.ask.error", "sys.com.stock.ask.error"]


@pytest.mark.parametrize(("fails", "seen"), [(False, ANSWERS), (True, ERRORS)], ids=["answered", "failed"])
@of_both
async def test_requests_that_have_one_id_are_all_answered(
    serve: Serve, fails: bool, seen: list[str], orchestrator: Any
) -> None:
    init = order(fails)
    async with serve(ArvoApp(orchestrators=[orchestrator], handlers=services())) as client:
        await client.deliver(init)
        record = await asyncio.wait_for(client.result(init.subject), PATIENCE)
    assert output_of(record) == {"seen": seen}
    final = await SimpleEventBroker([orchestrator, *services()]).resolve(init)
    assert final is not None, "in one process too"
    assert final.data == {"seen": seen}


@of_both
async def test_requests_that_have_one_id_and_are_never_answered_are_all_reported(
    serve: Serve, orchestrator: Any
) -> None:
    init = order(fails=False)
    queues = {"com.stock.ask": "nobody-polls", "com.bill.ask": "nobody-polls"}
    policy = EmissionPolicy(deadline=timedelta(milliseconds=200))
    app = ArvoApp(orchestrators=[orchestrator], task_queues=queues, policies=dict.fromkeys(queues, policy))
    async with serve(app) as client:
        await client.deliver(init)
        record = await asyncio.wait_for(client.result(init.subject), PATIENCE)
    assert output_of(record) == {"seen": ERRORS}

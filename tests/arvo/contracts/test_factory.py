"""Events made by factories."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from arvo.contracts import (
    create_arvo_event_factory,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    create_simple_arvo_contract,
)
from arvo.errors import InvalidContractError, InvalidPayloadError, InvalidSubjectError, UnknownEventTypeError
from arvo.events.subject import ArvoOrchestrationSubject


class Order(BaseModel):
    number: int
    note: str = "none"


class Answer(BaseModel):
    ok: bool


SERVICE = create_simple_arvo_contract(
    uri="#/services/order",
    type="order.create",
    domain="orders",
    versions={"1.0.0": {"accepts": Order, "emits": Answer}},
).version("1.0.0")
FLOW = create_arvo_orchestrator_contract(
    uri="#/orchestrators/order", name="order", versions={"1.0.0": {"init": Order, "complete": Answer}}
).version("1.0.0")
service = create_arvo_event_factory(SERVICE)
flow = create_arvo_orchestrator_event_factory(FLOW)


def test_the_checked_data_is_sent() -> None:
    event = service.accepts(source="com.web.shop", data={"number": 1, "unknown": True})
    assert event.data == {"number": 1, "note": "none"}
    assert event.dataschema == "#/services/order/1.0.0"
    assert event.domain is None


def test_data_may_be_a_model() -> None:
    event = service.emits(type="evt.order.create.success", source="com.order.create", data=Answer(ok=True))
    assert event.data == {"ok": True}


def test_without_a_subject_there_is_a_new_one() -> None:
    event = service.accepts(source="com.web.shop", data={"number": 1}, domain="eu.west", redirectto="com.back.office")
    content = ArvoOrchestrationSubject.parse(event.subject)
    assert content.orchestrator.name == "com.order.create"
    assert content.execution.initiator == "com.web.shop"
    assert content.execution.domain == event.domain == "eu.west"
    assert dict(content.meta) == {"redirectto": "com.back.office"}


def test_a_source_that_can_be_no_initiator_needs_a_subject() -> None:
    with pytest.raises(InvalidSubjectError):
        service.accepts(source="shop", data={"number": 1})
    assert service.accepts(source="shop", data={"number": 1}, subject="order-1").source == "shop"


def test_a_type_that_the_contract_lacks_is_refused_with_those_that_it_has() -> None:
    with pytest.raises(UnknownEventTypeError, match=r"It emits: evt\.order\.create\.success"):
        service.emits(type="evt.order.lost", source="com.order.create", data={})


def test_data_that_does_not_fit_is_refused() -> None:
    with pytest.raises(InvalidPayloadError, match=r"com\.order\.create.*number") as refusal:
        service.accepts(source="com.web.shop", data={})
    assert refusal.value.paths == ["number"]


def test_a_system_error_tells_of_the_exception() -> None:
    try:
        raise ValueError("no such order \ud800")
    except ValueError as error:
        event = service.system_error(source="com.order.create", subject="order-1", error=error)
    assert event.type == "sys.com.order.create.error"
    assert event.dataschema == "#/services/order/0.0.0"
    assert event.data["errorName"] == "ValueError"
    assert event.data["errorMessage"] == "no such order \\ud800"
    assert "test_factory.py" in event.data["errorStack"]


def test_a_child_belongs_to_its_parent() -> None:
    parent = ArvoOrchestrationSubject.new(
        orchestrator="arvo.orc.parent", version="1.0.0", initiator="com.web.shop", domain="eu.west"
    )
    event = flow.init(source="arvo.orc.parent", data={"number": 1, "parentSubject$$": parent})
    content = ArvoOrchestrationSubject.parse(event.subject)
    assert content.execution.initiator == "arvo.orc.parent"
    assert content.execution.domain == "eu.west"
    assert content.meta["redirectto"] == "com.web.shop"
    assert event.domain is None
    assert event.redirectto is None


def test_a_completion_follows_the_contract() -> None:
    event = flow.complete(source="arvo.orc.order", subject="order-1", data={"ok": True})
    assert event.type == "arvo.orc.order.done"


def test_only_orchestrators_have_init_events() -> None:
    with pytest.raises(InvalidContractError, match="not an orchestrator's"):
        create_arvo_orchestrator_event_factory(SERVICE)

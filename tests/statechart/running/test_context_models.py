"""Context as a pydantic model: assignments are checked, and the snapshot's JSON is the model's."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from arvo.statechart import (
    ActionError,
    DefinitionError,
    RestoreError,
    assign,
    create_machine,
    initial_transition,
    transition,
)


class Line(BaseModel):
    sku: str
    price: Decimal


class Order(BaseModel):
    model_config = ConfigDict(frozen=True)

    lines: list[Line] = []
    total: Decimal = Decimal(0)
    opened: datetime = datetime(2025, 1, 1, tzinfo=UTC)
    buyer: str = Field(default="nobody", alias="buyerName")


def add(context: Order, event: dict[str, Any]) -> dict[str, object]:
    line = Line(sku=event["sku"], price=event["price"])
    return {"lines": [*context.lines, line], "total": context.total + line.price}


def order(action: Any, context: Any = Order) -> Any:
    config = {
        "id": "order",
        "initial": "open",
        "context": context,
        "states": {"open": {"on": {"E": {"actions": action}}}},
    }
    machine = create_machine(config, context=Order)
    return machine, initial_transition(machine, {"buyer": "Ada"})[0]


@pytest.mark.parametrize(
    "context",
    [Order, Order(), lambda: Order(), lambda: {}, lambda input: {"buyerName": "nobody"}, {"buyer": "nobody"}, None],
)
def test_the_first_context_may_be_given_in_many_ways(context: Any) -> None:
    _, snapshot = order([], context)
    assert snapshot.context == Order()


def test_the_model_may_be_told_by_the_context_alone() -> None:
    def start(input: dict[str, Any]) -> Order:
        return Order(buyerName=input["buyer"])

    machine = create_machine({"initial": "a", "context": start, "states": {"a": {}}})
    restored: Any = machine.restore(initial_transition(machine, {"buyer": "Ada"})[0].to_json())
    assert restored.context == Order(buyerName="Ada")


def test_json_is_the_model_s_and_comes_back_as_the_model() -> None:
    machine, snapshot = order(assign(add))
    snapshot, _ = transition(machine, snapshot, {"type": "E", "sku": "tea", "price": "2.50"})
    data = snapshot.to_json()
    assert data["context"] == {
        "lines": [{"sku": "tea", "price": "2.50"}],
        "total": "2.50",
        "opened": "2025-01-01T00:00:00Z",
        "buyer": "nobody",
    }
    assert machine.restore(data) == snapshot
    assert machine.restore(data).context.lines[0].price == Decimal("2.50")


def test_an_assignment_is_validated_and_nothing_happens_if_it_does_not_fit() -> None:
    machine, snapshot = order(assign({"total": "much"}))
    with pytest.raises(ValidationError, match="total"):
        transition(machine, snapshot, {"type": "E"})
    assert snapshot.context == Order()


def test_an_assignment_is_converted_as_the_model_converts() -> None:
    machine, snapshot = order(assign({"total": "12.30"}))
    assert transition(machine, snapshot, {"type": "E"})[0].context.total == Decimal("12.30")


def test_a_field_that_the_model_lacks_is_found_when_the_machine_is_created() -> None:
    with pytest.raises(DefinitionError, match=r"no field 'totl'[\s\S]*write 'total'"):
        order(assign({"totl": 1}))


def test_a_field_that_the_model_lacks_is_found_when_it_is_computed() -> None:
    machine, snapshot = order(assign(lambda: {"totl": 1}))
    with pytest.raises(ActionError, match="Order has no field 'totl'; it has lines, total, opened, buyer"):
        transition(machine, snapshot, {"type": "E"})


def test_an_assignment_that_is_no_mapping_is_named() -> None:
    def three() -> Any:
        return 3

    machine, snapshot = order(assign(three))
    with pytest.raises(ActionError, match="three returned 3; return a mapping"):
        transition(machine, snapshot, {"type": "E"})


def test_unknown_fields_are_welcome_where_the_model_allows_them() -> None:
    class Open(BaseModel):
        model_config = ConfigDict(extra="allow")

    machine = create_machine({"initial": "a", "entry": assign({"more": 1}), "states": {"a": {}}}, context=Open)
    snapshot, _ = initial_transition(machine)
    assert snapshot.to_json()["context"] == {"more": 1}
    assert machine.restore(snapshot.to_json()) == snapshot


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "needs 'status', 'value' and 'context'"),
        ({"status": "active", "value": "gone", "context": {}}, "State 'gone' does not exist on 'order'"),
        ({"status": "active", "value": 3, "context": {}}, "3 is no state value"),
        ({"status": "active", "value": {"open": {"x": {}}}, "context": {}}, "'x' does not exist on 'order.open'"),
        ({"status": "active", "value": "open", "context": {}, "historyValue": [1]}, "historyValue must look like"),
        ({"status": "asleep", "value": "open", "context": {}}, "'asleep' is no status"),
    ],
)
def test_a_snapshot_that_does_not_fit_is_refused(data: dict[str, Any], message: str) -> None:
    machine, _ = order([])
    with pytest.raises(RestoreError, match=message):
        machine.restore(data)


def test_a_context_that_does_not_fit_the_model_is_refused() -> None:
    machine, _ = order([])
    with pytest.raises(ValidationError, match="total"):
        machine.restore({"status": "active", "value": "open", "context": {"total": "much"}})

"""Paths through machines with contracts: their events, what comes of them, and what they cannot reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, BaseModel

from arvo import (
    ArvoEvent,
    ArvoMachine,
    ContractViolation,
    assign,
    create_arvo_contract,
    create_arvo_orchestrator_contract,
    emit,
    setup_arvo_machine,
)
from arvo.errors import InvalidPayloadError
from arvo.statechart import TraversalError, create_machine
from arvo.statechart.graph import target_name
from arvo.testing import ArvoPath, UnreachedWarning, arvo_paths
from examples.orders.order import order_machine
from examples.orders.shipment import shipment_machine

ORDER: Mapping[str, Any] = {
    "order_id": "42",
    "customer": "Ada",
    "card": "4242",
    "parcels": [{"number": 1, "skus": ["a"], "address": "x"}],
}


def costing(price: int) -> dict[str, Any]:
    return {**ORDER, "items": [{"sku": "a", "quantity": 1, "price": price}]}


ORDERS = arvo_paths(order_machine, events={"arvo.orc.order": [costing(1), costing(200_000)]})
SHIPMENTS = arvo_paths(shipment_machine)


@pytest.mark.parametrize("path", [*ORDERS, *SHIPMENTS], ids=str)
def test_a_path_runs_by_the_orchestrator(path: ArvoPath) -> None:
    run = path.run()
    assert run.value == path.path.state.value == run.record["value"]
    assert len(run.steps) == path.path.weight + 1
    assert {event.subject for event in run.produced if not event.type.startswith("arvo.orc.")} <= {
        run.record["subject"]
    }


def test_the_paths_lead_to_every_state_and_transition() -> None:
    names = {target_name(target) for path in ORDERS for target in path.targets}
    states = {target_name(one) for one in order_machine.logic.states() if one.parent}
    transitions = {target_name(one) for one in order_machine.logic.transitions()}
    assert names == states | transitions


def test_the_case_of_an_event_is_part_of_the_name() -> None:
    names = [str(path) for path in ORDERS]
    assert "evt.stock.reserved -> evt.payment.authorized -> shipping" in names
    assert "arvo.orc.order#2 -> evt.stock.reserved -> evt.payment.authorized -> after 3 days -> undoing" in names
    assert len(set(names)) == len(names)


@pytest.mark.filterwarnings("ignore::arvo.testing.UnreachedWarning")
def test_cases_are_made_up_from_the_contracts_where_none_are_given() -> None:
    decisions = [path for path in arvo_paths(order_machine, partial=True) if "evt.approval.decided" in str(path)]
    events = [event for path in decisions for event in path.events() if isinstance(event, ArvoEvent)]
    assert {event.data.get("approved") for event in events if event.type == "evt.approval.decided"} == {True, False}


def test_what_is_not_reached_is_an_error_with_its_reason_and_the_cure() -> None:
    with pytest.raises(TraversalError) as caught:
        arvo_paths(order_machine)
    assert "machine 'order' leads to 1 of its states and transitions" in str(caught.value)
    assert "securing: done 3 [else]: another transition for the same event was always taken before it" in str(
        caught.value
    )
    assert 'events={"evt.x"' in str(caught.value)
    with pytest.warns(UnreachedWarning, match=r"securing: done 3"):
        arvo_paths(order_machine, partial=True)


def test_each_run_is_an_orchestration_of_its_own() -> None:
    path = next(path for path in ORDERS if path.path.weight == 2)
    one, other = path.run(), path.run()
    assert one.record["subject"] != other.record["subject"]
    ids = [event.id for run in (one, other) for step in run.steps if isinstance(event := step.event, ArvoEvent)]
    assert len(set(ids)) == len(ids) == 6


def test_an_event_that_the_machine_does_not_take_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ValueError, match=r"takes no events 'evt.stock.reserve'. To fix: write 'evt.stock.reserved'"):
        arvo_paths(order_machine, events={"evt.stock.reserve": [{}]})


def test_data_that_does_not_fit_its_contract_is_refused() -> None:
    with pytest.raises(InvalidPayloadError, match="reservation"):
        arvo_paths(order_machine, events={"evt.stock.reserved": [{}]})


def never(value: str) -> str:
    raise ValueError("no sample is right")


class Begin(BaseModel):
    pass


class Picky(BaseModel):
    word: Annotated[str, AfterValidator(never)]


class Choice(BaseModel):
    choice: Literal["left", "right", "neither"]


OWN = create_arvo_orchestrator_contract(
    uri="#/test/way", name="way", versions={"1.0.0": {"init": Begin, "complete": Begin}}
)
GUIDE = create_arvo_contract(
    uri="#/test/guide",
    type="com.test.guide",
    versions={"1.0.0": {"accepts": Begin, "emits": {"evt.guide.chosen": Choice, "evt.guide.said": Picky}}},
)


def way(**states: Any) -> ArvoMachine:
    return setup_arvo_machine(
        contracts={"self": OWN.version("1.0.0"), "services": {"guide": GUIDE.version("1.0.0")}},
        guards={
            "left": lambda event: event.data["choice"] == "left",
            "right": lambda event: event.data["choice"] == "right",
        },
        actions={"flip": assign({"n": lambda context: coin(context)})},
    ).create_machine({"id": "way", "initial": "a", "context": {"n": 0}, "states": {"a": {}, **states}})


COIN: list[int] = []


def coin(context: Any) -> int:
    COIN.append(1)
    return len(COIN)


def test_each_member_of_a_literal_is_tried() -> None:
    transitions = [{"guard": "left", "target": "l"}, {"guard": "right", "target": "r"}, {"target": "n"}]
    machine = way(a={"on": {"evt.guide.chosen": transitions}}, l={}, r={}, n={})
    assert [str(path) for path in arvo_paths(machine)] == [
        "a",
        "evt.guide.chosen -> l",
        "evt.guide.chosen#2 -> r",
        "evt.guide.chosen#3 -> n",
    ]


def test_a_type_without_made_up_data_is_named() -> None:
    with pytest.raises(TraversalError, match=r"no data could be made up for 'evt.guide.said'"):
        arvo_paths(way(a={"on": {"evt.guide.said": "b"}}, b={}))


def test_a_wildcard_is_tried_with_the_events_of_the_contracts() -> None:
    assert [str(path) for path in arvo_paths(way(a={"on": {"sys.*": "b"}}, b={}))][1:] == [
        "sys.com.test.guide.error -> b"
    ]


def test_a_machine_that_depends_on_more_than_its_events_fails_where_it_leads_elsewhere() -> None:
    always = [{"guard": lambda context: context["n"] == 1, "target": "c"}, {"target": "d"}]
    chosen = {"actions": "flip", "target": "b"}
    machine = way(a={"on": {"evt.guide.chosen": chosen}}, b={"always": always}, c={}, d={})
    COIN.clear()
    path = next(path for path in arvo_paths(machine, partial=True) if str(path).endswith("-> c"))
    with pytest.raises(AssertionError, match=r"leads elsewhere: after 'evt.guide.chosen' the state is 'd', not 'c'"):
        path.run()


def test_what_a_machine_produces_is_checked_by_the_contracts() -> None:
    wrong = emit({"type": "com.test.guide", "to": 7})
    path = arvo_paths(way(a={"on": {"evt.guide.chosen": {"target": "b", "actions": wrong}}}, b={}))[1]
    with pytest.raises(ContractViolation, match=r"Contract: #/test/guide/1.0.0"):
        path.run()


def test_a_plain_statechart_has_paths_too() -> None:
    machine = create_machine(
        {
            "id": "door",
            "initial": "closed",
            "states": {
                "closed": {"on": {"OPEN": {"target": "open", "guard": lambda event: event["key"] == 7}}},
                "open": {"after": {"1 minute": "closed"}},
            },
        }
    )
    paths = arvo_paths(machine, events={"OPEN": [{"key": 7}]})
    assert [str(path) for path in paths] == ["closed", "OPEN -> open", "OPEN -> after 1 minute -> closed"]
    assert [path.run().value for path in paths] == ["closed", "open", "closed"]


def test_a_plain_statechart_that_depends_on_more_than_its_events_fails_where_it_leads_elsewhere() -> None:
    way_out = [{"guard": lambda context: len(COIN) == 1, "target": "open"}, {"target": "closed"}]
    machine = create_machine(
        {
            "id": "door",
            "initial": "shut",
            "states": {"shut": {"on": {"PUSH": {"actions": coin, "target": "pushed"}}}, "pushed": {"always": way_out}}
            | {"open": {}, "closed": {}},
        }
    )
    COIN.clear()
    path = next(path for path in arvo_paths(machine, partial=True) if str(path).endswith("-> open"))
    with pytest.raises(AssertionError, match=r"leads elsewhere: after 'PUSH' the state is 'closed', not 'open'"):
        path.run()


def test_several_inputs_of_a_plain_statechart_are_tried() -> None:
    machine = create_machine(
        {
            "id": "door",
            "context": lambda input: {"key": input},
            "initial": "a",
            "states": {"a": {"always": [{"guard": lambda context: context["key"] == 7, "target": "b"}]}, "b": {}},
        }
    )
    assert [path.run().value for path in arvo_paths(machine, inputs=[1, 7])] == ["a", "b"]
    with pytest.warns(UnreachedWarning) as told:
        arvo_paths(machine, inputs=[1], partial=True)
    assert told[0].filename == __file__, "the warning is about the line that asks"


def test_a_machine_that_raises_when_it_is_played_fails_at_that_event() -> None:
    broken: list[bool] = []

    def act(context: Any) -> None:
        if broken:
            raise LookupError("the shop is closed")

    machine = way(a={"on": {"evt.guide.chosen": {"actions": act, "target": "b"}}}, b={})
    path = arvo_paths(machine)[1]
    broken.append(True)
    with pytest.raises(AssertionError, match=r"fails at 'evt.guide.chosen'") as failure:
        path.run()
    assert "the shop is closed" in str(failure.value.__cause__)


def test_a_context_that_never_repeats_itself_takes_serialize() -> None:
    more = {"actions": assign({"n": lambda context: context["n"] + 1}), "target": "a"}
    machine = way(a={"on": {"evt.guide.chosen": more}}, alone={})
    with pytest.raises(TraversalError, match="more than 20 states of affairs"):
        arvo_paths(machine, limit=20, partial=True)
    with pytest.warns(UnreachedWarning, match="alone"):
        paths = arvo_paths(machine, limit=20, partial=True, serialize=lambda snapshot: snapshot.value)
    assert [str(path) for path in paths] == ["a", "evt.guide.chosen -> a"]

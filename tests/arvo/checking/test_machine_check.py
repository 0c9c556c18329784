"""What a check of a machine tells beyond its creation: lost answers, outputs that cannot fit, states without ways."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, model_validator
from typing_extensions import TypedDict

from arvo import assign, emit, enqueue_actions
from arvo.statechart import Enqueue
from tests.arvo.checking.shop import DONE, PAY, RESERVE, RESERVING, machine, only, told

FAILURE = "sys.com.stock.reserve.error"


def reserving(*handled: str, **more: Any) -> Any:
    return machine({"open": {"entry": RESERVE, "on": dict.fromkeys(handled, "done"), **more}, "done": DONE})


def test_a_machine_that_handles_all_that_can_come_is_clean() -> None:
    assert told(machine({"open": RESERVING, "done": DONE})) == []


def test_an_answer_that_no_state_takes_is_told() -> None:
    finding = only(reserving("evt.stock.reserved", FAILURE), "unhandled-answer")
    assert (finding.severity, finding.event, finding.state) == ("warning", "evt.stock.short", "order.open")
    assert "'order.open'" in finding.cure


def test_a_request_none_of_whose_answers_is_taken_is_an_error() -> None:
    assert ("error", "unhandled-answer", "evt.stock.reserved") in told(reserving(FAILURE))
    assert ("error", "unhandled-answer", "evt.stock.reserved") in told(reserving("sys.*"))
    assert ("error", "unhandled-answer", "evt.stock.reserved") in told(reserving("evt.shop.paid"))


def test_a_failure_that_no_state_takes_is_told() -> None:
    finding = only(reserving("evt.stock.reserved", "evt.stock.short"), "unhandled-failure")
    assert (finding.severity, finding.event) == ("warning", FAILURE)
    assert "'sys.*'" in finding.cure


@pytest.mark.parametrize("descriptor", ["*", "sys.*", "sys.com.stock.*", FAILURE])
def test_a_state_around_it_can_take_the_answer(descriptor: str) -> None:
    open_ = {"entry": RESERVE, "on": {"evt.stock.*": "done"}}
    assert told(machine({"open": open_, "done": DONE}, on={descriptor: ".done"})) == []


def test_a_region_beside_it_can_take_the_answer() -> None:
    regions = {
        "asking": {"initial": "a", "states": {"a": {"entry": RESERVE, "on": {"evt.stock.short": "b"}}, "b": DONE}},
        "hearing": {
            "initial": "a",
            "states": {"a": {"on": {"evt.stock.reserved": "b", "sys.*": "b", "evt.shop.pay.success": "b"}}, "b": DONE},
        },
    }
    assert told(machine({"both": {"type": "parallel", "states": regions, "onDone": "done"}, "done": DONE})) == []


def test_a_later_state_can_take_the_answer() -> None:
    for way in ({"after": {1000: "later"}}, {"on": {"evt.shop.pay.success": "later"}}, {"always": "later"}):
        states = {"open": {"entry": RESERVE, **way}, "later": {"on": RESERVING["on"]}, "done": DONE}
        assert told(machine(states)) == []


def test_a_later_state_that_only_its_own_answer_leads_to_cannot() -> None:
    later = {"on": {"evt.stock.short": "done", FAILURE: "done"}}
    states = {"open": {"entry": RESERVE, "on": {"evt.stock.reserved": "later"}}, "later": later, "done": DONE}
    assert ("warning", "unhandled-answer", "evt.stock.short") in told(machine(states))


def test_a_request_that_nobody_waits_for_is_no_mistake() -> None:
    both = [RESERVE, PAY]
    on = {"evt.stock.reserved": "done", "evt.stock.short": "done", "sys.*": "done"}
    assert told(machine({"open": {"entry": both, "on": on}, "done": DONE})) == []
    only_failure = {"evt.stock.reserved": "done", "evt.stock.short": "done", "sys.com.shop.pay.error": "done", **on}
    assert told(machine({"open": {"entry": both, "on": only_failure}, "done": DONE})) == []
    assert told(machine({"open": {"always": "done"}, "done": {**DONE, "entry": RESERVE}})) == []


def test_a_request_of_a_transition_is_awaited_where_that_leads() -> None:
    states = {
        "open": {"on": {"evt.shop.pay.success": {"target": "waiting", "actions": RESERVE}}},
        "waiting": {"on": {"evt.stock.reserved": "done", "sys.*": "done"}},
        "done": DONE,
    }
    finding = only(machine(states), "unhandled-answer")
    assert (finding.state, finding.event) == ("order.waiting", "evt.stock.short")


def test_a_request_that_code_writes_down_is_seen() -> None:
    def ask(context: Any, enqueue: Enqueue) -> None:
        if context:
            enqueue.emit({"type": "com.stock.reserve", "data": {"sku": context["sku"]}})

    made = machine({"open": {"entry": enqueue_actions(ask), "on": {"evt.stock.reserved": "done"}}, "done": DONE})
    assert ("warning", "unhandled-answer", "evt.stock.short") in told(made)


def test_a_text_that_only_looks_like_the_name_of_an_action_starts_no_request() -> None:
    def remember(enqueue: Enqueue) -> None:
        enqueue.assign({"reserve": True})

    states = {
        "noting": {"entry": enqueue_actions(remember), "on": {"evt.shop.pay.success": "open"}},
        "open": {**RESERVING, "entry": "reserve"},
        "done": DONE,
    }
    assert told(machine(states, actions={"reserve": RESERVE})) == []


def test_states_that_cannot_be_entered_are_told_once_for_all_within() -> None:
    lost = {"initial": "a", "states": {"a": {}, "b": {}}}
    made = machine({"open": RESERVING, "lost": lost, "done": DONE})
    assert [(finding.rule, finding.state) for finding in made.findings()] == [("unreachable-state", "order.lost")]


def test_a_state_that_cannot_be_left_is_told_unless_something_happens_in_it() -> None:
    finding = only(
        machine(
            {"open": {**RESERVING, "on": {**RESERVING["on"], "evt.stock.short": "stuck"}}, "stuck": {}, "done": DONE}
        ),
        "dead-end",
    )
    assert (finding.severity, finding.state) == ("warning", "order.stuck")
    counting = {"on": {"evt.stock.reserved": {"actions": assign({"n": 1})}}}
    assert told(machine({"counting": counting})) == []


def finishing(output: Any, contract: Any = None) -> Any:
    root = {"output": output} if output is not None else {"output": None}
    return machine({"open": RESERVING, "done": DONE}, **root)


@pytest.mark.parametrize(
    ("output", "problem"),
    [
        ({"note": "x"}, "'number' is missing"),
        (lambda context: {"nummer": context["n"]}, "'number' is missing"),
        ({"number": 1}, "'number' does not fit"),
        (lambda context: {"number": 1, "note": context["note"]}, "'number' does not fit"),
    ],
)
def test_an_output_that_the_contract_refuses_is_an_error(output: Any, problem: str) -> None:
    finding = only(finishing(output), "wrong-output")
    assert (finding.severity, finding.event, finding.path) == ("error", "arvo.orc.order.done", "output")
    assert problem in finding.problem


@pytest.mark.parametrize(
    "output",
    [
        {"number": "1"},
        lambda context: {"number": context["n"], "note": None, "__id": "x"},
        lambda context: context["result"],
        lambda context: {**context, "note": "x"},
        lambda context: {"number": "1"} if context else {"nummer": "1"},
    ],
)
def test_an_output_that_fits_or_that_only_running_tells_is_not_told(output: Any) -> None:
    assert told(finishing(output)) == []


def test_a_machine_that_ends_without_an_output_is_told() -> None:
    assert told(finishing(None)) == [("warning", "no-output", "arvo.orc.order.done")]
    by_itself = {**DONE, "entry": emit({"type": "arvo.orc.order.done", "data": {"number": "1"}})}
    assert told(machine({"open": RESERVING, "done": by_itself}, output=None)) == []
    assert told(machine({"open": {"on": {"evt.stock.reserved": {"actions": assign({"n": 1})}}}}, output=None)) == []


def test_only_what_is_a_field_of_its_own_is_judged() -> None:
    from arvo.checking.output_check import _problem
    from arvo.wire import PayloadSchema

    class Filled(BaseModel):
        number: str

        @model_validator(mode="before")
        @classmethod
        def fill(cls, data: Any) -> Any:
            return {"number": "1", **data}

    class Typed(TypedDict):
        number: str

    assert _problem(PayloadSchema.of(Filled), {"note": "x"}) == ""
    assert "'number' is missing" in _problem(PayloadSchema.of(Typed), {"note": "x"})


def test_findings_are_data_text_and_json() -> None:
    finding = reserving("evt.stock.reserved", FAILURE, "evt.stock.shrot").findings()[0]
    assert finding.to_json() == {
        "severity": "error",
        "rule": "unmatched-event",
        "machine": "arvo.orc.order",
        "version": "1.0.0",
        "path": finding.path,
        "state": "order.open",
        "event": "evt.stock.shrot",
        "problem": finding.problem,
        "cure": finding.cure,
    }
    assert str(finding).startswith("error: arvo.orc.order 1.0.0, states.open.on")
    assert str(finding).endswith(f"-> {finding.cure}")


def test_errors_come_first() -> None:
    severities = [finding.severity for finding in reserving("evt.stock.reserved", "evt.x.y").findings()]
    assert severities == sorted(severities)
    assert set(severities) == {"error", "warning"}


def test_a_picture_takes_the_findings() -> None:
    picture = pytest.importorskip("arvo.picture")
    made = reserving("evt.stock.reserved", FAILURE)
    svg = picture.draw(made, findings=made.findings())
    assert "evt.stock.short" in svg

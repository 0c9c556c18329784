"""What `explain` says of machines: each verdict, which transitions it tells of, and what their guards see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from arvo import SimpleMachineMemory, create_arvo_orchestrator, emit, setup_arvo_machine
from arvo.orchestration import OrchestrationRecord
from arvo_temporal import ArvoApp, Explanation, Limits, Verdict, explain
from arvo_temporal.explaining import Considered
from tests.apps import counter_contract, oracle_contract, start_count, tally_contract
from tests.orders_under_way import record_after

COUNTED, FAILED, INIT = "evt.tally.counted", "evt.tally.failed", "arvo.orc.counter"
TALLY_BROKE = "sys.com.tally.ask.error"


def explained(
    on: Mapping[str, Any], type_: str = COUNTED, data: Mapping[str, Any] | None = None, limits: Limits | None = None
) -> Explanation:
    """Explain an event to a machine whose only state has these transitions; there is another state, `over`."""
    app = _app(on, limits)
    return explain(app, _begun(app), type_, data)


def _app(on: Mapping[str, Any], limits: Limits | None = None) -> ArvoApp:
    machine = setup_arvo_machine(
        contracts={
            "self": counter_contract.version("1.0.0"),
            "services": {"tally": tally_contract.version("1.0.0"), "oracle": oracle_contract.version("1.0.0")},
        },
        events=["sys.com.nobody.error", "evt.unknown", "com.unknown.thing"],
        actions={
            "tally": emit({"type": "com.tally.ask", "data": {"goal": 1}}),
            "ask": emit({"type": "com.oracle.ask", "data": {"domain": None, "text": "x" * 2000}}),
        },
        guards={
            "is_big": lambda event: event.data["by"] > 5,
            "never": lambda: False,
            "is_broken": _broken,
            "of_tally": lambda event: event.source == "com.tally.ask",
        },
    ).create_machine({"initial": "open", "states": {"open": {"on": on}, "over": {"on": {FAILED: "open"}}}})
    orchestrator = create_arvo_orchestrator(executionunits=1, memory=SimpleMachineMemory(), machines=[machine])
    return ArvoApp(orchestrators=[orchestrator], limits=limits)


def _broken() -> bool:
    raise LookupError("no such thing")


def _begun(app: ArvoApp) -> OrchestrationRecord:
    return record_after(app, start_count(goal=3))


def verdicts(told: Explanation) -> list[tuple[str | None, str]]:
    return [(one.guard, one.verdict) for one in told.candidates]


def test_where_only_the_data_tells_it_is_undecided() -> None:
    on = {COUNTED: [{"guard": "never", "target": "over", "actions": "tally"}, {"guard": "is_big", "actions": "ask"}]}
    told = explained(on)
    assert (told.verdict, told.accepted) == (Verdict.UNDECIDED, False)
    assert told.reason == "That depends on its data: a guard reads it. Give the data to know."
    assert verdicts(told) == [("never", "fails"), ("is_big", "undecided")]
    assert told.emits == ("com.oracle.ask",), "what the one that fails would emit is not sent"
    assert explained(on, data={"by": 9}).emits == ("com.oracle.ask",)


def test_what_may_be_sent_is_told_once() -> None:
    told = explained({COUNTED: [{"guard": "is_big", "actions": ["tally", "tally"]}, {"actions": ["tally", "ask"]}]})
    assert (told.verdict, told.emits) == (Verdict.ACCEPTED, ("com.tally.ask", "com.oracle.ask"))
    assert told.reason == "It is accepted, if its data fits the contract."


@pytest.mark.parametrize("data", [None, {"by": 1}])
def test_a_guard_that_raises_fails_the_orchestration(data: Mapping[str, Any] | None) -> None:
    told = explained({COUNTED: [{"guard": "is_broken", "actions": "tally"}, {"target": "over"}]}, data=data)
    assert told.verdict is Verdict.FAILED
    assert told.reason.startswith("The machine throws, and the orchestration fails: ")
    assert "no such thing" in told.reason
    assert [(one.verdict, one.reason) for one in told.candidates] == [
        ("raises", "LookupError: no such thing"),
        ("not asked", None),
    ]
    assert (told.emits, told.leads_to) == ((), None)


def test_whether_a_guard_raises_may_depend_on_the_data() -> None:
    on = {COUNTED: [{"guard": "is_big", "target": "over"}, {"guard": "is_broken", "actions": "tally"}]}
    told = explained(on)
    assert told.verdict is Verdict.UNDECIDED
    assert verdicts(told) == [("is_big", "undecided"), ("is_broken", "raises")]
    assert explained(on, data={"by": 6}).verdict is Verdict.ACCEPTED
    assert explained(on, data={"by": 1}).verdict is Verdict.FAILED


@pytest.mark.parametrize(("guard", "data"), [("never", None), ("never", {"by": 1}), ("is_big", {"by": 1})])
def test_where_no_guard_passes_nothing_happens(guard: str, data: Mapping[str, Any] | None) -> None:
    told = explained({COUNTED: {"guard": guard, "target": "over"}}, data=data)
    assert told.verdict is Verdict.UNHANDLED
    assert told.reason == "The contracts accept it, and nothing happens: no guard lets it pass."
    assert told.leads_to is None


@pytest.mark.parametrize("data", [None, {"by": 1}])
def test_a_forbidden_transition_is_told_as_such(data: Mapping[str, Any] | None) -> None:
    told = explained({COUNTED: {}, "*": "over"}, data=data)
    assert told.verdict is Verdict.UNHANDLED
    assert told.reason.endswith("the machine forbids it there: its transition does nothing.")
    assert told.accepted_in == (), "a state that forbids it does not take it"


def test_a_step_that_is_too_large_is_refused() -> None:
    app = _app({COUNTED: {"actions": "ask"}}, Limits(event_bytes=1000, record_bytes=1000))
    record = _begun(_app({COUNTED: {"actions": "ask"}}))
    told = explain(app, record, COUNTED, {"by": 1})
    assert told.verdict is Verdict.REFUSED
    assert "The record after this step would have" in told.reason
    assert "the limit is 1,000" in told.reason
    assert told.candidates, "it tells what was considered"
    assert explain(_app({COUNTED: {"actions": "ask"}}), record, COUNTED, {"by": 1}).verdict is Verdict.ACCEPTED


def test_what_the_contract_refuses_is_not_asked_of_guards() -> None:
    told = explained({COUNTED: {"guard": "is_broken", "target": "over"}}, data={"by": "many"})
    assert told.verdict is Verdict.REFUSED
    assert "by" in told.reason
    assert told.candidates == ()


def test_guards_see_an_answer_as_from_its_service() -> None:
    for type_, data in ((COUNTED, {"by": 1}), (COUNTED, None), (TALLY_BROKE, None)):
        told = explained({type_: {"guard": "of_tally", "target": "over"}}, type_, data)
        assert (verdicts(told), told.verdict) == ([("of_tally", "passes")], Verdict.ACCEPTED)
    of_nobody = "sys.com.nobody.error"
    told = explained({of_nobody: {"guard": "of_tally", "target": "over"}}, of_nobody)
    assert (verdicts(told), told.verdict) == ([("of_tally", "fails")], Verdict.UNHANDLED)


def test_it_tells_what_contracts_know_of_what_is_accepted() -> None:
    told = explained({COUNTED: "over", "evt.tally.*": "over", "evt.unknown": "over", "com.unknown.*": "over"}, FAILED)
    assert set(told.accepts) == {COUNTED, "evt.tally.*"}
    assert told.accepted_in == ("open", "over")
    assert explained({FAILED: {}}, FAILED).accepted_in == ("over",)


def test_a_candidate_is_told_with_all_that_it_is() -> None:
    told = explained({"evt.tally.*": {"guard": "is_big", "target": "over", "actions": "ask"}}, COUNTED, {"by": 6})
    assert told.candidates == (
        Considered(
            source="open",
            event="evt.tally.*",
            guard="is_big",
            verdict="passes",
            reason=None,
            targets=("over",),
            emits=("com.oracle.ask",),
            path='states.open.on["evt.tally.*"]',
        ),
    )
    assert (told.state, told.leads_to, told.emits) == ("open", "over", ("com.oracle.ask",))


@pytest.mark.parametrize("status", ["done", "error", "stopped"])
def test_a_machine_that_is_not_active_consumes_nothing(status: Any) -> None:
    app = _app({COUNTED: "over"})
    told = explain(app, {**_begun(app), "status": status}, COUNTED, {"by": 1})
    assert (told.verdict, told.state, told.candidates) == (Verdict.LATE, "open", ())

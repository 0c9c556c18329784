"""A step is a pure function of event and record."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import timedelta
from decimal import Decimal

import pytest

from arvo import (
    ArvoEvent,
    ConfigViolation,
    ContractViolation,
    ExecutionViolation,
    create_arvo_event,
    create_arvo_orchestrator,
    setup_arvo_machine,
)
from tests.arvo.counting import CONFIG, CONTRACTS, Goal, Total, answer, count_orchestrator, start


def test_the_same_event_and_record_give_the_same_ids() -> None:
    orchestrator, init = count_orchestrator(), start()
    first, second = orchestrator.step(init, None), orchestrator.step(init, None)
    assert [event.id for event in first.events] == [event.id for event in second.events]
    assert first.record is not None
    reply = answer(first.events[0], 1)
    done, again = orchestrator.step(reply, first.record), orchestrator.step(reply, first.record)
    assert done.events[0].id == again.events[0].id != first.events[0].id


def test_a_step_leaves_the_record_it_was_given_as_it_was() -> None:
    orchestrator, init = count_orchestrator(), start(goal=5)
    record = orchestrator.step(init, None).record
    assert record is not None
    before = deepcopy(record)
    orchestrator.step(answer(init, 3), record)
    assert record == before


def test_a_record_is_json_and_goes_on_after_a_trip_through_it() -> None:
    orchestrator, init = count_orchestrator(), start(goal=2)
    record = orchestrator.step(init, None).record
    restored = json.loads(json.dumps(record))
    assert restored == record
    step = orchestrator.step(answer(init, 2), restored)
    assert [event.type for event in step.events] == ["arvo.orc.count.done"]
    assert step.record is not None
    assert step.record["status"] == "done"
    assert step.record["initEventId"] == init.id


def test_an_event_for_which_no_transition_is_enabled_is_consumed_but_not_handled() -> None:
    orchestrator, init = count_orchestrator({**CONFIG, "initial": "done"}), start()
    done = orchestrator.step(init, None)
    late = orchestrator.step(answer(init, 1), done.record)
    assert done.handled
    assert not late.handled
    assert late.record is not None
    assert late.record["events"]["consumed"] is not None
    assert late.record["events"]["produced"] == []


@pytest.mark.parametrize("transition", [{"actions": [lambda: None]}, {"target": "waiting", "reenter": True}])
def test_a_transition_that_changes_nothing_counts_as_handled(transition: object) -> None:
    states = {"waiting": {"on": {"evt.number.add.success": transition}}}
    orchestrator, init = count_orchestrator({"id": "m", "initial": "waiting", "states": states}), start()
    step = orchestrator.step(answer(init, 1), orchestrator.step(init, None).record)
    assert step.handled


def test_a_forbidden_event_is_not_handled() -> None:
    states: dict[str, object] = {"waiting": {"on": {"evt.number.add.success": {}}}}
    orchestrator, init = count_orchestrator({"id": "m", "initial": "waiting", "states": states}), start()
    assert not orchestrator.step(answer(init, 1), orchestrator.step(init, None).record).handled


def test_events_that_do_not_concern_the_orchestration_are_ignored() -> None:
    orchestrator, init = count_orchestrator(), start()
    assert orchestrator.step(answer(init, 1), None).record is None
    failed = count_orchestrator({**CONFIG, "entry": [_raise]}).step(init, None).record
    assert orchestrator.step(init, failed).record is None


def test_what_the_machine_raises_ends_the_orchestration_and_is_reported() -> None:
    step = count_orchestrator({**CONFIG, "entry": [_raise]}).step(start(domain="shop"), None)
    assert isinstance(step.error, AttributeError)
    assert step.record is not None
    assert set(step.record) == {"executionStatus", "subject", "error"}
    assert json.loads(json.dumps(step.record["error"]))["name"] == "AttributeError"
    assert [event.domain for event in step.events] == ["shop", None]
    assert {event.data["errorName"] for event in step.events} == {"AttributeError"}


def test_a_failure_that_cannot_be_reported_is_told_to_the_caller() -> None:
    step = count_orchestrator({**CONFIG, "entry": [_raise]}, system_error_domain=["No Domain"]).step(start(), None)
    assert step.events == ()
    assert step.record is not None
    assert step.record["executionStatus"] == "failure"
    assert "domain" in str(step.unreported)


def test_violations_are_raised_and_say_what_to_do() -> None:
    orchestrator, init = count_orchestrator(), start()
    record = orchestrator.step(init, None).record
    foreign = create_arvo_event(
        type="com.un.known", source="com.a.b", subject=init.subject, data={}, dataschema="#/x/1.0.0"
    )
    with pytest.raises(ConfigViolation, match=r"accepts .*evt\.number\.add\.success"):
        orchestrator.step(foreign, record)
    with pytest.raises(ContractViolation, match="sum"):
        orchestrator.step(_with_data(answer(init, 1), {"sum": "three"}), record)
    with pytest.raises(ExecutionViolation, match=r"ArvoOrchestrationSubject\.new"):
        orchestrator.step(create_arvo_event(type="com.a.b", source="com.a.b", subject="plain", data={}), None)


def _raise() -> None:
    raise AttributeError("no such thing", name="thing", obj=None)


def _with_data(event: ArvoEvent, data: dict[str, object]) -> ArvoEvent:
    return ArvoEvent.from_json({**event.to_json(), "data": data})


@pytest.mark.parametrize("context", [{"at": [timedelta(1)]}, {"goal": Goal(goal=1)}, {1: "one"}])
def test_a_context_that_json_cannot_carry_is_refused_with_its_place(context: dict[str, object]) -> None:
    with pytest.raises(ExecutionViolation, match=r"machine 'count' is not JSON: context\.\w+"):
        count_orchestrator({**CONFIG, "context": context, "initial": "done", "output": None}).step(start(), None)


@pytest.mark.parametrize("delay", [float("nan"), "soon", True, Decimal(5), None, "200 years"])
def test_a_computed_delay_that_is_none_is_refused_with_its_place(delay: object) -> None:
    states = {**CONFIG["states"], "adding": {"after": {"computed": "done"}}}
    machine = setup_arvo_machine(contracts=CONTRACTS, delays={"computed": lambda: delay}).create_machine(
        {**CONFIG, "states": states}
    )
    with pytest.raises(ExecutionViolation, match=r"'count' cannot wait: states\.adding\.after\.computed: .* To fix:"):
        create_arvo_orchestrator(executionunits=1, machines=[machine]).step(start(), None)


def test_an_output_can_be_a_model() -> None:
    config = {**CONFIG, "initial": "done", "output": lambda: Total(total=3)}
    step = count_orchestrator(config).step(start(), None)
    assert step.events[0].data == {"total": 3}
    assert step.record is not None
    assert step.record["state"]["output"] == {"total": 3}


def test_the_record_keeps_an_output_that_is_null() -> None:
    machine = setup_arvo_machine(contracts=CONTRACTS).create_machine({"id": "m", "type": "final", "output": None})
    orchestrator = create_arvo_orchestrator(executionunits=1, machines=[machine])
    step = orchestrator.step(start(goal=1), None)
    assert step.events == ()
    assert step.record is not None
    assert step.record["state"]["output"] is None

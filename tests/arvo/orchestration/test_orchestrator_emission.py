"""What a machine sends: order, fields, domains, nested orchestrations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import BaseModel

from arvo import (
    ArvoDomain,
    ArvoEvent,
    ArvoOrchestrationSubject,
    ArvoOrchestrator,
    ContractViolation,
    ExecutionViolation,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    emit,
    enqueue_arvo_event,
    setup_arvo_machine,
)
from arvo.events import parse_arvo_event_id
from tests.arvo.counting import Addends, Goal, Total, count_contract, count_orchestrator, start

NOTE: dict[str, Any] = {"type": "com.note.taken", "data": {}}
CALL: dict[str, Any] = {"type": "com.number.add", "data": {"left": 1, "right": 2}}


def sent(*actions: Any, init: ArvoEvent | None = None, **options: Any) -> list[ArvoEvent]:
    config = {"id": "m", "initial": "a", "states": {"a": {"entry": list(actions)}}}
    return list(count_orchestrator(config, **options).step(init or start(), None).events)


def test_enqueued_events_follow_the_emitted_ones() -> None:
    events = sent(enqueue_arvo_event({**NOTE, "id": "later"}), emit({**NOTE, "id": "sooner"}))
    assert [event.id for event in events] == ["sooner", "later"]


def test_the_queue_leaves_arvos_trace_in_a_plain_context_and_none_in_a_typed_one() -> None:
    class Context(BaseModel):
        seen: int = 0

    states = {"a": {"entry": [enqueue_arvo_event(NOTE)]}}
    for context, expected in (({}, {"arvo$$": {}}), (Context, {"seen": 0})):
        config = {"id": "m", "context": context, "initial": "a", "states": states}
        record = count_orchestrator(config).step(start(), None).record
        assert record is not None
        assert record["state"]["context"] == expected


def test_a_call_follows_the_contract_of_its_service() -> None:
    init = start(accesscontrol="role:x")
    (event,) = sent(emit({**CALL, "data": {**CALL["data"], "unknown": 1}}), init=init)
    assert event.data == {"left": 1, "right": 2}
    assert event.dataschema == "#/test/add/1.0.0"
    assert (event.to, event.redirectto, event.source) == ("com.number.add", "arvo.orc.count", "arvo.orc.count")
    assert (event.parentid, event.accesscontrol, event.subject) == (init.id, "role:x", init.subject)


def test_data_can_be_a_model() -> None:
    (event,) = sent(emit(lambda: {"type": "com.number.add", "data": Addends(left=3, right=4)}))
    assert event.data == {"left": 3, "right": 4}


def test_data_that_does_not_fit_is_a_violation_that_names_the_contract() -> None:
    with pytest.raises(ContractViolation, match=r"#/test/add/1\.0\.0[\s\S]*left"):
        sent(emit({"type": "com.number.add", "data": {"left": "one", "right": 1}}))


def test_an_event_is_sent_once_to_each_of_its_domains() -> None:
    domains = ["out", ArvoDomain.LOCAL, "out", ArvoDomain.FROM_TRIGGERING_EVENT]
    events = sent(emit({**CALL, "domain": domains}), init=start(domain="shop"))
    assert [event.domain for event in events] == ["out", None, "shop"]
    assert len({event.id for event in events}) == 3
    assert sent(emit({**CALL, "domain": []})) == []


def test_domains_of_events_that_name_none_can_be_configured() -> None:
    (event,) = sent(emit(CALL), default_event_emission_domains={"services": ["out"]})
    assert event.domain == "out"


def test_the_completion_goes_where_the_init_event_said() -> None:
    config = {"id": "m", "initial": "a", "output": {"total": 7}, "states": {"a": {"type": "final"}}}
    init = start(redirectto="com.back.office")
    (event,) = count_orchestrator(config).step(init, None).events
    assert (event.type, event.to, event.parentid) == ("arvo.orc.count.done", "com.back.office", init.id)


def completed(**output: Any) -> ArvoEvent:
    config = {"id": "m", "initial": "a", "output": {"total": 7, **output}, "states": {"a": {"type": "final"}}}
    (event,) = count_orchestrator(config).step(start(), None).events
    assert event.data == {"total": 7}, "what is for the event itself is no data"
    return event


@pytest.mark.parametrize(("given", "units"), [(23, 23), (0, 0), (1.5, 1.5), (None, 1)])
def test_the_output_may_say_what_the_completion_costs(given: float | None, units: float) -> None:
    assert completed(__executionunits=given).executionunits == units


def test_the_output_may_name_the_completion() -> None:
    assert completed(__id=" mine ").id == " mine "
    assert completed(__id={"deduplication": "DEVELOPER_MANAGED", "value": " mine "}).id == "mine"
    managed = parse_arvo_event_id(completed(__id={"deduplication": "ARVO_MANAGED", "value": "mine"}).id)
    assert managed is not None
    assert managed.value == "mine"
    assert len({completed().id, completed(__id=None).id}) == 2, "otherwise it follows from the event"


@pytest.mark.parametrize(
    ("given", "told"), [(["out"], ["out"]), (["out", None, "out"], ["out", None]), ("out", ["out"]), (None, [None])]
)
def test_the_output_may_say_where_the_completion_goes(given: Any, told: list[str | None]) -> None:
    output = {"total": 7, "__domain": given, "__executionunits": 2}
    config = {"id": "m", "initial": "a", "output": output, "states": {"a": {"type": "final"}}}
    events = count_orchestrator(config).step(start(), None).events
    assert [event.domain for event in events] == told
    assert {event.executionunits for event in events} == {2}


parent_contract = create_arvo_orchestrator_contract(
    uri="#/test/parent", name="parent", versions={"1.0.0": {"init": Goal, "complete": Total}}
)


def parent(data: Mapping[str, Any], **fields: Any) -> ArvoOrchestrator:
    contracts: Any = {
        "self": parent_contract.version("1.0.0"),
        "services": {"count": count_contract.version("1.0.0")},
    }
    call = emit(lambda context: {"type": "arvo.orc.count", "data": {"goal": 1, **context, **data}, **fields})
    config = {
        "id": "parent",
        "context": lambda input: {"parentSubject$$": input.subject},
        "initial": "a",
        "states": {"a": {"entry": [call]}},
    }
    return create_arvo_orchestrator(
        executionunits=1, machines=[setup_arvo_machine(contracts=contracts).create_machine(config)]
    )


def parent_start(**fields: Any) -> ArvoEvent:
    factory = create_arvo_orchestrator_event_factory(parent_contract.version("1.0.0"))
    return factory.init(source="com.test.app", data={"parentSubject$$": None, "goal": 1}, **fields)


def test_a_nested_orchestration_gets_a_subject_below_that_of_its_parent() -> None:
    init = parent_start()
    (event,) = parent({}).step(init, None).events
    content = ArvoOrchestrationSubject.parse(event.subject)
    assert content.orchestrator.name == "arvo.orc.count"
    assert content.execution.initiator == "arvo.orc.parent"
    assert event.data["parentSubject$$"] == init.subject
    again = parent({}).step(init, None).events[0]
    assert again.subject == event.subject, "the same step starts the same child"


@pytest.mark.parametrize(
    ("domain", "own", "told"),
    [
        ({}, "shop", None),
        ({"domain": ["out"]}, "shop", "out"),
        ({"domain": ["out"]}, None, "out"),
        ({"domain": [ArvoDomain.FROM_TRIGGERING_EVENT]}, "shop", "shop"),
    ],
)
def test_an_orchestration_without_a_parent_has_the_domain_of_its_event_in_its_subject(
    domain: dict[str, Any], own: str | None, told: str | None
) -> None:
    (event,) = parent({"parentSubject$$": None}, **domain).step(parent_start(domain=own), None).events
    content = ArvoOrchestrationSubject.parse(event.subject)
    assert (event.domain, content.execution.domain) == (told, told)
    assert content.execution.initiator == "arvo.orc.parent"
    assert content.meta == {"redirectto": "arvo.orc.parent"}


@pytest.mark.parametrize(("domain", "told"), [({}, "shop"), ({"domain": ["out"]}, "out")])
def test_a_nested_orchestration_has_the_domain_of_its_parent_in_its_subject_unless_its_event_has_one(
    domain: dict[str, Any], told: str
) -> None:
    (event,) = parent({}, **domain).step(parent_start(domain="shop"), None).events
    assert ArvoOrchestrationSubject.parse(event.subject).execution.domain == told


def test_a_parent_that_is_no_subject_is_a_violation() -> None:
    with pytest.raises(ExecutionViolation, match=r"input\.subject"):
        parent({"parentSubject$$": "me"}).step(parent_start(), None)

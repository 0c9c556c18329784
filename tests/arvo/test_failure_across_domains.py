"""A failure in another domain is told where somebody waits for an answer, and to nobody twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from arvo import (
    ArvoDomain,
    ArvoEvent,
    ArvoEventHandler,
    ArvoOrchestrationSubject,
    ArvoOrchestrator,
    ArvoResumable,
    IArvoEventHandler,
    ResumableOutput,
    SimpleEventBroker,
    create_arvo_event_handler,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    create_arvo_resumable,
    emit,
    setup_arvo_machine,
)
from tests.arvo.counting import CONFIG, CONTRACTS, Goal, Total, add_contract, count_contract, count_orchestrator, start

OWN = "count.home"
errand_contract = create_arvo_orchestrator_contract(
    uri="#/test/errand", name="errand", versions={"1.0.0": {"init": Goal, "complete": Total}}
)
owned_contract = create_arvo_orchestrator_contract(
    uri="#/test/count", name="count", domain=OWN, versions={"1.0.0": {"init": Goal, "complete": Total}}
)


def _raise(event: ArvoEvent) -> None:
    raise ConnectionError("the ledger is away")


def failing_machine(**options: Any) -> ArvoOrchestrator:
    return count_orchestrator({**CONFIG, "entry": [_raise]}, **options)


def failing_resumable(**options: Any) -> ArvoResumable:
    contracts: Any = {"self": count_contract, "services": {}}
    return create_arvo_resumable(contracts=contracts, handler={"1.0.0": lambda input: _raise(input)}, **options)


def failing_owned_machine() -> ArvoOrchestrator:
    contracts: Any = {**CONTRACTS, "self": owned_contract.version("1.0.0")}
    machine = setup_arvo_machine(contracts=contracts).create_machine({**CONFIG, "entry": [_raise]})
    return create_arvo_orchestrator(executionunits=1, machines=[machine])


def failing_handler(**options: Any) -> ArvoEventHandler:
    return create_arvo_event_handler(
        contract=add_contract, executionunits=1, handler={"1.0.0": lambda event: _raise(event)}, **options
    )


def errand(request: Mapping[str, Any]) -> ArvoOrchestrator:
    """An orchestrator that sends one request and ends with 1 where it hears of a failure."""
    contracts: Any = {
        "self": errand_contract.version("1.0.0"),
        "services": {"count": count_contract.version("1.0.0"), "add": add_contract.version("1.0.0")},
    }
    asking = {
        "entry": [emit(lambda context: {**request, "data": {**request["data"], **context}})],
        "on": {f"sys.{request['type']}.error": "told"},
    }
    config = {
        "id": "errand",
        "context": lambda input: {"parentSubject$$": input.subject},
        "initial": "asking",
        "output": {"total": 1},
        "states": {"asking": asking, "told": {"type": "final"}},
    }
    return create_arvo_orchestrator(
        executionunits=1, machines=[setup_arvo_machine(contracts=contracts).create_machine(config)]
    )


def errand_function(request: Mapping[str, Any]) -> ArvoResumable:
    """The same as a function."""

    def run(input: ArvoEvent | None, service: ArvoEvent | None) -> ResumableOutput | None:
        if input is not None:
            return {"services": [{**request, "data": {**request["data"], "parentSubject$$": input.subject}}]}
        assert service is not None
        return {"output": {"total": 1}} if service.type == f"sys.{request['type']}.error" else None

    contracts: Any = {
        "self": errand_contract,
        "services": {"count": count_contract.version("1.0.0"), "add": add_contract.version("1.0.0")},
    }
    return create_arvo_resumable(contracts=contracts, handler={"1.0.0": run})


def errand_start(**fields: Any) -> ArvoEvent:
    factory = create_arvo_orchestrator_event_factory(errand_contract.version("1.0.0"))
    return factory.init(source="com.test.app", data={"parentSubject$$": None, "goal": 1}, **fields)


async def final(request: Mapping[str, Any], failing: IArvoEventHandler, parent: Any = errand) -> ArvoEvent | None:
    """Run an errand at `home` whose request is for `abroad`, each a system of its own; what comes home is published."""
    abroad: SimpleEventBroker

    async def to_abroad(event: ArvoEvent, home: SimpleEventBroker) -> None:
        assert event.domain == "abroad"
        await abroad.publish(event)
        for told in [told for told in abroad.events if told.domain == "home"]:
            await home.publish(told)

    abroad = SimpleEventBroker([failing])
    return await SimpleEventBroker([parent(request)], on_domained_event=to_abroad).resolve(errand_start(domain="home"))


NESTED = {"type": "arvo.orc.count", "data": {"goal": 1}, "domain": ["abroad"]}
ASKED = {"type": "com.number.add", "data": {"left": 1, "right": 1}, "domain": ["abroad"]}


@pytest.mark.parametrize("failing", [failing_machine, failing_resumable], ids=["machine", "resumable"])
@pytest.mark.parametrize("parent", [errand, errand_function], ids=["of a machine", "of a function"])
async def test_a_parent_hears_of_a_child_that_fails_in_another_domain(failing: Any, parent: Any) -> None:
    done = await final(NESTED, failing(), parent)
    assert done is not None
    assert (done.type, done.data) == ("arvo.orc.errand.done", {"total": 1})


async def test_an_orchestration_hears_of_a_handler_that_fails_in_another_domain() -> None:
    done = await final(ASKED, failing_handler())
    assert done is not None
    assert (done.type, done.data) == ("arvo.orc.errand.done", {"total": 1})


def subject(name: str, domain: str | None) -> str:
    return ArvoOrchestrationSubject.new(
        orchestrator=f"arvo.orc.{name}", version="1.0.0", initiator="com.test.app", domain=domain
    )


def nested_start(parent_domain: str | None, own_domain: str | None, event_domain: str | None) -> ArvoEvent:
    init = start()
    parent = subject("errand", parent_domain)
    data = {**init.data, "parentSubject$$": parent}
    return replace(init, subject=subject("count", own_domain), domain=event_domain, data=data)


@pytest.mark.parametrize("failing", [failing_machine, failing_resumable, failing_owned_machine])
@pytest.mark.parametrize(
    ("parent", "own", "event", "told"),
    [
        ("home", "abroad", "abroad", ["abroad", None, "home"]),
        ("home", None, None, [None, "home"]),
        (None, "abroad", "abroad", ["abroad", None]),
        ("abroad", "abroad", "abroad", ["abroad", None]),
        ("home", "home", None, [None, "home"]),
    ],
)
async def test_the_broadcast_has_the_domain_of_the_parents_subject_once(
    failing: Any, parent: str | None, own: str | None, event: str | None, told: list[str | None]
) -> None:
    errors = (await failing().execute(nested_start(parent, own, event))).events
    if failing is failing_owned_machine:
        told = list(dict.fromkeys([told[0], OWN, *told[1:]]))
    assert [error.domain for error in errors] == told
    assert len({error.id for error in errors}) == len(told)


@pytest.mark.parametrize("failing", [failing_machine, failing_resumable])
async def test_without_a_parent_the_broadcast_is_that_of_arvos_interface(failing: Any) -> None:
    init = replace(start(), subject=subject("count", "home"), domain="abroad")
    assert [error.domain for error in (await failing().execute(init)).events] == ["abroad", None]
    errors = (await failing_owned_machine().execute(init)).events
    assert [error.domain for error in errors] == ["abroad", OWN, None]


@pytest.mark.parametrize(
    ("own", "event", "told"),
    [
        ("home", "abroad", ["abroad", None, "home"]),
        ("home", "home", ["home", None]),
        ("home", None, [None]),
        (None, "abroad", ["abroad", None]),
    ],
)
async def test_the_broadcast_of_a_handler_has_the_domain_of_who_asked_from_another_one(
    own: str | None, event: str | None, told: list[str | None]
) -> None:
    request = replace(start(), type="com.number.add", dataschema="#/test/add/1.0.0", data={"left": 1, "right": 1})
    request = replace(request, to="com.number.add", subject=subject("errand", own), domain=event)
    assert [error.domain for error in (await failing_handler().execute(request)).events] == told


@pytest.mark.parametrize("failing", [failing_machine, failing_resumable])
async def test_what_is_configured_is_all_there_is(failing: Any) -> None:
    init = nested_start("home", "abroad", "abroad")
    for options in (
        {"system_error_domain": ["ops"]},
        {"default_event_emission_domains": {"system_error": ["ops"]}},
    ):
        assert [error.domain for error in (await failing(**options).execute(init)).events] == ["ops"]
    alone = {"system_error": [ArvoDomain.ORCHESTRATION_CONTEXT]}
    errors = (await failing(default_event_emission_domains=alone).execute(init)).events
    assert [error.domain for error in errors] == ["home"]

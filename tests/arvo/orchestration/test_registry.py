"""Machines are found by what a subject names; whether they belong together, the orchestrator checks."""

from __future__ import annotations

from typing import Any

import pytest

from adapter.definition import find_machine
from arvo import (
    ArvoMachine,
    ArvoOrchestrationSubject,
    ArvoOrchestrator,
    ConfigViolation,
    MachineExecutionEngine,
    MachineRegistry,
    SimpleMachineMemory,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    setup_arvo_machine,
)
from tests.arvo.counting import Goal, Total

VERSION: Any = {"init": Goal, "complete": Total}
CONTRACTS = {
    name: create_arvo_orchestrator_contract(
        uri=f"#/test/{name}", name=name, versions={"1.0.0": VERSION, "2.0.0": VERSION}
    )
    for name in ("left", "right")
}


def machine(name: str, version: str = "1.0.0", id: str | None = None) -> ArvoMachine:
    contracts: Any = {"self": CONTRACTS[name].version(version), "services": {}}
    config = {"id": id or f"{name} {version}", "initial": "end", "states": {"end": {"type": "final"}}}
    return setup_arvo_machine(contracts=contracts).create_machine({**config, "output": {"total": len(name)}})


def subject(name: str, version: str = "1.0.0") -> str:
    return ArvoOrchestrationSubject.new(
        orchestrator=f"arvo.orc.{name}", version=version, initiator="com.test.app", domain=None
    )


ALL = [machine(name, version) for name in ("left", "right") for version in ("1.0.0", "2.0.0")]
REGISTRY = MachineRegistry(*ALL)


@pytest.mark.parametrize("wanted", ALL, ids=lambda one: str(one.id))
def test_a_registry_finds_machines_of_several_orchestrators_by_source_and_version(wanted: ArvoMachine) -> None:
    name = wanted.source.removeprefix("arvo.orc.")
    assert REGISTRY.resolve(subject(name, wanted.version)) is wanted
    factory = create_arvo_orchestrator_event_factory(CONTRACTS[name].version(wanted.version))
    assert REGISTRY.resolve(factory.init(source="com.test.app", data={"parentSubject$$": None, "goal": 1})) is wanted
    assert list(REGISTRY.machines) == ALL


@pytest.mark.parametrize(("name", "version"), [("middle", "1.0.0"), ("left", "3.0.0"), ("left", "0.0.0")])
def test_what_is_not_registered_is_a_violation_that_lists_what_is(name: str, version: str) -> None:
    with pytest.raises(ConfigViolation, match=rf"name='arvo\.orc\.{name}' and version='{version}'") as caught:
        REGISTRY.resolve(subject(name, version))
    assert "'arvo.orc.left' at 2.0.0, 'arvo.orc.right' at 1.0.0" in str(caught.value)
    assert "To fix" in str(caught.value)


def test_of_two_machines_with_one_name_the_first_is_found() -> None:
    first, second = machine("left", id="first"), machine("left", id="second")
    assert MachineRegistry(first, second).resolve(subject("left")) is first


def test_a_registry_needs_a_machine() -> None:
    with pytest.raises(ValueError, match="At least one machine"):
        MachineRegistry()
    with pytest.raises(ValueError, match="At least one machine"):
        create_arvo_orchestrator(executionunits=1, machines=[])


def test_an_orchestrator_refuses_machines_of_different_sources() -> None:
    with pytest.raises(ConfigViolation, match="same source") as caught:
        create_arvo_orchestrator(executionunits=1, machines=[machine("left"), machine("right", "2.0.0")])
    for part in ("'right 2.0.0'", "'arvo.orc.right'", "'left 1.0.0'", "'arvo.orc.left'", "To fix"):
        assert part in str(caught.value)


def test_an_orchestrator_refuses_two_machines_of_one_version() -> None:
    machines = [machine("left", "1.0.0"), machine("left", "2.0.0"), machine("left", "1.0.0", id="another")]
    with pytest.raises(ConfigViolation, match="unique machine versions") as caught:
        create_arvo_orchestrator(executionunits=1, machines=machines)
    for part in ("'another'", "1.0.0", "'left 1.0.0'", "To fix"):
        assert part in str(caught.value)


async def test_orchestrators_may_share_a_registry_and_each_runs_its_own_machines() -> None:
    shared = MachineRegistry(machine("left", "2.0.0"), machine("right", "1.0.0"), machine("left", "1.0.0"))
    orchestrator = ArvoOrchestrator(
        executionunits=1,
        memory=SimpleMachineMemory(),
        registry=shared,
        execution_engine=MachineExecutionEngine(),
        requires_resource_locking=False,
    )
    assert [one.version for one in orchestrator.machines] == ["2.0.0", "1.0.0"]
    found = find_machine(orchestrator, "1.0.0")
    assert found is not None
    assert found.source == "arvo.orc.left"
    factory = create_arvo_orchestrator_event_factory(CONTRACTS["left"].version("1.0.0"))
    init = factory.init(source="com.test.app", data={"parentSubject$$": None, "goal": 1})
    assert [event.data for event in (await orchestrator.execute(init)).events] == [{"total": 4}]

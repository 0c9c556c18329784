"""What a machine may be made of, and what is refused with a place and a cure."""

from __future__ import annotations

import json
import random
import time
from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from arvo import (
    ArvoMachine,
    ConfigViolation,
    MachineMemoryRecord,
    assign,
    create_arvo_contract,
    create_arvo_orchestrator,
    emit,
    raise_,
    setup_arvo_machine,
)
from arvo.orchestration.step import OrchestrationStep
from arvo.picture import draw
from arvo.statechart import DefinitionError, LoopError, PurityError
from tests.arvo.counting import CONFIG, CONTRACTS, Goal, Sum, add_contract, count_contract, count_machine, start

AFTER = {"id": "m", "initial": "a", "states": {"a": {"after": {"1000": "b"}}, "b": {}}}
INVOKE = {"id": "m", "initial": "a", "states": {"a": {"invoke": {"src": "x"}}}}


def test_a_machine_takes_version_and_source_from_its_contract() -> None:
    machine = count_machine()
    assert (machine.id, machine.version, machine.source) == ("count", "1.0.0", "arvo.orc.count")


def test_delays_are_allowed_unless_arvos_own_rule_is_asked_for() -> None:
    assert setup_arvo_machine(contracts=CONTRACTS).create_machine(AFTER)
    with pytest.raises(ConfigViolation, match="Location: a > after > 1000\n"):
        setup_arvo_machine(contracts=CONTRACTS, allow_delays=False).create_machine(AFTER)
    with pytest.raises(ConfigViolation, match="'delays'"):
        setup_arvo_machine(contracts=CONTRACTS, allow_delays=False, delays={"soon": 10})


def test_an_invoke_is_refused_with_its_place() -> None:
    with pytest.raises(ConfigViolation, match="Location: a > invoke > src\n"):
        setup_arvo_machine(contracts=CONTRACTS).create_machine(INVOKE)


def test_an_invoke_that_arvo_overlooks_is_refused_too_but_for_its_own_rule() -> None:
    config = {"id": "m", "invoke": {"src": "x"}, "initial": "a", "states": {"a": {}}}
    with pytest.raises(DefinitionError, match="invoke"):
        setup_arvo_machine(contracts=CONTRACTS).create_machine(config)
    with pytest.warns(UserWarning, match=r"'invoke' at \(root\)"):
        setup_arvo_machine(contracts=CONTRACTS, allow_delays=False).create_machine(config)


def test_an_actor_without_a_source_is_refused_and_an_empty_list_is_nothing() -> None:
    setup, own_rule = (setup_arvo_machine(contracts=CONTRACTS, allow_delays=allow) for allow in (True, False))
    config: dict[str, Any] = {"id": "m", "initial": "a", "states": {"a": {"invoke": {}}}}
    with pytest.raises(DefinitionError, match=r"states\.a\.invoke"):
        setup.create_machine(config)
    with pytest.warns(UserWarning, match="'invoke' at a"):
        own_rule.create_machine(config)
    setup.create_machine({**config, "invoke": [], "states": {"a": {"invoke": []}}})


class Tally(BaseModel):
    total: int


def test_a_setup_takes_what_the_engine_takes() -> None:
    config: dict[str, Any] = {
        **CONFIG,
        "context": lambda input: {"total": input.data["goal"]},
        "initial": "one",
        "entry": assign({"total": lambda context: context.total + 1}),
        "states": {"one": {"always": "two"}, "two": {"always": "done"}, "done": {"type": "final"}},
        "output": lambda context: {"total": context.total},
    }

    def run(*machines: ArvoMachine) -> OrchestrationStep[MachineMemoryRecord]:
        return create_arvo_orchestrator(executionunits=1, machines=machines).step(start(goal=2), None)

    shared = setup_arvo_machine(contracts=CONTRACTS, context=Tally, max_microsteps=1, strict=False)
    assert isinstance(run(shared.create_machine(config)).error, LoopError)
    assert run(shared.create_machine(config, max_microsteps=2)).events[0].data == {"total": 3}
    plain = setup_arvo_machine(contracts=CONTRACTS)
    assert run(plain.create_machine(config, context=Tally)).events[0].data == {"total": 3}
    assert isinstance(
        run(plain.create_machine({**config, "options": {"maxIterations": 1}}, context=Tally)).error, LoopError
    )
    tolerated = {**config, "entyr": []}
    with pytest.raises(DefinitionError, match="entyr"):
        plain.create_machine(tolerated)
    with pytest.raises(DefinitionError, match="entyr"):
        shared.create_machine(tolerated, strict=True)
    for machine in (shared.create_machine(tolerated), plain.create_machine(tolerated, strict=False)):
        assert machine.logic.config["entyr"] == []


def test_actors_and_the_reserved_action_are_refused() -> None:
    with pytest.raises(ConfigViolation, match="'actors'"):
        setup_arvo_machine(contracts=CONTRACTS, actors={})
    with pytest.raises(ConfigViolation, match="'enqueueArvoEvent'"):
        setup_arvo_machine(contracts=CONTRACTS, actions={"enqueueArvoEvent": lambda: None})


def test_a_service_that_is_there_twice_or_is_the_orchestrator_itself_is_refused() -> None:
    service, own = add_contract.version("1.0.0"), count_contract.version("1.0.0")
    with pytest.raises(ConfigViolation, match="'two' and 'one' both are '#/test/add'"):
        setup_arvo_machine(contracts={"self": own, "services": {"one": service, "two": service}})
    with pytest.raises(ConfigViolation, match="service 'me' is the orchestrator itself"):
        setup_arvo_machine(contracts={"self": own, "services": {"me": own}})


def test_another_version_than_the_contracts_is_refused() -> None:
    with pytest.raises(ConfigViolation, match=r"at '1\.0\.0' has version '2\.0\.0'"):
        count_machine({**CONFIG, "version": "2.0.0"})


def test_locking_is_needed_for_parallel_states_and_for_services_with_several_answers() -> None:
    parallel = {"id": "m", "initial": "a", "states": {"a": {"type": "parallel", "states": {"x": {}, "y": {}}}}}
    several = create_arvo_contract(
        uri="#/test/ask",
        type="com.ask.it",
        versions={"1.0.0": {"accepts": Goal, "emits": {"evt.ask.yes": Sum, "evt.ask.no": Sum}}},
    )
    contracts: Any = {**CONTRACTS, "services": {"ask": several.version("1.0.0")}}
    assert not count_machine().requires_resource_locking
    assert count_machine(parallel).requires_resource_locking
    assert setup_arvo_machine(contracts=contracts).create_machine(CONFIG).requires_resource_locking


def test_the_definition_can_be_read_as_json() -> None:
    assert '"initial":"adding"' in count_machine().definition
    assert count_machine().definition == count_machine().definition


def test_the_definition_has_delays_as_xstate_writes_them() -> None:
    delays = {timedelta(minutes=90): "b", "5 minutes": "b"}
    remind = raise_({"type": "T"}, delay=timedelta(minutes=5))
    kept = {"type": "keep", "params": {"for": timedelta(days=1)}}
    config = {"id": "m", "initial": "a", "states": {"a": {"after": delays, "entry": [remind, kept]}, "b": {}}}
    machine = setup_arvo_machine(contracts=CONTRACTS, actions={"keep": lambda params: None}).create_machine(config)
    assert json.loads(machine.definition)["states"]["a"] == {
        "after": {"5400000": "b", "5 minutes": "b"},
        "entry": [
            {"type": "xstate.raise", "params": {"event": {"type": "T"}, "delay": 300_000}},
            {"type": "keep", "params": {"for": "P1D"}},
        ],
    }
    assert "1 hour 30 minutes" in draw(machine)


@pytest.mark.parametrize(
    ("impure", "named"),
    [
        (assign(lambda: {"sum": time.monotonic_ns()}), "gave"),
        (assign(lambda context: context.update(sum=1) or {}), "changed the context"),
        (emit(lambda: {"type": "com.number.add", "data": {"a": random.random(), "b": 1}}), "gave"),
    ],
)
def test_impure_code_of_a_machine_is_found_where_that_is_asked_for(impure: Any, named: str) -> None:
    config = {
        "id": "m",
        "context": {"sum": 0},
        "initial": "a",
        "states": {"a": {"entry": impure}},
    }
    setup = setup_arvo_machine(contracts=CONTRACTS, check_purity=True)
    orchestrator = create_arvo_orchestrator(executionunits=1, machines=[setup.create_machine(config)])
    step = orchestrator.step(start(), None)
    assert isinstance(step.error, PurityError)
    assert named in str(step.error)

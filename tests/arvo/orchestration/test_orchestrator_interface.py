"""Orchestrators fulfil the interface that is published for them."""

from __future__ import annotations

import inspect

from arvo import (
    IArvoOrchestrator,
    ICreateArvoOrchestrator,
    SimpleMachineMemory,
    TryFunctionOutput,
    create_arvo_orchestrator,
)
from tests.arvo.counting import count_machine, count_orchestrator


def test_an_orchestrator_shows_all_of_its_interface() -> None:
    memory = SimpleMachineMemory()
    orchestrator: IArvoOrchestrator = count_orchestrator(memory=memory, system_error_domain=["ops"])
    assert (orchestrator.executionunits, orchestrator.memory) == (1, memory)
    assert orchestrator.system_error_domain == ["ops"]
    assert [machine.version for machine in orchestrator.registry.machines] == ["1.0.0"]
    assert orchestrator.execution_engine
    assert not orchestrator.requires_resource_locking


def test_the_arguments_can_be_kept_apart() -> None:
    options: ICreateArvoOrchestrator = {
        "memory": SimpleMachineMemory(),
        "executionunits": 2,
        "machines": [count_machine()],
    }
    assert create_arvo_orchestrator(**options).executionunits == 2
    assert set(ICreateArvoOrchestrator.__annotations__) == set(inspect.signature(create_arvo_orchestrator).parameters)
    assert ICreateArvoOrchestrator.__required_keys__ == set(options)


def test_an_outcome_is_told_apart_by_its_type() -> None:
    def half(number: int) -> TryFunctionOutput[int, ValueError]:
        if number % 2:
            return {"type": "error", "error": ValueError(f"{number} is odd")}
        return {"type": "success", "data": number // 2}

    shown = []
    for outcome in (half(4), half(3)):
        if outcome["type"] == "success":
            shown.append(str(outcome["data"] + 1))
        else:
            shown.append(str(outcome["error"]))
    assert shown == ["3", "3 is odd"]

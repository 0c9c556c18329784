"""Orchestrators fulfil the interface that is published for them."""

from __future__ import annotations

import inspect

from arvo import create_arvo_orchestrator
from arvo.orchestration.interfaces import (
    Failed,
    IArvoOrchestrator,
    ICreateArvoOrchestrator,
    Succeeded,
    TryFunctionOutput,
)
from tests.arvo.counting import count_machine, count_orchestrator


def test_an_orchestrator_shows_all_of_its_interface() -> None:
    orchestrator: IArvoOrchestrator = count_orchestrator(system_error_domain=["ops"])
    assert (orchestrator.executionunits, orchestrator.source) == (1, "arvo.orc.count")
    assert orchestrator.system_error_domain == ["ops"]
    assert [machine.version for machine in orchestrator.registry.machines] == ["1.0.0"]
    assert not orchestrator.requires_resource_locking


def test_the_arguments_can_be_kept_apart() -> None:
    options: ICreateArvoOrchestrator = {"executionunits": 2, "machines": [count_machine()]}
    assert create_arvo_orchestrator(**options).executionunits == 2
    assert set(ICreateArvoOrchestrator.__annotations__) == set(inspect.signature(create_arvo_orchestrator).parameters)


def test_an_outcome_is_told_apart_by_its_type() -> None:
    outcomes: list[TryFunctionOutput[int, ValueError]] = [Succeeded(1), Failed(ValueError("no"))]
    assert [outcome.type for outcome in outcomes] == ["success", "error"]

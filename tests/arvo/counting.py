"""A small system that the tests of this folder share: an orchestrator that adds numbers by asking a service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from arvo import (
    ArvoEvent,
    ArvoEventHandler,
    ArvoMachine,
    ArvoOrchestrator,
    HandlerOutput,
    assign,
    create_arvo_event_factory,
    create_arvo_event_handler,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    create_simple_arvo_contract,
    emit,
    setup_arvo_machine,
)


class Goal(BaseModel):
    goal: int


class Total(BaseModel):
    total: int


class Addends(BaseModel):
    left: int
    right: int


class Sum(BaseModel):
    sum: int


count_contract = create_arvo_orchestrator_contract(
    uri="#/test/count", name="count", versions={"1.0.0": {"init": Goal, "complete": Total}}
)
add_contract = create_simple_arvo_contract(
    uri="#/test/add", type="number.add", versions={"1.0.0": {"accepts": Addends, "emits": Sum}}
)
CONTRACTS: Any = {"self": count_contract.version("1.0.0"), "services": {"add": add_contract.version("1.0.0")}}

ASK = emit(lambda context: {"type": "com.number.add", "data": {"left": context["total"], "right": 1}})

CONFIG: Mapping[str, Any] = {
    "id": "count",
    "context": lambda input: {"goal": input.data["goal"], "total": 0},
    "initial": "adding",
    "output": lambda context: {"total": context["total"]},
    "states": {
        "adding": {
            "entry": [ASK],
            "on": {
                "evt.number.add.success": {
                    "target": "checking",
                    "actions": [assign({"total": lambda event: event.data["sum"]})],
                }
            },
        },
        "checking": {
            "always": [
                {"guard": lambda context: context["total"] >= context["goal"], "target": "done"},
                {"target": "adding"},
            ]
        },
        "done": {"type": "final"},
    },
}


def count_machine(config: Mapping[str, Any] = CONFIG) -> ArvoMachine:
    return setup_arvo_machine(contracts=CONTRACTS).create_machine(config)


def count_orchestrator(config: Mapping[str, Any] = CONFIG, **options: Any) -> ArvoOrchestrator:
    return create_arvo_orchestrator(executionunits=1, machines=[count_machine(config)], **options)


def add_handler(**options: Any) -> ArvoEventHandler:
    def add(event: ArvoEvent) -> HandlerOutput:
        addends = event.data_as(Addends)
        return {"type": "evt.number.add.success", "data": Sum(sum=addends.left + addends.right)}

    return create_arvo_event_handler(contract=add_contract, executionunits=1, handler={"1.0.0": add}, **options)


def start(goal: int = 1, **fields: Any) -> ArvoEvent:
    factory = create_arvo_orchestrator_event_factory(count_contract.version("1.0.0"))
    return factory.init(source="com.test.app", data={"parentSubject$$": None, "goal": goal}, **fields)


def answer(request: ArvoEvent, total: int, **fields: Any) -> ArvoEvent:
    factory = create_arvo_event_factory(add_contract.version("1.0.0"))
    return factory.emits(
        type="evt.number.add.success",
        source="com.number.add",
        subject=request.subject,
        parentid=request.id,
        data={"sum": total},
        **fields,
    )

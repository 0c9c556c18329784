"""An app whose orchestration asks many questions in one step, and counts the answers."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from arvo import (
    ArvoEvent,
    HandlerOutput,
    ResumableOutput,
    assign,
    create_arvo_event_handler,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    create_arvo_resumable,
    create_simple_arvo_contract,
    enqueue_actions,
    setup_arvo_machine,
)
from arvo_temporal import ArvoApp, Limits
from tests.resumables import Kind, policies_of


class Questions(BaseModel):
    """How many to ask."""

    count: int


class Number(BaseModel):
    """The number of a question."""

    number: int


fan_contract = create_arvo_orchestrator_contract(
    uri="#/test/fan", name="fan", versions={"1.0.0": {"init": Questions, "complete": Questions}}
)
blade_contract = create_simple_arvo_contract(
    uri="#/test/blade", type="blade.turn", versions={"1.0.0": {"accepts": Number, "emits": Number}}
)


def _ask(enqueue: Any, context: dict[str, Any]) -> None:
    for number in range(context["count"]):
        enqueue.emit({"type": "com.blade.turn", "data": {"number": number}})


fan_machine = setup_arvo_machine(
    contracts={"self": fan_contract.version("1.0.0"), "services": {"blade": blade_contract.version("1.0.0")}},
).create_machine(
    {
        "id": "fan",
        "context": lambda input: {"count": input.data["count"], "answers": 0},
        "initial": "asking",
        "states": {
            "asking": {
                "entry": enqueue_actions(_ask),
                "on": {
                    "evt.blade.turn.success": {
                        "actions": assign(lambda context: {"answers": context["answers"] + 1}),
                    }
                },
                "always": {"guard": lambda context: context["answers"] == context["count"], "target": "over"},
            },
            "over": {"type": "final"},
        },
        "output": lambda context: {"count": context["answers"]},
    }
)


def ask(context: Any, input: ArvoEvent | None) -> ResumableOutput:
    """Do the same, as the function of a resumable."""
    if input is not None:
        count = input.data["count"]
        requests = [{"type": "com.blade.turn", "data": {"number": number}} for number in range(count)]
        return {"context": {"count": count, "answers": 0}, "services": requests}
    answers = context["answers"] + 1
    return (
        {"output": {"count": answers}} if answers == context["count"] else {"context": {**context, "answers": answers}}
    )


fan_resumable = create_arvo_resumable(
    contracts={"self": fan_contract, "services": {"blade": blade_contract.version("1.0.0")}}, handler={"1.0.0": ask}
)


def fan_app(limits: Limits | None = None, asked: list[int] | None = None, *, kind: Kind = "machine") -> ArvoApp:
    """Return the app; the numbers of the questions go into `asked`, in the order in which they come."""

    def turn(event: ArvoEvent) -> HandlerOutput:
        if asked is not None:
            asked.append(event.data["number"])
        return {"type": "evt.blade.turn.success", "data": {"number": event.data["number"]}}

    return ArvoApp(
        orchestrators=[
            create_arvo_orchestrator(executionunits=1, machines=[fan_machine]) if kind == "machine" else fan_resumable
        ],
        policies=policies_of("arvo.orc.fan", kind),
        handlers=[create_arvo_event_handler(contract=blade_contract, executionunits=1, handler={"1.0.0": turn})],
        limits=limits,
    )


def fan_out(count: int) -> ArvoEvent:
    """Return the init event of a new orchestration that asks so many questions."""
    return create_arvo_orchestrator_event_factory(fan_contract.version("1.0.0")).init(
        source="com.test.app", data={"parentSubject$$": None, "count": count}
    )

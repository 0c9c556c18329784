"""An orchestration that asks another team's oracle, and asks again where the answer is none."""

from __future__ import annotations

from pydantic import BaseModel

from arvo import (
    ArvoEvent,
    ArvoEventHandler,
    ArvoOrchestrator,
    HandlerOutput,
    SimpleMachineMemory,
    assign,
    create_arvo_event_handler,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    create_simple_arvo_contract,
    emit,
    setup_arvo_machine,
)

FOREIGN_TASK_QUEUE = "chaos.elsewhere"
"""The task queue of the other team."""

ASKED = "com.riddle.ask"
ANSWERED = "evt.riddle.ask.success"


class Round(BaseModel):
    """The riddle of one round."""

    number: int


class Rounds(BaseModel):
    """How many rounds there are."""

    rounds: int


class Answers(BaseModel):
    """The answers, in order."""

    answers: list[int]


riddle_contract = create_simple_arvo_contract(
    uri="#/test/riddle", type="riddle.ask", versions={"1.0.0": {"accepts": Round, "emits": Round}}
)
quiz_contract = create_arvo_orchestrator_contract(
    uri="#/test/quiz", name="quiz", versions={"1.0.0": {"init": Rounds, "complete": Answers}}
)
_quiz_machine = setup_arvo_machine(
    contracts={"self": quiz_contract.version("1.0.0"), "services": {"riddle": riddle_contract.version("1.0.0")}},
    actions={
        "ask": emit(lambda context: {"type": ASKED, "data": {"number": len(context["answers"])}}),
        "keep": assign(lambda context, event: {"answers": [*context["answers"], event.data["number"]]}),
    },
    guards={"is_over": lambda context: len(context["answers"]) + 1 >= context["rounds"]},
).create_machine(
    {
        "id": "quiz",
        "context": lambda input: {"rounds": input.data["rounds"], "answers": []},
        "initial": "asking",
        "states": {
            "asking": {
                "entry": "ask",
                "on": {
                    ANSWERED: [
                        {"guard": "is_over", "target": "over", "actions": "keep"},
                        {"target": "asking", "reenter": True, "actions": "keep"},
                    ],
                    f"sys.{ASKED}.error": {"target": "asking", "reenter": True},
                },
            },
            "over": {"type": "final"},
        },
        "output": lambda context: {"answers": context["answers"]},
    }
)


async def _solve(event: ArvoEvent) -> HandlerOutput:
    return {"type": ANSWERED, "data": {"number": event.data_as(Round).number ** 2}}


def create_oracle() -> ArvoEventHandler:
    """Return the handler of riddles."""
    return create_arvo_event_handler(contract=riddle_contract, executionunits=1, handler={"1.0.0": _solve})


def create_quiz() -> ArvoOrchestrator:
    """Return the orchestrator that asks riddles."""
    return create_arvo_orchestrator(executionunits=1, memory=SimpleMachineMemory(), machines=[_quiz_machine])


def start_quiz(rounds: int) -> ArvoEvent:
    """Return the init event of a new quiz of so many rounds."""
    return create_arvo_orchestrator_event_factory(quiz_contract.version("1.0.0")).init(
        source="com.test.chaos", data={"parentSubject$$": None, "rounds": rounds}
    )

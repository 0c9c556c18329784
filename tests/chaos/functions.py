"""The resumables of the chaos: a survey and a spool whose functions run in activities, a sum and a reel inline."""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import wraps
from typing import Any

from pydantic import BaseModel

from adapter.policies import StepMode
from arvo import (
    ArvoEvent,
    ArvoEventHandler,
    ArvoResumable,
    ExecutionViolation,
    HandlerOutput,
    ResumableOutput,
    create_arvo_event_handler,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    create_arvo_resumable,
    create_simple_arvo_contract,
)
from arvo.orchestration import ResumableFunction
from tests.chaos.questions import ANSWERED, ASKED, Rounds, riddle_contract
from tests.chaos.releases import Release, is_replayed
from tests.tape import Length, Reading, head_contract, read_tape, reading

MODES: Mapping[str, StepMode] = {
    "arvo.orc.survey": "step",
    "arvo.orc.sum": "inline",
    "arvo.orc.spool": "step",
    "arvo.orc.reel": "inline",
}
"""Where the functions run, by type."""


class Numbers(BaseModel):
    """What to square and add."""

    numbers: list[int]


class Number(BaseModel):
    """One number."""

    number: int


class Sum(BaseModel):
    """What numbers come to."""

    total: int


square_contract = create_simple_arvo_contract(
    uri="#/test/square", type="square.ask", versions={"1.0.0": {"accepts": Number, "emits": Number}}
)
sum_contract = create_arvo_orchestrator_contract(
    uri="#/test/sum", name="sum", versions={"1.0.0": {"init": Numbers, "complete": Sum}}
)
survey_contract = create_arvo_orchestrator_contract(
    uri="#/test/survey", name="survey", versions={"1.0.0": {"init": Rounds, "complete": Sum}}
)


def survey(input: ArvoEvent | None, service: ArvoEvent | None, context: Any, metadata: Any) -> ResumableOutput:
    """Ask riddles one after the other, again where the answer is none, and let their answers be added."""
    if input is not None:
        return _next({"rounds": input.data["rounds"], "answers": []}, input.subject)
    assert service is not None
    if service.type == ANSWERED:
        return _next({**context, "answers": [*context["answers"], service.data["number"]]}, metadata["subject"])
    if service.type == "arvo.orc.sum.done":
        return {"output": {"total": service.data["total"]}}
    return _next(context, metadata["subject"])


def _next(context: Any, subject: str) -> ResumableOutput:
    answers = context["answers"]
    if len(answers) < context["rounds"]:
        request = {"type": ASKED, "data": {"number": len(answers)}}
    else:
        request = {"type": "arvo.orc.sum", "data": {"parentSubject$$": subject, "numbers": answers}}
    return {"context": context, "services": [request]}


def add(
    input: ArvoEvent | None,
    service: ArvoEvent | None,
    context: Any,
    collected_events: Mapping[str, list[ArvoEvent]],
) -> ResumableOutput | None:
    """Let all numbers be squared at once, and add what comes back."""
    if input is not None:
        requests = [{"type": "com.square.ask", "data": {"number": number}} for number in input.data["numbers"]]
        return {"context": {"wanted": len(requests)}, "services": requests}
    answers = collected_events.get("evt.square.ask.success", [])
    if len(answers) < context["wanted"]:
        return None
    return {"output": {"total": sum(answer.data["number"] for answer in answers)}}


def failing(function: ResumableFunction, share: float) -> ResumableFunction:
    """Return a function that fails at random, before or after its work is done; Temporal calls it again."""

    @wraps(function)
    def call(**arguments: Any) -> Any:
        fails = random.random() < share
        if fails and random.random() < 0.5:
            raise ExecutionViolation("The model is down, says the chaos.")
        result = function(**arguments)
        if fails:
            raise ExecutionViolation("The result is lost, says the chaos.")
        return result

    return call


def released(function: ResumableFunction, release: Release, output: Mapping[str, Any]) -> ResumableFunction:
    """Return an inline function as a release has it: in a replay of a bad one, half of the calls throw or end.

    Args:
        function: The function.
        release: The release.
        output: What it ends with.
    """

    @wraps(function)
    def call(**arguments: Any) -> Any:
        event = arguments.get("service") or arguments.get("input")
        if release is Release.GOOD or event is None or not is_replayed(event):
            return function(**arguments)
        if release is Release.THROWING:
            raise NameError("name 'days' is not defined")
        return {"output": output}

    return call


def create_resumables(release: Release = Release.GOOD, failures: float = 0.0) -> list[ArvoResumable]:
    """Return all resumables.

    Args:
        release: The release that inline functions are of.
        failures: Share of the calls in activities that fail.
    """
    sum_services = {"square": square_contract.version("1.0.0")}
    survey_services = {"riddle": riddle_contract.version("1.0.0"), "sum": sum_contract.version("1.0.0")}
    return [
        create_arvo_resumable(
            contracts={"self": survey_contract, "services": survey_services},
            handler={"1.0.0": failing(survey, failures)},
        ),
        create_arvo_resumable(
            contracts={"self": sum_contract, "services": sum_services},
            handler={"1.0.0": released(add, release, {"total": 0})},
        ),
        _reader("spool", failing(read_tape, failures)),
        _reader("reel", released(read_tape, release, reading(()))),
    ]


def _reader(name: str, function: ResumableFunction) -> ArvoResumable:
    return create_arvo_resumable(
        contracts={"self": _reader_contract(name), "services": {"head": head_contract.version("1.0.0")}},
        handler={"1.0.0": function},
    )


def _reader_contract(name: str) -> Any:
    return create_arvo_orchestrator_contract(
        uri=f"#/test/{name}", name=name, versions={"1.0.0": {"init": Length, "complete": Reading}}
    )


def start_reader(name: str, length: int) -> ArvoEvent:
    """Return the init event of a new spool or reel."""
    return create_arvo_orchestrator_event_factory(_reader_contract(name).version("1.0.0")).init(
        source="com.test.chaos", data={"parentSubject$$": None, "length": length}
    )


def start_survey(rounds: int) -> ArvoEvent:
    """Return the init event of a new survey of so many rounds."""
    return create_arvo_orchestrator_event_factory(survey_contract.version("1.0.0")).init(
        source="com.test.chaos", data={"parentSubject$$": None, "rounds": rounds}
    )


async def _square(event: ArvoEvent) -> HandlerOutput:
    return {"type": "evt.square.ask.success", "data": {"number": event.data_as(Number).number ** 2}}


def create_square() -> ArvoEventHandler:
    """Return the handler that squares numbers."""
    return create_arvo_event_handler(contract=square_contract, executionunits=1, handler={"1.0.0": _square})

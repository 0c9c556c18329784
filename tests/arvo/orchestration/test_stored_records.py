"""Stored records that do not fit: of a machine that has been changed since, of something else, or damaged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import BaseModel

from arvo import (
    ArvoOrchestrator,
    ExecutionViolation,
    SimpleMachineMemory,
    TransactionViolation,
    TransactionViolationCause,
    create_arvo_resumable,
)
from arvo.statechart import Schedule
from tests.arvo.counting import CONFIG, CONTRACTS, answer, count_contract, count_orchestrator, start

INIT = start(goal=3)
FIRST = count_orchestrator().step(INIT, None)
ANSWER = answer(FIRST.events[0], 1)


def record(**parts: Any) -> Any:
    assert FIRST.record is not None
    return {**FIRST.record, **parts}


def state(**parts: Any) -> Any:
    return record(state={**record()["state"], **parts})


async def execute(
    stored: Any, orchestration: Any = None, memory: SimpleMachineMemory | None = None
) -> tuple[list[Any], Mapping[str, Any] | None]:
    """Let an orchestration with this record consume the answer: the events, and the record afterwards."""
    memory = memory or SimpleMachineMemory()
    await memory.write(INIT.subject, stored)
    orchestration = orchestration or count_orchestrator(memory=memory)
    events = (await orchestration.execute(ANSWER)).events
    return events, await memory.read(INIT.subject)


UNFIT = {
    "a state that is gone": (state(value="asking"), "State 'asking' does not exist on 'count'"),
    "a state that has become compound": (state(value={"adding": "deep"}), "adding"),
    "a status of another time": (state(status="waiting"), "'waiting' is no status"),
    "a history of another form": (state(historyValue=[1]), "historyValue"),
    "a context that is no object": (state(context=None), "does not fit machine 'count' at 1.0.0"),
}


@pytest.mark.parametrize("case", UNFIT)
async def test_a_state_that_the_machine_does_not_have_fails_the_orchestration_as_in_arvo(case: str) -> None:
    stored, problem = UNFIT[case]
    (report,), left = await execute(stored)
    assert report.type == "sys.arvo.orc.count.error"
    assert report.data["errorName"] == "RestoreError"
    assert problem in report.data["errorMessage"]
    assert left is not None
    assert left["executionStatus"] == "failure"


class Context(BaseModel):
    goal: int
    total: int
    added_later: str


def first_context() -> Context:
    return Context(goal=1, total=0, added_later="")


async def test_a_context_that_no_longer_fits_its_model_fails_the_orchestration() -> None:
    memory = SimpleMachineMemory()
    changed = count_orchestrator({**CONFIG, "context": first_context}, memory=memory)
    (report,), _ = await execute(record(), changed, memory)
    assert report.data["errorName"] == "RestoreError"
    assert "added_later" in report.data["errorMessage"]


RESUMABLE_RECORD: dict[str, Any] = {
    "executionStatus": "normal",
    "status": "active",
    "subject": INIT.subject,
    "events": {"consumed": None, "expected": None, "produced": []},
    "state$$": None,
}
DAMAGED: dict[str, Any] = {
    "no state": {key: part for key, part in record().items() if key != "state"},
    "null for a state": record(state=None),
    "text for a state": record(state="adding"),
    "nothing": {},
    "the record of a resumable": RESUMABLE_RECORD,
}


@pytest.mark.parametrize("case", DAMAGED)
async def test_a_damaged_record_is_a_violation_and_stays(case: str) -> None:
    memory = SimpleMachineMemory()
    with pytest.raises(ExecutionViolation, match="does not fit: its 'state' must be an object"):
        await execute(DAMAGED[case], memory=memory)
    assert await memory.read(INIT.subject) == DAMAGED[case]
    assert (await memory.lock(INIT.subject)) is True


@pytest.mark.parametrize("part", ["state", "events"])
async def test_a_damaged_record_does_not_fire_timers(part: str) -> None:
    due = Schedule("late", {"type": "xstate.after.1.count"}, 1.0)
    with pytest.raises(ExecutionViolation, match=f"'{part}' must be an object"):
        count_orchestrator().fire(due, "timer:1", record(**{part: 1}))


@pytest.mark.parametrize("events", [None, {"expected": [1]}, {"expected": {"a": 5}}])
async def test_a_damaged_record_of_a_resumable_is_a_violation(events: Any) -> None:
    memory = SimpleMachineMemory()
    resumable = create_arvo_resumable(
        contracts={"self": count_contract, "services": CONTRACTS["services"]},
        handler={"1.0.0": lambda collected_events: {"context": dict(collected_events)}},
        memory=memory,
    )
    stored = {**RESUMABLE_RECORD, "events": events}
    with pytest.raises(ExecutionViolation, match="does not fit: its 'events"):
        await execute(stored, resumable, memory)
    assert await memory.read(INIT.subject) == stored


class OddMemory(SimpleMachineMemory):
    """Answers with what is no record."""

    async def read(self, id: str, /) -> Any:
        return ["not", "a", "record"]


async def test_a_memory_that_answers_with_no_record_has_failed_to_read() -> None:
    orchestrator: ArvoOrchestrator = count_orchestrator(memory=OddMemory())
    with pytest.raises(TransactionViolation, match="instead of a record") as violation:
        await orchestrator.execute(ANSWER)
    assert violation.value.cause == TransactionViolationCause.READ_FAILURE

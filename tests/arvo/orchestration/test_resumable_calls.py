"""Calls of a resumable's function that are made in one place and concluded in another."""

from __future__ import annotations

import asyncio
import itertools
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel

from arvo import (
    ArvoDomain,
    ArvoEvent,
    ContractViolation,
    ExecutionViolation,
    Progress,
    ResumableOutput,
    ResumableRecord,
    create_arvo_resumable,
)
from arvo.contracts import describe_error
from arvo.orchestration import ResumableCall, needed_for_call
from arvo.statechart import PurityError
from tests.arvo.counting import Total, answer, start
from tests.arvo.orchestration.test_resumable import CONTRACTS, ask, resumable


class Notes(BaseModel):
    since: datetime
    totals: list[int]


async def concluded(orchestration: Any, event: ArvoEvent, record: ResumableRecord | None, *given: str) -> Any:
    """Make a call and conclude it, each from what JSON has made of it."""
    needed = json.loads(json.dumps(needed_for_call(record, given or orchestration.arguments("1.0.0"))))
    made = await orchestration.call(event, needed)
    return orchestration.conclude(event, record, made._replace(output=json.loads(json.dumps(made.output))))


def batch(context: Any, input: Any, service: Any, collected_events: Any) -> ResumableOutput:
    if input is not None:
        notes = Notes(since=datetime(2026, 1, 2, tzinfo=UTC), totals=[])
        return {"context": notes, "services": [ask(1), {**ask(2), "domain": (ArvoDomain.LOCAL, "elsewhere")}]}
    sums = [event.data["sum"] for event in collected_events["evt.number.add.success"]]
    output = {"total": sum(sums), "__id": "mine", "__executionunits": 3}
    known = {**context, "totals": sums}
    return {"context": known, "output": output} if len(sums) == 2 else {"context": known}


async def test_a_call_that_is_concluded_elsewhere_makes_the_step_that_is_made_in_one_place() -> None:
    orchestration, init = resumable(batch), start()
    record, event = None, init
    for position in range(3):
        whole, parted = orchestration.step(event, record), await concluded(orchestration, event, record)
        assert [one.to_json() | {"time": None} for one in parted.events] == [
            one.to_json() | {"time": None} for one in whole.events
        ]
        assert {**parted.record, "events": None} == {**(whole.record or {}), "events": None}
        record = whole.record
        if position == 0:
            requests = whole.events
        event = answer(requests[min(position, 1)], 10 + position)
    assert record is not None
    assert record["status"] == "done"


async def test_a_model_as_output_comes_through() -> None:
    orchestration, init = resumable(lambda: {"output": Total(total=4)}), start()
    step = await concluded(orchestration, init, None)
    assert [event.data for event in step.events] == [{"total": 4}]


async def test_what_the_function_raises_is_the_callers_until_it_is_concluded() -> None:
    def fail() -> None:
        raise ValueError("no")

    orchestration, init = resumable(fail), start()
    with pytest.raises(ValueError, match="no") as raised:
        await orchestration.call(init, None)
    whole, parted = orchestration.step(init, None), orchestration.conclude(init, None, raised.value)
    assert [event.id for event in parted.events] == [event.id for event in whole.events]
    assert parted.record is not None
    assert parted.record["executionStatus"] == "failure"


async def test_data_that_does_not_fit_fails_the_call_and_not_only_its_conclusion() -> None:
    wrong = {"type": "com.number.add", "data": {"left": "one"}}
    orchestration, init = resumable(lambda: {"services": [wrong]}), start()
    with pytest.raises(ContractViolation, match="left"):
        await orchestration.call(init, None)
    with pytest.raises(ContractViolation):
        orchestration.conclude(init, None, ResumableCall({"services": [wrong]}))


async def test_what_json_cannot_carry_fails_the_call() -> None:
    orchestration, init = resumable(lambda: {"context": {"when": {1, 2}}}), start()
    with pytest.raises(ExecutionViolation, match=r"context\.when"):
        await orchestration.call(init, None)


def test_a_call_is_given_what_its_arguments_need() -> None:
    orchestration, init = resumable(batch), start()
    record = orchestration.step(init, None).record
    assert record is not None
    assert needed_for_call(None, ("context",)) is None
    assert needed_for_call(record, ("metadata",)) == {**record}
    bare = needed_for_call(record, ())
    assert bare is not None
    assert bare["events"] == {"consumed": None, "expected": None, "produced": []}
    assert "state$$" not in bare
    some = needed_for_call(record, ("context", "collected_events"))
    assert some is not None
    assert some["state$$"] == record["state$$"]
    assert some["events"]["expected"] == record["events"]["expected"]


async def test_a_call_finds_what_the_try_before_has_kept() -> None:
    kept: list[Any] = []

    async def work(progress: Progress) -> ResumableOutput:
        await progress.save({"after": progress.last})
        return {}

    async def keep(value: Any) -> None:
        kept.append(value)

    await resumable(work).call(start(), None, Progress(7, keep))
    assert kept == [{"after": 7}]
    await resumable(work).execute(start())  # within one process nothing is kept, and nothing is in the way


def test_what_is_kept_is_json() -> None:
    with pytest.raises(ValueError, match="type set"):
        Progress().save({1})


def test_check_purity_finds_a_function_that_answers_otherwise_the_second_time() -> None:
    numbers = itertools.count()
    orchestration = resumable(lambda: {"context": {"n": next(numbers)}}, check_purity=True)
    step = orchestration.step(start(), None)
    assert isinstance(step.error, PurityError)
    assert "count/1.0.0 gave {'context': {'n': 0}} and then" in str(step.error)


def test_check_purity_finds_a_function_that_changes_its_context() -> None:
    def grow(context: Any, input: Any) -> ResumableOutput:
        if input is not None:
            return {"context": {"seen": []}, "services": [ask(1)]}
        context["seen"].append(1)
        return {"context": context}

    orchestration = resumable(grow, check_purity=True)
    first = orchestration.step(start(), None)
    second = orchestration.step(answer(first.events[0], 1), first.record)
    assert isinstance(second.error, PurityError)
    assert "changed the context" in str(second.error)


def test_check_purity_lets_a_pure_function_be() -> None:
    orchestration = create_arvo_resumable(contracts=CONTRACTS, handler={"1.0.0": lambda: {}}, check_purity=True)
    assert orchestration.step(start(), None).error is None


@pytest.mark.parametrize(
    ("returned", "problem"),
    [
        (["a"], "a value of type list"),
        ("done", "'done'"),
        ({"service": []}, "'service', which means nothing (was 'services' meant?)"),
        ({"services": {"type": "com.number.add"}}, "a value of type dict as 'services'"),
        ({"services": ["com.number.add"]}, "'com.number.add' without a type as services[0]"),
        ({"services": [{"data": {}}]}, "a value of type dict without a type as services[0]"),
        ({"output": 7}, "7 as 'output'"),
    ],
)
def test_what_a_function_must_not_return_is_refused_with_the_cure(returned: Any, problem: str) -> None:
    with pytest.raises(ExecutionViolation) as refused:
        resumable(lambda: returned).step(start(), None)
    assert f"#/test/count/1.0.0 has returned {problem}. To fix: return nothing" in str(refused.value)


class _MuteError(Exception):
    def __str__(self) -> str:
        raise ValueError("no words")


@pytest.mark.parametrize(
    ("raised", "name"),
    [
        (SystemExit(3), "SystemExit"),
        (asyncio.CancelledError(), "CancelledError"),
        (_MuteError(), "RuntimeError"),
        (ValueError("\ud800"), "ValueError"),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_whatever_a_function_raises_is_told_of_in_the_same_words(raised: BaseException, name: str) -> None:
    def fail() -> None:
        raise raised

    orchestration, init = resumable(fail), start()
    told: Any = (await asyncio.gather(orchestration.call(init, None), return_exceptions=True))[0]
    assert isinstance(told, Exception)
    steps = (orchestration.step(init, None), orchestration.conclude(init, None, told))
    records = [step.record for step in steps]
    assert {(record["error"]["name"], record["error"]["message"]) for record in records if record} == {
        (name, describe_error(told)["errorMessage"])
    }
    executed = await orchestration.execute(init)
    assert [event.data["errorName"] for event in executed.events] == [name]


async def test_who_cancels_an_execution_cancels_it() -> None:
    async def wait() -> None:
        await asyncio.Event().wait()

    executing = asyncio.create_task(resumable(wait).execute(start()))
    await asyncio.sleep(0)
    executing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await executing

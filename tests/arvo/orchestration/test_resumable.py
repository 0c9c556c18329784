"""Orchestrations written as functions."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from arvo import (
    ArvoEvent,
    ArvoResumable,
    ConfigViolation,
    ExecutionViolation,
    ResumableOutput,
    SimpleEventBroker,
    create_arvo_resumable,
)
from arvo.surroundings import current
from tests.arvo.counting import Total, add_contract, add_handler, answer, count_contract, start

CONTRACTS: Any = {"self": count_contract, "services": {"add": add_contract.version("1.0.0")}}


def ask(left: int, right: int = 1) -> dict[str, Any]:
    return {"type": "com.number.add", "data": {"left": left, "right": right}}


def count(context: Any, input: ArvoEvent | None, service: ArvoEvent | None) -> ResumableOutput | None:
    if input is not None:
        return {"context": {"goal": input.data["goal"]}, "services": [ask(0)]}
    assert service is not None
    total = service.data["sum"]
    return {"output": Total(total=total)} if total >= context["goal"] else {"services": [ask(total)]}


def resumable(function: Any = count, **options: Any) -> ArvoResumable:
    return create_arvo_resumable(contracts=CONTRACTS, handler={"1.0.0": function}, **options)


async def test_an_orchestration_is_resumed_by_every_answer_until_it_has_an_output() -> None:
    final = await SimpleEventBroker([resumable(), add_handler()]).resolve(start(goal=3))
    assert final is not None
    assert (final.type, final.data) == ("arvo.orc.count.done", {"total": 3})


async def test_answers_to_a_batch_of_requests_are_collected() -> None:
    def gather(input: Any, collected_events: Any) -> ResumableOutput | None:
        if input is not None:
            return {"services": [ask(1), ask(2)]}
        sums = [event.data["sum"] for event in collected_events["evt.number.add.success"]]
        return {"output": {"total": sum(sums)}} if len(sums) == 2 else None

    final = await SimpleEventBroker([resumable(gather), add_handler()]).resolve(start())
    assert final is not None
    assert final.data == {"total": 5}


async def test_the_output_may_say_what_the_completion_is_called_costs_and_where_it_goes() -> None:
    output = {"total": 1, "__id": "mine", "__executionunits": 5, "__domain": ["out"]}
    (done,) = resumable(lambda input: {"output": output}).step(start(), None).events
    assert (done.id, done.executionunits, done.domain, done.data) == ("mine", 5, "out", {"total": 1})


async def test_after_the_output_events_are_ignored() -> None:
    orchestration, init = resumable(), start(goal=1)
    (request,) = (await orchestration.execute(init)).events
    assert (await orchestration.execute(answer(request, 1))).events
    record = await orchestration.memory.read(init.subject)
    assert (await orchestration.execute(answer(request, 2))).events == []
    assert await orchestration.memory.read(init.subject) == record


async def test_the_context_stays_if_none_is_returned() -> None:
    orchestration, init = resumable(), start(goal=9)
    (request,) = (await orchestration.execute(init)).events
    await orchestration.execute(answer(request, 1))
    record = await orchestration.memory.read(init.subject)
    assert record is not None
    assert record["state$$"] == {"goal": 9}


async def test_functions_may_wait_in_execute_but_not_in_a_step() -> None:
    async def at_once() -> ResumableOutput:
        return {"output": {"total": 1}}

    async def later() -> ResumableOutput:
        await asyncio.sleep(0)
        return await at_once()

    assert (await resumable(later).execute(start())).events[0].data == {"total": 1}
    assert resumable(at_once).step(start(), None).events[0].data == {"total": 1}
    with pytest.raises(ExecutionViolation, match="waited"):
        resumable(later).step(start(), None)


async def test_what_a_function_raises_ends_the_orchestration_and_is_reported() -> None:
    def fail() -> None:
        raise RuntimeError("broke")

    orchestration, init = resumable(fail), start()
    (error,) = (await orchestration.execute(init)).events
    assert (error.type, error.data["errorMessage"]) == ("sys.arvo.orc.count.error", "broke")
    assert (await orchestration.execute(init)).events == []


async def test_a_version_without_a_function_is_a_config_violation() -> None:
    orchestration = create_arvo_resumable(contracts=CONTRACTS, handler={})
    with pytest.raises(ConfigViolation, match=r"version='1\.0\.0'"):
        await orchestration.execute(start())


async def test_ids_are_the_same_whatever_the_function_draws_and_however_it_is_run() -> None:
    draws, drawn = 0, []

    def draw(input: Any) -> ResumableOutput:
        drawn.append([current().new_id() for _ in range(draws)])
        return {"services": [ask(1), ask(2)]}

    init = start()
    ids = {tuple(event.id for event in resumable(draw).step(init, None).events)}
    draws = 2
    ids.add(tuple(event.id for event in resumable(draw).step(init, None).events))
    ids.add(tuple(event.id for event in resumable(draw).consume(init, None).events))
    ids.add(tuple(event.id for event in (await resumable(draw).execute(init)).events))
    assert len(ids) == 1
    assert drawn[1] == drawn[2] == drawn[3]
    assert not set(drawn[1]) & set(*ids)

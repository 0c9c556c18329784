"""What a resumable's function raises, and what becomes of calls that come to nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from temporalio import activity
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import RawValue, RetryPolicy
from temporalio.worker import Worker

from arvo import ArvoEvent, ContractViolation, ExecutionViolation, Progress, ResumableOutput
from arvo_temporal import (
    ArvoClient,
    ArvoPlugin,
    EmissionPolicy,
    Fate,
    Limits,
    OrchestrationFailedError,
    OrchestrationNotFoundError,
    TemporalMachineMemory,
    workflow_id,
)
from arvo_temporal.dev_server.server import DevServer
from tests.apps import counted, start_count
from tests.conftest import Serve
from tests.histories import count_events
from tests.polling import PATIENCE, eventually
from tests.resumables import context_of, count, function_app, output_of

POLICY = EmissionPolicy(
    retry=RetryPolicy(initial_interval=timedelta(milliseconds=10), maximum_attempts=3), retry_on=(ConnectionError,)
)
in_both_modes = pytest.mark.parametrize("mode", ["step", "local"])


class Failing:
    """A function that counts, and raises what it is given first, one after the other, at each answer."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.tries = 0

    def __call__(self, context: Any, input: ArvoEvent | None, service: ArvoEvent | None) -> ResumableOutput:
        if service is not None:
            self.tries += 1
            if self.errors:
                raise self.errors.pop(0)
        return count(context, input, service)


@in_both_modes
async def test_a_violation_is_tried_again(serve: Serve, mode: Any) -> None:
    failing, init = Failing(ExecutionViolation("not yet"), ExecutionViolation("nor now")), start_count(goal=1)
    async with serve(function_app(failing, replace(POLICY, mode=mode))) as client:
        await client.execute(init)
        assert (await client.execute(counted(init.subject))).fate == "applied"
    assert failing.tries == 3


@in_both_modes
async def test_after_the_last_try_a_violation_refuses_the_event(serve: Serve, mode: Any) -> None:
    failing, init = Failing(*(ExecutionViolation(f"try {number}") for number in range(3))), start_count(goal=1)
    async with serve(function_app(failing, replace(POLICY, mode=mode))) as client:
        await client.execute(init)
        event = counted(init.subject)
        with pytest.raises(ExecutionViolation, match="try 2"):
            await client.execute(event)
        (refused,) = await client.violations(init.subject)
        (redriven,) = await client.redrive(init.subject)
        record = await client.result(init.subject)
    assert (refused.id, refused.code) == (event.id, "ViolationError<Execution>")
    assert redriven.fate == "applied"
    assert failing.tries == 4
    assert output_of(record)["seen"] == [1]


@in_both_modes
async def test_an_init_event_that_is_refused_after_its_call_is_answered(serve: Serve, mode: Any) -> None:
    """Whoever waits behind it is answered too, and the workflow fails."""
    called, free = asyncio.Event(), asyncio.Event()

    async def refuse(input: ArvoEvent | None) -> ResumableOutput:
        called.set()
        await free.wait()
        raise ExecutionViolation("no such plan")

    init = start_count(goal=1)
    policy = replace(POLICY, mode=mode, retry=RetryPolicy(maximum_attempts=1))
    async with serve(function_app(refuse, policy)) as client:
        answer = asyncio.create_task(client.execute(init))
        await called.wait()
        behind = asyncio.create_task(client.execute(counted(init.subject)))
        if mode == "step":
            await eventually(lambda: _accepted(client, init), lambda seen: seen == 2)
        free.set()
        with pytest.raises(ExecutionViolation, match="no such plan"):
            await answer
        if mode == "step":
            assert (await behind).fate == "late"
        else:
            with pytest.raises(OrchestrationNotFoundError):
                await behind
        with pytest.raises(OrchestrationFailedError, match="no such plan"):
            await client.result(init.subject)


async def _accepted(client: ArvoClient, init: ArvoEvent) -> int:
    return await count_events(client, init, EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED)


async def test_a_request_that_fits_no_contract_is_tried_again_and_refused(serve: Serve) -> None:
    tries = 0

    def wrong(input: ArvoEvent | None) -> ResumableOutput:
        nonlocal tries
        tries += input is None
        return {} if input else {"services": [{"type": "com.tally.ask", "data": {"goal": "many"}}]}

    init = start_count(goal=1)
    async with serve(function_app(wrong, POLICY)) as client:
        await client.execute(init)
        with pytest.raises(ContractViolation, match="goal"):
            await client.execute(counted(init.subject))
        assert (await client.ledger(init.subject)).counts == {"applied": 1, "refused": 1}
    assert tries == 3


@in_both_modes
@pytest.mark.parametrize(
    ("error", "tries"), [(ConnectionResetError("cut off"), 3), (ArithmeticError("no sum"), 1)], ids=["named", "other"]
)
async def test_after_the_last_try_what_it_raises_fails_the_orchestration(
    serve: Serve, mode: Any, error: Exception, tries: int
) -> None:
    failing, init = Failing(*[error] * 3), start_count(goal=1)
    async with serve(function_app(failing, replace(POLICY, mode=mode))) as client:
        await client.execute(init)
        answer = await client.execute(counted(init.subject))
        with pytest.raises(OrchestrationFailedError, match=str(error)) as failure:
            await client.result(init.subject)
        described = await client.client.get_workflow_handle(workflow_id(init.subject)).describe()
        remembered = await TemporalMachineMemory(client.client).read(init.subject)
    assert failing.tries == tries
    assert described.status is WorkflowExecutionStatus.FAILED
    (told,) = answer.events
    assert (told.type, told.data["errorName"]) == ("sys.arvo.orc.counter.error", type(error).__name__)
    assert told.data["errorMessage"] == str(error)
    assert "raise self.errors.pop(0)" in (told.data["errorStack"] or "")
    assert remembered == failure.value.record
    assert remembered is not None
    assert remembered["executionStatus"] == "failure"


async def test_what_its_policy_names_is_tried_again_until_it_succeeds(serve: Serve) -> None:
    failing, init = Failing(ConnectionError("no line"), ConnectionError("no line")), start_count(goal=1)
    async with serve(function_app(failing, POLICY)) as client:
        await client.execute(init)
        assert (await client.execute(counted(init.subject))).fate == "applied"
    assert failing.tries == 3


@pytest.mark.parametrize("failing_start", [True, False], ids=["the init event", "an answer"])
async def test_a_message_of_any_length_is_bounded(serve: Serve, failing_start: bool) -> None:
    def shout(input: ArvoEvent | None) -> ResumableOutput:
        if (input is not None) == failing_start:
            raise ArithmeticError("\N{PILE OF POO}" * 2_000_000)
        return {"context": {}}

    init = start_count(goal=1)
    async with serve(function_app(shout, POLICY)) as client:
        await client.deliver(init)
        if not failing_start:
            await client.deliver(counted(init.subject))
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(OrchestrationFailedError, match="ArithmeticError"):
                await client.result(init.subject)


async def test_a_call_that_takes_too_long_is_made_again_and_then_fails_the_orchestration(serve: Serve) -> None:
    calls = 0

    async def sleep(input: ArvoEvent | None) -> ResumableOutput:
        nonlocal calls
        if input is None:
            calls += 1
            await asyncio.sleep(60)
        return {}

    policy, init = replace(POLICY, timeout=timedelta(seconds=1)), start_count(goal=1)
    async with serve(function_app(sleep, policy)) as client:
        await client.execute(init)
        answer = await client.execute(counted(init.subject))
        with pytest.raises(OrchestrationFailedError, match=r"(?i)timeout"):
            await client.result(init.subject)
    assert calls == 3
    assert [event.type for event in answer.events] == ["sys.arvo.orc.counter.error"]


@in_both_modes
@pytest.mark.parametrize("part", ["context", "output"])
async def test_a_result_that_is_too_large_is_refused_and_names_what_is_large(
    serve: Serve, part: str, mode: Any
) -> None:
    calls = 0

    def pile(input: ArvoEvent | None) -> ResumableOutput:
        nonlocal calls
        if input is not None:
            return {"context": {}}
        calls += 1
        large: ResumableOutput = {"output": {"total": 0, "seen": [0] * 2_000_000}}
        return {"context": {"notes": "x" * 4_000_000}} if part == "context" else large

    init = start_count(goal=1)
    async with serve(function_app(pile, replace(POLICY, mode=mode))) as client:
        await client.execute(init)
        await client.deliver(counted(init.subject))
        (refused,) = await eventually(lambda: client.violations(init.subject), bool)
        record = await client.record(init.subject)
    assert calls == 1
    assert f"most of them in its '{part}'" in (refused.reason or "")
    assert "claim check" in (refused.reason or "")
    assert context_of(record) == {}


async def test_a_context_may_be_as_large_as_the_limit_says(serve: Serve) -> None:
    def keep(input: ArvoEvent | None, context: Any) -> ResumableOutput:
        if input is not None:
            return {"context": {"notes": "x" * 1_000_000}}
        return {"output": {"total": len(context["notes"]), "seen": []}}

    init = start_count(goal=1)
    async with serve(function_app(keep, POLICY, limits=Limits())) as client:
        await client.execute(init)
        await client.execute(counted(init.subject))
        record = await client.result(init.subject)
    assert output_of(record)["total"] == 1_000_000


GARBAGE: list[Any] = [
    None,
    5,
    [{"no": "event"}],
    {},
    {"output": None},
    {"output": 5},
    {"output": {"services": "none"}},
    {"output": {"services": [5]}},
    {"output": {"output": []}},
    {"output": {"surprise": 1}},
    {"output": {"output": {"total": "many"}}},
    {"output": {"services": [{"type": "com.tally.ask", "data": 5}]}},
    {"output": {"services": [{"__proto__": 1}]}},
    {"output": {"services": [{"type": "com.tally.ask", "data": {"goal": 1}, "domain": 5}]}},
    {"output": {"services": [{"type": "com.tally.ask", "data": {"goal": 1}, "to": 5}]}},
]
HARMLESS: list[Any] = [
    {"output": {}, "traceparent": 5, "tracestate": []},
    {"output": {}, "traceparent": "garbage"},
    {"output": {"services": [{"type": "com.nobody.knows", "data": {}}]}},
]


async def test_whatever_a_foreign_worker_answers_the_orchestration_goes_on(server: DevServer) -> None:
    """The calls come to a worker of somebody else, who has an activity of the same name."""
    answers = [{"output": {"context": {"kept": True}}}, *GARBAGE, *HARMLESS]

    @activity.defn(name="arvo.orc.counter")
    async def garbage(event: RawValue, given: RawValue) -> Any:
        return answers.pop(0) if answers else {"output": {"output": {"total": 7, "seen": []}}}

    app, init = function_app(count, POLICY, task_queue="garbage"), start_count(goal=1)
    client = await Client.connect(server.address, plugins=[ArvoPlugin(app)])
    plain = await Client.connect(server.address)
    async with (
        Worker(client, task_queue=app.task_queue, no_remote_activities=True),
        Worker(plain, task_queue=app.task_queue, activities=[garbage]),
    ):
        arvo = ArvoClient(client, app)
        await arvo.execute(init)
        for _ in [*GARBAGE, *HARMLESS]:
            await arvo.deliver(counted(init.subject))
        await arvo.deliver(counted(init.subject))
        record = await arvo.result(init.subject)
        counts = (await arvo.ledger(init.subject)).counts
    assert output_of(record) == {"total": 7, "seen": []}
    assert counts[Fate.REFUSED] == len(GARBAGE)
    assert context_of(record) == {"kept": True}


@pytest.mark.parametrize("mode", ["step", "local", "inline"])
@pytest.mark.parametrize(
    "raised", [SystemExit(3), asyncio.CancelledError(), ValueError("\ud800")], ids=lambda one: type(one).__name__
)
async def test_what_would_end_a_process_or_has_no_text_ends_the_orchestration_alone(
    serve: Serve, mode: Any, raised: BaseException
) -> None:
    def leave(context: Any, input: ArvoEvent | None, service: ArvoEvent | None) -> ResumableOutput:
        if service is not None:
            raise raised
        return count(context, input, service)

    init, other = start_count(goal=2), start_count(goal=2)
    async with serve(function_app(leave, EmissionPolicy(mode=mode))) as client:
        await client.deliver(init)
        await client.deliver(counted(init.subject))
        with pytest.raises(OrchestrationFailedError, match="ArvoOrchestrationFailed") as failed:
            await client.result(init.subject, timeout=PATIENCE)
        assert failed.value.record is not None
        assert failed.value.record["error"]["name"] == type(raised).__name__
        assert (await client.execute(other)).fate is Fate.APPLIED  # its worker lives


async def test_progress_that_is_too_large_is_refused_with_its_size(serve: Serve) -> None:
    async def save(input: ArvoEvent | None, progress: Progress) -> ResumableOutput:
        await progress.save("x" * 2_000_000)
        return {}

    policy = EmissionPolicy(retry=RetryPolicy(maximum_attempts=1))
    async with serve(function_app(save, policy)) as client:
        with pytest.raises(ExecutionViolation, match="2,000,002 bytes; the limit is 1,048,576"):
            await client.execute(start_count(goal=1))

"""The calls of a resumable's function: one at a time, each once, whatever comes while one is under way."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowExecutionStatus

from arvo import ArvoEvent, ContractViolation, ResumableOutput
from arvo_temporal import (
    ArvoClient,
    EmissionPolicy,
    Limits,
    OrchestrationFailedError,
    OrchestrationNotFoundError,
    TemporalMachineMemory,
    workflow_id,
)
from tests.apps import counted, start_count
from tests.conftest import Serve
from tests.histories import count_events, count_runs
from tests.polling import eventually
from tests.resumables import app_of, context_of, count, function_app, output_of, policies_of

SCHEDULED = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
PATIENT = EmissionPolicy(timeout=timedelta(seconds=60), heartbeat=timedelta(seconds=1))


class Slow:
    """A function that counts, whose calls wait until they are let go; it remembers them.

    Attributes:
        calls: The ids of the events that it was called with.
        under_way: How many calls are under way.
        most: How many were, at most.
        ended: How many calls have returned.
        cancelled: How many calls were cancelled.
    """

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.under_way = self.most = self.ended = self.cancelled = 0
        self._free = asyncio.Event()

    def let_go(self) -> None:
        """Let the call that waits, and all that follow, return."""
        self._free.set()

    async def __call__(
        self, context: Any, input: ArvoEvent | None, service: ArvoEvent | None, collected_events: Any
    ) -> ResumableOutput:
        event = service or input
        assert event is not None
        self.calls.append(event.id)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            if service is not None:
                await self._free.wait()
            self.ended += 1
            return count(context, input, service)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.under_way -= 1


async def is_called(slow: Slow, event: ArvoEvent) -> None:
    """Wait until the function is called with an event."""

    async def calls() -> list[str]:
        return slow.calls

    await eventually(calls, lambda seen: event.id in seen)


async def test_what_comes_during_a_call_waits_and_keeps_its_order(serve: Serve) -> None:
    slow, init = Slow(), start_count(goal=15)
    events = [counted(init.subject, by) for by in (1, 2, 3, 4, 5)]
    async with serve(function_app(slow, PATIENT)) as client:
        await client.execute(init)
        await client.deliver(events[0])
        await is_called(slow, events[0])
        for event in events[1:]:
            await client.deliver(event)
        assert slow.calls == [init.id, events[0].id]
        slow.let_go()
        record = await client.result(init.subject)
    assert output_of(record)["seen"] == [1, 2, 3, 4, 5]
    assert slow.calls == [init.id, *(event.id for event in events)]
    assert slow.most == 1


async def test_the_record_and_the_ledger_can_be_read_during_a_call(serve: Serve) -> None:
    slow, init = Slow(), start_count(goal=2)
    async with serve(function_app(slow, PATIENT)) as client:
        await client.execute(init)
        event = counted(init.subject, 2)
        await client.deliver(event)
        await is_called(slow, event)
        record = await client.record(init.subject)
        counts = (await client.ledger(init.subject)).counts
        slow.let_go()
        await client.result(init.subject)
    assert context_of(record) == {"goal": 2, "total": 0, "seen": []}
    assert counts == {"applied": 1}


async def test_a_repetition_of_an_event_whose_call_is_under_way_shares_its_outcome(serve: Serve) -> None:
    slow, init = Slow(), start_count(goal=9)
    async with serve(function_app(slow, PATIENT)) as client:
        await client.execute(init)
        event = counted(init.subject, 2)
        await client.deliver(event)
        await is_called(slow, event)
        await client.deliver(event)
        answers = [asyncio.create_task(client.execute(event)) for _ in range(2)]
        await eventually(lambda: _updates(client, init), lambda seen: seen == 3)  # that of the init event, and these
        slow.let_go()
        fates = {(await answer).fate for answer in answers}
        record = await client.record(init.subject)
    assert fates <= {"applied", "duplicate"}
    assert slow.calls.count(event.id) == 1
    assert context_of(record)["total"] == 2


async def _updates(client: ArvoClient, init: ArvoEvent) -> int:
    return await count_events(client, init, EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED)


async def test_a_replay_calls_nothing_again(serve: Serve) -> None:
    slow, init = Slow(), start_count(goal=9)
    slow.let_go()
    app = function_app(slow)
    async with serve(app) as client:
        for event in (init, counted(init.subject, 1), counted(init.subject, 2)):
            await client.execute(event)
    async with serve(app) as client:
        record = await client.record(init.subject)
        steps = await client.history(init.subject)
    assert context_of(record)["seen"] == [1, 2]
    assert [step.fate for step in steps] == ["applied"] * 3
    assert len(slow.calls) == 3


@pytest.mark.parametrize("mode", ["step", "inline"])
async def test_another_init_event_is_for_the_function_to_judge(serve: Serve, mode: Any) -> None:
    def judge(input: ArvoEvent | None, context: Any) -> ResumableOutput:
        return {"context": {"inputs": [*(context or {"inputs": []})["inputs"], input is not None and input.id]}}

    init = start_count(goal=1)
    other = ArvoEvent.from_json({**init.to_json(), "id": "other"})
    async with serve(function_app(judge, EmissionPolicy(mode=mode))) as client:
        fates = [(await client.execute(event)).fate for event in (init, other, other)]
        record = await client.record(init.subject)
    assert fates == ["applied", "applied", "duplicate"]
    assert context_of(record) == {"inputs": [init.id, "other"]}


async def test_what_is_refused_at_the_door_costs_no_call(serve: Serve) -> None:
    slow, init = Slow(), start_count(goal=9)
    wrong = ArvoEvent.from_json({**counted(init.subject).to_json(), "data": {"by": "one"}})
    async with serve(function_app(slow)) as client:
        await client.execute(init)
        with pytest.raises(ContractViolation, match="by"):
            await client.execute(wrong)
        await client.deliver(wrong)
        await client.deliver(init)
        await eventually(lambda: client.violations(init.subject), bool)
        assert await count_events(client, init, SCHEDULED) == 1
        ledger = await client.ledger(init.subject)
    assert slow.calls == [init.id]
    assert ledger.counts == {"applied": 1, "refused": 1, "duplicate": 1}


async def test_a_cancellation_ends_the_call_and_its_event_is_late(serve: Serve) -> None:
    slow, init = Slow(), start_count(goal=9)
    async with serve(function_app(slow, PATIENT)) as client:
        await client.execute(init)
        event, behind = counted(init.subject), counted(init.subject)
        answer = asyncio.create_task(client.execute(event))
        await is_called(slow, event)
        await client.deliver(behind)
        handle = client.client.get_workflow_handle(workflow_id(init.subject))
        await handle.cancel()
        with pytest.raises(OrchestrationFailedError, match="cancelled"):
            await client.result(init.subject)
        assert (await handle.describe()).status is WorkflowExecutionStatus.CANCELED
        assert (await answer).fate == "late"
        await eventually(lambda: _now(slow), lambda seen: seen.cancelled == 1)
        ledger = await client.ledger(init.subject)
        record = await TemporalMachineMemory(client.client).read(init.subject)
    assert {entry.id: entry.fate for entry in ledger.entries} == {
        init.id: "applied",
        event.id: "late",
        behind.id: "late",
    }
    assert context_of(record)["total"] == 0


async def test_a_termination_ends_the_call_too(serve: Serve) -> None:
    slow, init = Slow(), start_count(goal=9)
    async with serve(function_app(slow, PATIENT)) as client:
        await client.execute(init)
        event = counted(init.subject)
        await client.deliver(event)
        await is_called(slow, event)
        await client.client.get_workflow_handle(workflow_id(init.subject)).terminate("enough")
        await eventually(lambda: _now(slow), lambda seen: seen.cancelled == 1)
        late = await client.deliver(counted(init.subject))
        with pytest.raises(OrchestrationNotFoundError):
            await client.execute(counted(init.subject))
    assert late.status == "late"


async def _now(slow: Slow) -> Slow:
    return slow


async def test_a_run_ends_after_the_call_and_what_waited_goes_on_in_the_next(serve: Serve) -> None:
    slow, init = Slow(), start_count(goal=12)
    events = [counted(init.subject) for _ in range(12)]
    async with serve(function_app(slow, PATIENT, limits=Limits(deliveries_per_run=4))) as client:
        await client.execute(init)
        await client.deliver(events[0])
        await is_called(slow, events[0])
        for event in events[1:]:
            await client.deliver(event)
        slow.let_go()
        record = await client.result(init.subject)
        ledger = await client.ledger(init.subject)
        assert await count_runs(client, init) > 1
    assert output_of(record)["total"] == 12
    assert slow.calls == [init.id, *(event.id for event in events)]
    assert ledger.counts == {"applied": 13}


def gather(input: ArvoEvent | None, collected_events: Mapping[str, list[ArvoEvent]], context: Any) -> ResumableOutput:
    """Ask three services, and complete when all have answered."""
    if input is not None:
        asked = [{"type": "com.tally.ask", "data": {"goal": number}, "domain": ["outside"]} for number in range(3)]
        return {"context": {"calls": 0}, "services": asked}
    answers = collected_events.get("evt.tally.counted", [])
    if len(answers) == 3:
        seen = [answer.data["by"] for answer in answers]
        return {"output": {"total": sum(seen), "seen": seen}}
    return {"context": {"calls": context["calls"] + 1}}


@pytest.mark.parametrize("mode", ["step", "local", "inline"])
async def test_collected_answers_outlive_a_run(serve: Serve, mode: Any) -> None:
    async def outside(event: ArvoEvent) -> None:
        pass

    init = start_count(goal=1)
    app = function_app(
        gather, EmissionPolicy(mode=mode), publishers={"outside": outside}, limits=Limits(deliveries_per_run=1)
    )
    async with serve(app) as client:
        asked = (await client.execute(init)).events
        for by, request in enumerate(asked, 1):
            answer = await client.execute(counted(init.subject, by, parentid=request.id))
            assert answer.fate == "applied"
        record = await client.result(init.subject)
        assert await count_runs(client, init) > 1
    assert sorted(output_of(record)["seen"]) == [1, 2, 3]


async def test_a_change_of_the_mode_holds_from_the_next_run_on(serve: Serve) -> None:
    """The run that has begun with calls as activities goes on so, whatever the app says meanwhile."""
    init, app = start_count(goal=20), app_of({"arvo.orc.counter": "step"}, limits=Limits(deliveries_per_run=6))
    async with serve(app) as client:
        for event in (init, counted(init.subject), counted(init.subject)):
            await client.execute(event)
        assert await count_events(client, init, SCHEDULED) == 3
    app.policies.update(policies_of("arvo.orc.counter", "inline"))
    async with serve(app) as client:
        await client.execute(counted(init.subject))
        assert await count_events(client, init, SCHEDULED) == 4
        for _ in range(4):
            await client.execute(counted(init.subject))
        await eventually(lambda: count_runs(client, init), lambda seen: seen == 2)
        assert await count_events(client, init, SCHEDULED) == 0
        record = await client.record(init.subject)
    assert context_of(record)["total"] == 7

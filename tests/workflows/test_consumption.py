"""Events are consumed one at a time, in the order of their arrival, each id at most once."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest

from arvo import ArvoEvent
from arvo_temporal import ArvoClient, Limits, workflow_id
from tests.apps import counted, start_count
from tests.conftest import Serve
from tests.polling import eventually
from tests.resumables import Kind, as_machine_and_function, context_of, counter_app, in_each_kind, output_of


@in_each_kind
async def test_a_signal_sent_twice_is_consumed_once(serve: Serve, kind: Kind) -> None:
    init = start_count(goal=2)
    event = counted(init.subject)
    async with serve(counter_app(kind=kind)) as client:
        for sent in (init, event, event, counted(init.subject)):
            await client.deliver(sent)
        record = await client.result(init.subject)
        ledger = await client.ledger(init.subject)
    assert output_of(record) == {"total": 2, "seen": [1, 1]}
    assert ledger.counts == {"applied": 3, "duplicate": 1}
    assert [entry.fate for entry in ledger.entries if entry.id == event.id] == ["applied", "duplicate"] or [
        entry.fate for entry in ledger.entries if entry.id == event.id
    ] == ["duplicate", "applied"]


@in_each_kind
async def test_events_are_consumed_in_order_of_arrival(serve: Serve, kind: Kind) -> None:
    init = start_count(goal=sum(range(1, 31)))
    async with serve(counter_app(kind=kind)) as client:
        await client.deliver(init)
        for by in range(1, 31):
            await client.deliver(counted(init.subject, by))
        record = await client.result(init.subject)
    assert output_of(record)["seen"] == list(range(1, 31))


@as_machine_and_function
async def test_the_init_event_sent_again_is_consumed_once(serve: Serve, kind: Kind) -> None:
    init = start_count(goal=1)
    async with serve(counter_app(kind=kind)) as client:
        statuses = [(await client.deliver(init)).status for _ in range(2)]
        await client.deliver(counted(init.subject))
        await client.result(init.subject)
        ledger = await client.ledger(init.subject)
    assert statuses == ["started", "delivered"]
    assert ledger.counts == {"applied": 2, "duplicate": 1}


@in_each_kind
async def test_execute_answers_with_the_produced_events(serve: Serve, kind: Kind) -> None:
    init = start_count(goal=3)
    async with serve(counter_app(kind=kind)) as client:
        started = await client.execute(init)
        first = await client.execute(counted(init.subject))
        last = await client.execute(counted(init.subject, 2))
        record = await client.result(init.subject)
    assert (started.fate, first.fate, last.fate) == ("applied", "applied", "applied")
    assert (started.events, first.events) == ((), ())
    assert [event.type for event in last.events] == ["arvo.orc.counter.done"]
    assert last.events[0].to_json() == record["events"]["produced"][0]


@in_each_kind
async def test_executing_an_event_again_gives_the_same_answer(serve: Serve, kind: Kind) -> None:
    init = start_count(goal=9)
    async with serve(counter_app(kind=kind)) as client:
        await client.execute(init)
        event = counted(init.subject)
        answers = await asyncio.gather(client.execute(event), client.execute(event))
        again = await client.execute(event)
        record = await client.record(init.subject)
    assert record is not None
    assert context_of(record)["total"] == 1
    assert {answer.fate for answer in answers} <= {"applied", "duplicate"}
    assert again.fate == "duplicate"


async def test_a_valid_event_without_a_transition_is_unhandled(serve: Serve) -> None:
    init = start_count(goal=1)
    async with serve(counter_app()) as client:
        await client.execute(init)
        event = counted(init.subject)
        failed = event.from_json({**event.to_json(), "id": "other", "type": "evt.tally.failed"})
        answer = await client.execute(failed)
        await client.execute(event)
    assert answer.fate == "unhandled"
    assert "evt.tally.failed" in (answer.reason or "")


@as_machine_and_function
async def test_a_repetition_is_recognised_within_the_window_of_remembered_ids(serve: Serve, kind: Kind) -> None:
    init = start_count(goal=99)
    events = [counted(init.subject) for _ in range(4)]
    async with serve(counter_app(Limits(remembered_ids=3), kind=kind)) as client:
        await client.execute(init)
        for event in events:
            await client.execute(event)
        fates = [(await client.execute(event)).fate for event in (events[3], events[1], events[0])]
    assert fates == ["duplicate", "duplicate", "applied"]


@as_machine_and_function
async def test_the_ledger_keeps_the_newest_fates_and_counts_all(serve: Serve, kind: Kind) -> None:
    init = start_count(goal=99)
    events = [counted(init.subject) for _ in range(6)]
    async with serve(counter_app(Limits(ledger=4), kind=kind)) as client:
        await client.execute(init)
        for event in events:
            await client.execute(event)
        ledger = await client.ledger(init.subject)
    assert [entry.id for entry in ledger.entries] == [event.id for event in events[2:]]
    assert [entry.step for entry in ledger.entries] == [4, 5, 6, 7]
    assert ledger.counts == {"applied": 7}


@in_each_kind
async def test_an_event_is_consumed_once_also_after_a_reset(serve: Serve, kind: Kind) -> None:
    init = start_count(goal=4)
    events = [counted(init.subject) for _ in range(4)]
    async with serve(counter_app(kind=kind)) as client:
        await client.execute(init)
        for event in events[:3]:
            await client.deliver(event)
        await eventually(lambda: client.ledger(init.subject), lambda ledger: ledger.counts == {"applied": 4})
        await reset(client, init)
        await client.deliver(events[0])
        await client.deliver(events[3])
        record = await client.result(init.subject)
        counts = (await client.ledger(init.subject)).counts
    assert output_of(record)["total"] == 4
    assert counts == {"applied": 5, "duplicate": 1}


async def reset(client: ArvoClient, init: ArvoEvent) -> None:
    """Let the workflow begin again after its first workflow task; the server hands it the later signals again."""
    handle = client.client.get_workflow_handle(workflow_id(init.subject))
    history = [event async for event in handle.fetch_history_events()]
    completed = next(e for e in history if e.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED)
    await client.client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=client.client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=workflow_id(init.subject)),
            reason="test",
            request_id=str(uuid4()),
            workflow_task_finish_event_id=completed.event_id,
        )
    )

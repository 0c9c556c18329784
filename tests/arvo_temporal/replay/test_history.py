"""The record of an orchestration after each of its steps, rebuilt from Temporal's history."""

from __future__ import annotations

from datetime import timedelta

import pytest
from temporalio.client import Client

from adapter.errors import HistoryDiffersError
from adapter.payload import to_raw
from arvo import ArvoEvent, SimpleMachineMemory, create_arvo_orchestrator
from arvo_temporal import AppError, ArvoClient, Limits, OrchestrationNotFoundError, workflow_id
from arvo_temporal.dev_server.server import DevServer
from tests.apps import counted, counter_app, counter_machine, start_count, supervise, supervisor_app
from tests.changed import changed_counter
from tests.conftest import Serve
from tests.polling import eventually


def wrong(subject: str) -> ArvoEvent:
    return ArvoEvent.from_json({**counted(subject).to_json(), "data": {"by": "one"}})


async def test_it_is_what_an_orchestrator_in_one_process_remembers(serve: Serve) -> None:
    init = start_count(goal=6)
    events = [init, *(counted(init.subject, by=by) for by in (1, 2, 3))]
    async with serve(counter_app()) as client:
        await client.execute(init)
        await client.deliver(events[1])
        await client.deliver(events[1])
        await client.deliver(wrong(init.subject))
        await client.execute(events[2])
        await client.deliver(events[3])
        await client.result(init.subject)
    steps = await client.history(init.subject)
    assert [step.event_id for step in steps] == [event.id for event in events]
    assert [step.step for step in steps] == [1, 2, 3, 4]
    memory = SimpleMachineMemory()
    orchestrator = create_arvo_orchestrator(executionunits=1, machines=[counter_machine], memory=memory)
    for event, step in zip(events, steps, strict=True):
        result = await orchestrator.execute(event)
        expected = await memory.read(init.subject)
        assert step.record is not None
        assert expected is not None
        assert step.record["state"] == expected["state"]
        assert [event.id for event in step.events] == [event.id for event in result.events]


async def test_it_goes_over_all_runs_and_ends_with_the_present(serve: Serve) -> None:
    init = start_count(goal=100)
    async with serve(counter_app(Limits(deliveries_per_run=5))) as client:
        await client.execute(init)
        for _ in range(17):
            await client.execute(counted(init.subject))
        steps = await client.history(workflow_id(init.subject))
        assert [step.step for step in steps] == list(range(1, 19))
        assert [step.record["state"]["context"]["total"] for step in steps if step.record] == list(range(18))
        assert steps[-1].record == await client.record(init.subject)


async def test_nothing_is_sent_by_looking_back(serve: Serve) -> None:
    init = supervise(goal=1)
    async with serve(supervisor_app()) as client:
        await client.execute(init)
        (step,) = await client.history(init.subject)
        child = step.events[0].subject
        assert [event.type for event in step.events] == ["arvo.orc.counter"]
        await eventually(lambda: client.deliver(counted(child)), lambda delivered: delivered.accepted)
        await client.result(init.subject)
        assert [step.event_type for step in await client.history(init.subject)] == [
            "arvo.orc.supervisor",
            "arvo.orc.counter.done",
        ]


async def test_code_that_does_something_else_is_told(serve: Serve) -> None:
    init = start_count(goal=2)
    async with serve(counter_app()) as client:
        for event in (init, counted(init.subject), counted(init.subject)):
            await client.execute(event)
    other = ArvoClient(client.client, changed_counter(states={"counting": {}}))
    with pytest.raises(HistoryDiffersError, match="check-deploy"):
        await other.history(init.subject)


async def test_without_an_app_or_an_orchestration_it_says_so(server: DevServer) -> None:
    client = await Client.connect(server.address)
    with pytest.raises(AppError, match="app"):
        await ArvoClient(client).history(start_count(goal=1).subject)
    with pytest.raises(OrchestrationNotFoundError):
        await ArvoClient(client, counter_app()).history(start_count(goal=1).subject)


async def test_a_run_that_waits_for_its_beginning_has_no_steps(server: DevServer) -> None:
    init, app = start_count(goal=1), counter_app()
    client = await Client.connect(server.address)
    await client.start_workflow(
        init.type, to_raw(init), id=workflow_id(init.subject), task_queue="none", start_delay=timedelta(hours=1)
    )
    assert await ArvoClient(client, app).history(init.subject) == []


async def test_steps_know_their_transitions(server: DevServer, serve: Serve) -> None:
    init = start_count(goal=2)
    async with serve(counter_app(Limits(deliveries_per_run=2))) as client:
        for event in (init, counted(init.subject), counted(init.subject)):
            await client.execute(event)
    paths = [[one.path for one in step.transitions] for step in await client.history(init.subject)]
    added = 'states.counting.on["evt.tally.counted"][1]'
    assert paths == [[], [added], [added, "states.counting.always"]]

"""Nested orchestrations are child workflows, and their end comes back to the parent exactly once."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from arvo import (
    ArvoEvent,
    ArvoOrchestrator,
    ArvoResumable,
    HandlerOutput,
    create_arvo_event_factory,
    create_arvo_event_handler,
    create_arvo_orchestrator,
    create_arvo_resumable,
)
from arvo.orchestration.orchestration import EventEmissionDomains
from arvo_temporal import (
    AppError,
    ArvoApp,
    ArvoClient,
    ChildPolicy,
    EmissionPolicy,
    Limits,
    TemporalMachineMemory,
    workflow_id,
)
from tests.apps import (
    ask,
    asker_app,
    counted,
    counter_contract,
    counter_machine,
    oracle_contract,
    start_count,
    supervise,
    tally_contract,
)
from tests.conftest import Serve
from tests.polling import PATIENCE, eventually
from tests.resumables import (
    Kind,
    as_machine_and_function,
    count,
    counter_app,
    in_each_nesting,
    output_of,
    supervisor_app,
)


async def child_of(client: ArvoClient, init: ArvoEvent) -> str:
    """Return the subject of the count that the supervision has started."""
    record = await eventually(lambda: client.record(init.subject), lambda seen: seen is not None)
    assert record is not None
    (nested,) = record["events"]["produced"]
    subject: str = nested["subject"]
    await eventually(lambda: client.deliver(counted(subject, 0)), lambda delivered: delivered.accepted)
    return subject


async def output(client: ArvoClient, init: ArvoEvent) -> str:
    async with asyncio.timeout(PATIENCE):
        record = await client.result(init.subject)
    text: str = output_of(record)["text"]
    return text


async def answers(client: ArvoClient, init: ArvoEvent) -> int:
    """Return how many events about the nested count the supervision has been told."""
    ledger = await client.ledger(init.subject)
    return sum("arvo.orc.counter" in (entry.type or "") for entry in ledger.entries)


@in_each_nesting
async def test_a_completion_comes_back(serve: Serve, kind: Kind, child: Kind) -> None:
    init = supervise(goal=2)
    async with serve(supervisor_app(kind=kind, child=child)) as client:
        await client.execute(init)
        subject = await child_of(client, init)
        await client.deliver(counted(subject, 2))
        assert await output(client, init) == "total 2"


@in_each_nesting
async def test_a_machine_that_throws_comes_back_as_its_system_error(serve: Serve, kind: Kind, child: Kind) -> None:
    init = supervise(goal=2)
    async with serve(supervisor_app(kind=kind, child=child)) as client:
        await client.execute(init)
        subject = await child_of(client, init)
        await client.deliver(counted(subject, -1))
        assert await output(client, init) == "ArithmeticError: the count is broken"


@in_each_nesting
@pytest.mark.parametrize("end", ["terminate", "cancel"])
async def test_an_end_by_force_comes_back_as_a_system_error(serve: Serve, end: str, kind: Kind, child: Kind) -> None:
    init = supervise(goal=2)
    async with serve(supervisor_app(kind=kind, child=child)) as client:
        await client.execute(init)
        subject = await child_of(client, init)
        await getattr(client.client.get_workflow_handle(workflow_id(subject)), end)(reason="no longer wanted")
        told = await output(client, init)
        named = f"The orchestration '{workflow_id(subject)}'"
        reasons = {"terminate": f"TerminatedError: {named} was terminated: no longer wanted"}
        assert told == reasons.get(end, f"CancelledError: {named} was cancelled.")
        assert await answers(client, init) == 1


@as_machine_and_function
async def test_a_timeout_comes_back_as_a_system_error(serve: Serve, kind: Kind) -> None:
    init = supervise(goal=2)
    async with serve(supervisor_app(children=ChildPolicy(timeout=timedelta(seconds=1)), kind=kind)) as client:
        (nested,) = (await client.execute(init)).events
        text = await output(client, init)
    assert text == f"TimeoutError: The orchestration '{workflow_id(nested.subject)}' has taken longer than it may."


@as_machine_and_function
async def test_a_child_that_nobody_serves_is_reported(serve: Serve, kind: Kind) -> None:
    app = supervisor_app(kind=kind)
    del app.orchestrators["arvo.orc.counter"]
    init = supervise(goal=2)
    async with serve(app) as client:
        await client.deliver(init)
        assert (await output(client, init)).startswith("NoRoute: Nobody takes 'arvo.orc.counter'")


@as_machine_and_function
@pytest.mark.parametrize("end", ["complete", "throw", "terminate", "cancel"])
@pytest.mark.parametrize("elsewhere", [False, True], ids=["here", "elsewhere"])
async def test_it_comes_back_to_a_parent_that_has_continued_as_new(
    serve: Serve, end: str, elsewhere: bool, kind: Kind
) -> None:
    init = supervise(goal=2)
    counters = counter_app(kind=kind)
    async with AsyncExitStack() as workers:
        if elsewhere:
            await workers.enter_async_context(serve(counters))
        queue = counters.task_queue if elsewhere else None
        app = supervisor_app(Limits(deliveries_per_run=3), counter_queue=queue, kind=kind)
        client = await workers.enter_async_context(serve(app))
        await client.execute(init)
        subject = await child_of(client, init)
        for _ in range(7):
            await client.execute(unhandled(init.subject))
        if end in ("terminate", "cancel"):
            await getattr(client.client.get_workflow_handle(workflow_id(subject)), end)()
        else:
            await client.deliver(counted(subject, 2 if end == "complete" else -1))
        text = await output(client, init)
        assert await answers(client, init) == 1
    assert text.startswith({"complete": "total 2", "throw": "Arith", "terminate": "Term", "cancel": "Cancel"}[end])


@in_each_nesting
@pytest.mark.parametrize("end", ["complete", "throw"])
async def test_what_a_child_tells_another_domain_leaves_by_its_own_app_and_once(
    serve: Serve, end: str, kind: Kind, child: Kind
) -> None:
    """The parent's app has no publisher: what reached it would be reported there as going nowhere."""
    published: list[ArvoEvent] = []

    async def archive(event: ArvoEvent) -> None:
        published.append(event)

    counters = counter_app(kind=child)
    counters.publishers["archive"] = archive
    counters.orchestrators["arvo.orc.counter"] = archived_counter(child)
    init = supervise(goal=2)
    async with serve(counters), serve(supervisor_app(counter_queue=counters.task_queue, kind=kind)) as client:
        await client.execute(init)
        subject = await child_of(client, init)
        await client.deliver(counted(subject, 2 if end == "complete" else -1))
        told = await output(client, init)
        ledger = await client.ledger(init.subject)
    assert told == {"complete": "total 2", "throw": "ArithmeticError: the count is broken"}[end]
    assert ledger.counts == {"applied": 2}
    assert [(event.domain, event.subject) for event in published] == [("archive", init.subject)]


def archived_counter(kind: Kind) -> ArvoOrchestrator | ArvoResumable:
    """Return the orchestrator of counts, whose ends are told to the archive too."""
    domains: EventEmissionDomains = {"complete": [None, "archive"], "system_error": [None, "archive"]}
    if kind == "machine":
        return create_arvo_orchestrator(
            executionunits=1, machines=[counter_machine], default_event_emission_domains=domains
        )
    return create_arvo_resumable(
        contracts={"self": counter_contract, "services": {"tally": tally_contract.version("1.0.0")}},
        handler={"1.0.0": count},
        default_event_emission_domains=domains,
    )


@as_machine_and_function
@pytest.mark.parametrize("end", ["complete", "throw", "terminate"])
async def test_a_child_of_another_task_queue_comes_back(serve: Serve, end: str, kind: Kind) -> None:
    init = supervise(goal=2)
    counters = counter_app(kind=kind)
    async with serve(counters), serve(supervisor_app(counter_queue=counters.task_queue, kind=kind)) as client:
        await client.execute(init)
        subject = await child_of(client, init)
        handle = client.client.get_workflow_handle(workflow_id(subject))
        if end == "terminate":
            await handle.terminate()
        else:
            await client.deliver(counted(subject, 2 if end == "complete" else -1))
        text = await output(client, init)
        assert (await handle.describe()).task_queue == counters.task_queue
        assert await answers(client, init) == 1
    assert text.startswith({"complete": "total 2", "throw": "Arith", "terminate": "Term"}[end])


async def test_a_handler_of_another_task_queue_answers(serve: Serve) -> None:
    def oracle(event: ArvoEvent) -> HandlerOutput:
        return {"type": "evt.oracle.ask.success", "data": {"text": "Yes"}}

    handler = create_arvo_event_handler(contract=oracle_contract, executionunits=1, handler={"1.0.0": oracle})
    handlers = ArvoApp(handlers=[handler])
    init = ask("Rain")
    async with serve(handlers), serve(asker_app(task_queues={"com.oracle.ask": handlers.task_queue})) as client:
        await client.execute(init)
        assert await output(client, init) == "Yes"


async def test_the_client_starts_an_orchestration_on_the_task_queue_of_its_app(serve: Serve) -> None:
    counters = counter_app()
    async with serve(counters) as served:
        app = supervisor_app(counter_queue=counters.task_queue)
        answer = await ArvoClient(served.client, app, task_queue="nobody-there").execute(start_count(goal=1))
    assert answer.fate == "applied"


def test_a_type_has_one_place() -> None:
    with pytest.raises(AppError, match="already taken"):
        ArvoApp(orchestrators=counter_app().orchestrators.values(), task_queues={"arvo.orc.counter": "elsewhere"})
    with pytest.raises(AppError, match="another task queue"):
        ArvoApp(task_queues={"com.x": "elsewhere"}, policies={"com.x": EmissionPolicy(mode="local")})


@as_machine_and_function
async def test_a_child_that_is_started_in_the_last_moment_of_a_run_is_not_forgotten(serve: Serve, kind: Kind) -> None:
    """The run ends in the workflow task that asks for the child, before the server has begun it."""
    init, app = supervise(goal=2), supervisor_app(Limits(deliveries_per_run=1), kind=kind)
    async with serve(app) as client:
        pass
    for _ in range(2):
        await client.deliver(init)
    async with serve(app) as client:
        subject = await child_of(client, init)
        await client.deliver(counted(subject, 2))
        assert await output(client, init) == "total 2"


def unhandled(subject: str) -> ArvoEvent:
    """Return an event that is valid for a supervision, and changes nothing."""
    return create_arvo_event_factory(tally_contract.version("1.0.0")).emits(
        type="evt.tally.counted", source="com.tally.ask", subject=subject, to="arvo.orc.supervisor", data={"by": 1}
    )


async def test_the_history_of_a_parent_does_not_repeat_the_definition_of_the_child(serve: Serve) -> None:
    init = supervise(goal=2)
    async with serve(supervisor_app()) as client:
        await client.execute(init)
        subject = await child_of(client, init)
        await client.deliver(counted(subject, 2))
        await client.result(init.subject)
        history = await client.client.get_workflow_handle(workflow_id(init.subject)).fetch_history()
        remembered = await TemporalMachineMemory(client.client).read(subject)
    ended = [event.child_workflow_execution_completed_event_attributes for event in history.events]
    (result,) = [one.result.payloads[0].data for one in ended if one.result.payloads]
    assert json.loads(result)["machineDefinition"] is None
    assert remembered is not None
    assert remembered["machineDefinition"] == counter_machine.definition

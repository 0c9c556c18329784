"""Late, early and wrong events: the table of docs/guarantees.md, a test for each row."""

from __future__ import annotations

import asyncio

import pytest
from temporalio.client import (
    Client,
    DescribeWorkflowInput,
    Interceptor,
    OutboundInterceptor,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
)

from arvo import (
    ArvoEvent,
    ArvoOrchestrator,
    SimpleMachineMemory,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    setup_arvo_machine,
)
from arvo_temporal import ArvoClient, OrchestrationNotFoundError, workflow_id
from tests.apps import Goal, Total, counted, counter_machine, start_count, tally_contract
from tests.conftest import Serve
from tests.polling import PATIENCE, eventually
from tests.resumables import Kind, as_machine_and_function, counter_app, output_of


@as_machine_and_function
async def test_an_event_before_the_init_event_is_early_and_can_be_sent_again(serve: Serve, kind: Kind) -> None:
    init = start_count(goal=1)
    event = counted(init.subject)
    async with serve(counter_app(kind=kind)) as client:
        early = await client.deliver(event)
        with pytest.raises(OrchestrationNotFoundError):
            await client.execute(event)
        await client.deliver(init)
        again = await client.deliver(event)
        record = await client.result(init.subject)
    assert (early.status, early.accepted) == ("early", False)
    assert "Send its init event first" in early.reason
    assert again.status == "delivered"
    assert output_of(record)["total"] == 1


@as_machine_and_function
async def test_an_event_that_comes_while_its_orchestration_begins_is_delivered(serve: Serve, kind: Kind) -> None:
    """The server does not know the orchestration when the event comes, and does when it is asked about it."""
    init = start_count(goal=1)

    class Beginning(Interceptor):
        def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
            return StartsFirst(next)

    class StartsFirst(OutboundInterceptor):
        async def describe_workflow(self, input: DescribeWorkflowInput) -> WorkflowExecutionDescription:
            await client.deliver(init)
            return await super().describe_workflow(input)

    async with serve(counter_app(kind=kind)) as client:
        config = client.client.config()
        config["interceptors"] = [*config["interceptors"], Beginning()]
        result = await ArvoClient(Client(**config)).deliver(counted(init.subject))
        assert result.status == "delivered"
        record = await client.result(init.subject)
    assert output_of(record)["total"] == 1


@as_machine_and_function
async def test_an_event_after_completion_is_late(serve: Serve, kind: Kind) -> None:
    init = start_count(goal=1)
    async with serve(counter_app(kind=kind)) as client:
        await complete(client, init)
        before = await client.record(init.subject)
        late = await client.deliver(counted(init.subject))
        with pytest.raises(OrchestrationNotFoundError, match="closed"):
            await client.execute(counted(init.subject))
        assert await client.record(init.subject) == before
    assert (late.status, late.accepted) == ("late", False)
    assert "completed" in late.reason


@as_machine_and_function
async def test_an_event_for_a_failed_orchestration_is_late(serve: Serve, kind: Kind) -> None:
    init = start_count(goal=5)
    async with serve(counter_app(kind=kind)) as client:
        await client.execute(init)
        await client.execute(counted(init.subject, -1))
        assert await closed(client, init) is WorkflowExecutionStatus.FAILED
        late = await client.deliver(counted(init.subject))
    assert late.status == "late"
    assert "failed" in late.reason


@as_machine_and_function
@pytest.mark.parametrize("end", ["terminate", "cancel"])
async def test_an_event_for_one_that_was_ended_by_force_is_late(serve: Serve, end: str, kind: Kind) -> None:
    init = start_count(goal=5)
    async with serve(counter_app(kind=kind)) as client:
        await client.execute(init)
        await getattr(client.client.get_workflow_handle(workflow_id(init.subject)), end)()
        await closed(client, init)
        late = await client.deliver(counted(init.subject))
    assert late.status == "late"
    assert {"terminate": "terminated", "cancel": "canceled"}[end] in late.reason


@as_machine_and_function
async def test_the_init_event_again_is_a_duplicate_and_after_the_end_late(serve: Serve, kind: Kind) -> None:
    init = start_count(goal=1)
    async with serve(counter_app(kind=kind)) as client:
        await client.execute(init)
        again = await client.execute(init)
        delivered = await client.deliver(init)
        await client.deliver(counted(init.subject))
        await client.result(init.subject)
        late = await client.deliver(init)
        with pytest.raises(OrchestrationNotFoundError, match="closed"):
            await client.execute(init)
        runs = [run async for run in client.client.list_workflows(f"WorkflowId = '{workflow_id(init.subject)}'")]
    assert again.fate == "duplicate"
    assert delivered.status == "delivered"
    assert late.status == "late"
    assert len(runs) <= 1


async def test_another_init_event_changes_nothing(serve: Serve) -> None:
    init = start_count(goal=1)
    other = ArvoEvent.from_json({**init.to_json(), "id": "other", "data": {"parentSubject$$": None, "goal": 99}})
    async with serve(counter_app()) as client:
        await client.execute(init)
        answer = await client.execute(other)
        await client.deliver(counted(init.subject))
        record = await client.result(init.subject)
        late = await client.deliver(other)
    assert answer.fate == "unhandled"
    assert answer.reason is not None
    assert record["state"]["output"]["total"] == 1
    assert late.status == "late"


@as_machine_and_function
async def test_an_event_of_another_subject_is_refused(serve: Serve, kind: Kind) -> None:
    init, other = start_count(goal=1), start_count(goal=1)
    async with serve(counter_app(kind=kind)) as client:
        await client.execute(init)
        handle = client.client.get_workflow_handle(workflow_id(init.subject))
        await handle.signal("deliver", counted(other.subject).to_json())
        (refused,) = await client.violations(init.subject)
        assert workflow_id(other.subject) in (refused.reason or "")
        await client.deliver(counted(init.subject))
        record = await client.result(init.subject)
    assert output_of(record)["total"] == 1


@as_machine_and_function
async def test_a_version_that_no_worker_has_waits_for_one_that_has(serve: Serve, kind: Kind) -> None:
    app = counter_app(kind=kind)
    init = newer_init()
    async with serve(app) as client:
        assert (await ArvoClient(client.client, task_queue=app.task_queue).deliver(init)).accepted
        waiting = await client.deliver(counted(init.subject, 2))
        description = await client.client.get_workflow_handle(workflow_id(init.subject)).describe()
        assert description.status is WorkflowExecutionStatus.RUNNING
    app.orchestrators["arvo.orc.counter"] = newer_orchestrator()
    async with serve(app) as client, asyncio.timeout(PATIENCE):
        record = await client.result(init.subject)
    assert waiting.status == "delivered"
    assert output_of(record) == {"total": 2, "seen": []}


async def complete(client: ArvoClient, init: ArvoEvent) -> None:
    await client.deliver(init)
    await client.deliver(counted(init.subject))
    await client.result(init.subject)


async def closed(client: ArvoClient, init: ArvoEvent) -> WorkflowExecutionStatus | None:
    """Wait until the orchestration is closed, and return how."""
    handle = client.client.get_workflow_handle(workflow_id(init.subject))

    async def status() -> WorkflowExecutionStatus | None:
        return (await handle.describe()).status

    return await eventually(status, lambda seen: seen is not WorkflowExecutionStatus.RUNNING)


_newer = create_arvo_orchestrator_contract(
    uri="#/test/counter",
    name="counter",
    versions={"1.0.0": {"init": Goal, "complete": Total}, "2.0.0": {"init": Goal, "complete": Total}},
)


def newer_init() -> ArvoEvent:
    """Return the init event of a count of version 2.0.0."""
    return create_arvo_orchestrator_event_factory(_newer.version("2.0.0")).init(
        source="com.test.app", data={"parentSubject$$": None, "goal": 1}
    )


def newer_orchestrator() -> ArvoOrchestrator:
    """Return the orchestrator of counts with a machine for version 2.0.0, which is over after one event."""
    machine = setup_arvo_machine(
        contracts={"self": _newer.version("2.0.0"), "services": {"tally": tally_contract.version("1.0.0")}}
    ).create_machine(
        {
            "id": "counter",
            "context": {},
            "initial": "counting",
            "states": {
                "counting": {"on": {"evt.tally.counted": "over"}},
                "over": {"type": "final"},
            },
            "output": lambda event: {"total": 2, "seen": []},
        }
    )
    return create_arvo_orchestrator(executionunits=1, memory=SimpleMachineMemory(), machines=[counter_machine, machine])

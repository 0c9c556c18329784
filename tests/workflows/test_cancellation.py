"""A cancelled orchestration ends as it is, and its children go on, are cancelled or are terminated, as the app says."""

from __future__ import annotations

from typing import Any, Literal
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import (
    Client,
    Interceptor,
    OutboundInterceptor,
    TerminateWorkflowInput,
    WorkflowExecutionStatus,
)
from temporalio.service import RPCError
from temporalio.worker import Worker

from arvo import (
    ArvoEvent,
    ResumableOutput,
    create_arvo_orchestrator,
    create_arvo_resumable,
    enqueue_actions,
    setup_arvo_machine,
)
from arvo_temporal import (
    ArvoApp,
    ArvoClient,
    ArvoPlugin,
    ChildPolicy,
    Limits,
    OrchestrationFailedError,
    TemporalMachineMemory,
    workflow_id,
)
from arvo_temporal.dev_server.server import DevServer
from tests.apps import counted, counter_contract, start_count, supervise, supervisor_contract
from tests.conftest import Serve
from tests.histories import count_events
from tests.polling import eventually
from tests.resumables import (
    Kind,
    as_machine_and_function,
    context_of,
    in_each_kind,
    orchestrator_of,
    policies_of,
    supervisor_app,
)
from tests.workflows.test_nesting import child_of, unhandled

OnCancel = Literal["abandon", "cancel", "terminate"]


def _start_three(enqueue: Any, context: dict[str, Any]) -> None:
    for _ in range(3):
        enqueue.emit(
            {"type": "arvo.orc.counter", "data": {"parentSubject$$": context["subject"], "goal": context["goal"]}}
        )


def start_three(input: ArvoEvent | None) -> ResumableOutput | None:
    """Do as the machine does."""
    if input is None:
        return None
    request = {"type": "arvo.orc.counter", "data": {"parentSubject$$": input.subject, "goal": input.data["goal"]}}
    return {"services": [request] * 3}


three_resumable = create_arvo_resumable(
    contracts={"self": supervisor_contract, "services": {"counter": counter_contract.version("1.0.0")}},
    handler={"1.0.0": start_three},
)
three_machine = setup_arvo_machine(
    contracts={
        "self": supervisor_contract.version("1.0.0"),
        "services": {"counter": counter_contract.version("1.0.0")},
    },
).create_machine(
    {
        "id": "three",
        "context": lambda input: {"subject": input.subject, "goal": input.data["goal"]},
        "initial": "waiting",
        "states": {"waiting": {"entry": enqueue_actions(_start_three)}},
    }
)


async def cancel(client: ArvoClient, init: ArvoEvent) -> None:
    """Cancel an orchestration and wait until it has ended."""
    await client.client.get_workflow_handle(workflow_id(init.subject)).cancel()
    with pytest.raises(OrchestrationFailedError, match="cancelled"):
        await client.result(init.subject)


async def status(client: ArvoClient, subject: str) -> WorkflowExecutionStatus | None:
    return (await client.client.get_workflow_handle(workflow_id(subject)).describe()).status


@in_each_kind
async def test_it_shows_as_canceled_and_keeps_its_record(serve: Serve, kind: Kind) -> None:
    init = start_count(goal=3)
    async with serve(supervisor_app(kind=kind)) as client:
        await client.execute(init)
        await client.execute(counted(init.subject))
        await cancel(client, init)
        late = await client.deliver(counted(init.subject))
        record = await TemporalMachineMemory(client.client).read(init.subject)
        assert await status(client, init.subject) is WorkflowExecutionStatus.CANCELED
    assert late.status == "late"
    assert record is not None
    assert context_of(record)["total"] == 1


@as_machine_and_function
@pytest.mark.parametrize("continued", [False, True], ids=["one run", "continued"])
@pytest.mark.parametrize(
    ("on_cancel", "expected"),
    [("cancel", WorkflowExecutionStatus.CANCELED), ("terminate", WorkflowExecutionStatus.TERMINATED)],
)
async def test_its_children_end_with_it(
    serve: Serve, on_cancel: OnCancel, expected: WorkflowExecutionStatus, continued: bool, kind: Kind
) -> None:
    init = supervise(goal=2)
    async with serve(
        supervisor_app(Limits(deliveries_per_run=3), ChildPolicy(on_cancel=on_cancel), kind=kind)
    ) as client:
        await client.execute(init)
        subject = await child_of(client, init)
        for _ in range(4 if continued else 0):
            await client.execute(unhandled(init.subject))
        await cancel(client, init)
        ended = await eventually(lambda: status(client, subject), lambda seen: seen == expected)
    assert ended is expected


@as_machine_and_function
async def test_by_default_its_children_go_on(serve: Serve, kind: Kind) -> None:
    init = supervise(goal=2)
    async with serve(supervisor_app(kind=kind)) as client:
        await client.execute(init)
        subject = await child_of(client, init)
        await cancel(client, init)
        await client.deliver(counted(subject, 2))
        record = await client.result(subject)
    assert record["status"] == "done"


@as_machine_and_function
async def test_what_arrives_while_its_children_are_being_ended_is_late(server: DevServer, kind: Kind) -> None:
    init, app = supervise(goal=2), supervisor_app(children=ChildPolicy(on_cancel="terminate"), kind=kind)
    app.task_queue = f"arvo-{uuid4()}"
    client = ArvoClient(await Client.connect(server.address), app)
    event = unhandled(init.subject)

    class Ending(Interceptor):
        def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
            return DeliversFirst(next)

    class DeliversFirst(OutboundInterceptor):
        async def terminate_workflow(self, input: TerminateWorkflowInput) -> None:
            await client.deliver(event)
            await super().terminate_workflow(input)

    workers = await Client.connect(server.address, plugins=[ArvoPlugin(app)], interceptors=[Ending()])
    async with Worker(workers, task_queue=app.task_queue):
        await client.execute(init)
        await child_of(client, init)
        await cancel(client, init)
        ledger = await client.ledger(init.subject)
    assert [(entry.id, entry.fate) for entry in ledger.entries] == [(init.id, "applied"), (event.id, "late")]


@as_machine_and_function
async def test_children_that_wait_for_their_turn_are_never_started(server: DevServer, kind: Kind) -> None:
    three = create_arvo_orchestrator(executionunits=1, machines=[three_machine])
    app = ArvoApp(
        orchestrators=[three if kind == "machine" else three_resumable, orchestrator_of("arvo.orc.counter", kind)],
        policies=policies_of("arvo.orc.supervisor", kind),
        children=ChildPolicy(on_cancel="terminate"),
        limits=Limits(emissions_at_once=1),
        task_queue=f"arvo-{uuid4()}",
    )
    init, client = supervise(goal=2), ArvoClient(await Client.connect(server.address), app)

    async def accepts(subject: str) -> bool:
        return (await client.deliver(counted(subject, 0))).accepted

    async def knows_an_end() -> bool:
        return await count_events(client, init, EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED) > 0

    class Ending(Interceptor):
        def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
            return WaitsForTheParent(next)

    class WaitsForTheParent(OutboundInterceptor):
        async def terminate_workflow(self, input: TerminateWorkflowInput) -> None:
            await super().terminate_workflow(input)
            await eventually(knows_an_end, bool)
            await client.record(init.subject)

    workers = await Client.connect(server.address, plugins=[ArvoPlugin(app)], interceptors=[Ending()])
    async with Worker(workers, task_queue=app.task_queue):
        first, *others = (await client.execute(init)).events
        await eventually(lambda: accepts(first.subject), bool)
        await cancel(client, init)
        assert await status(client, first.subject) is WorkflowExecutionStatus.TERMINATED
        for other in others:
            with pytest.raises(RPCError, match="not found"):
                await status(client, other.subject)


@as_machine_and_function
async def test_a_child_that_is_just_starting_ends_too(serve: Serve, kind: Kind) -> None:
    init = supervise(goal=2)
    async with serve(supervisor_app(children=ChildPolicy(on_cancel="terminate"), kind=kind)) as client:
        (nested,) = (await client.execute(init)).events
        await cancel(client, init)
        ended = await status(client, nested.subject)
    assert ended is WorkflowExecutionStatus.TERMINATED

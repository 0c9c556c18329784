"""A cancelled orchestration ends as it is, and its children go on, are cancelled or are terminated, as the app says."""

from __future__ import annotations

from typing import Literal
from uuid import uuid4

import pytest
from temporalio.client import (
    Client,
    Interceptor,
    OutboundInterceptor,
    TerminateWorkflowInput,
    WorkflowExecutionStatus,
)
from temporalio.worker import Worker

from arvo import ArvoEvent
from arvo_temporal import (
    ArvoClient,
    ArvoPlugin,
    ChildPolicy,
    Limits,
    OrchestrationFailedError,
    TemporalMachineMemory,
    workflow_id,
)
from arvo_temporal.dev_server.server import DevServer
from tests.apps import counted, start_count, supervise, supervisor_app
from tests.conftest import Serve
from tests.polling import eventually
from tests.workflows.test_nesting import child_of, unhandled

OnCancel = Literal["abandon", "cancel", "terminate"]


async def cancel(client: ArvoClient, init: ArvoEvent) -> None:
    """Cancel an orchestration and wait until it has ended."""
    await client.client.get_workflow_handle(workflow_id(init.subject)).cancel()
    with pytest.raises(OrchestrationFailedError, match="cancelled"):
        await client.result(init.subject)


async def status(client: ArvoClient, subject: str) -> WorkflowExecutionStatus | None:
    return (await client.client.get_workflow_handle(workflow_id(subject)).describe()).status


async def test_it_shows_as_canceled_and_keeps_its_record(serve: Serve) -> None:
    init = start_count(goal=3)
    async with serve(supervisor_app()) as client:
        await client.execute(init)
        await client.execute(counted(init.subject))
        await cancel(client, init)
        late = await client.deliver(counted(init.subject))
        record = await TemporalMachineMemory(client.client).read(init.subject)
        assert await status(client, init.subject) is WorkflowExecutionStatus.CANCELED
    assert late.status == "late"
    assert record is not None
    assert record["state"]["context"]["total"] == 1


@pytest.mark.parametrize("continued", [False, True], ids=["one run", "continued"])
@pytest.mark.parametrize(
    ("on_cancel", "expected"),
    [("cancel", WorkflowExecutionStatus.CANCELED), ("terminate", WorkflowExecutionStatus.TERMINATED)],
)
async def test_its_children_end_with_it(
    serve: Serve, on_cancel: OnCancel, expected: WorkflowExecutionStatus, continued: bool
) -> None:
    init = supervise(goal=2)
    async with serve(supervisor_app(Limits(deliveries_per_run=3), ChildPolicy(on_cancel=on_cancel))) as client:
        await client.execute(init)
        subject = await child_of(client, init)
        for _ in range(4 if continued else 0):
            await client.execute(unhandled(init.subject))
        await cancel(client, init)
        ended = await eventually(lambda: status(client, subject), lambda seen: seen == expected)
    assert ended is expected


async def test_by_default_its_children_go_on(serve: Serve) -> None:
    init = supervise(goal=2)
    async with serve(supervisor_app()) as client:
        await client.execute(init)
        subject = await child_of(client, init)
        await cancel(client, init)
        await client.deliver(counted(subject, 2))
        record = await client.result(subject)
    assert record["status"] == "done"


async def test_what_arrives_while_its_children_are_being_ended_is_late(server: DevServer) -> None:
    init, app = supervise(goal=2), supervisor_app(children=ChildPolicy(on_cancel="terminate"))
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


async def test_a_child_that_is_just_starting_ends_too(serve: Serve) -> None:
    init = supervise(goal=2)
    async with serve(supervisor_app(children=ChildPolicy(on_cancel="terminate"))) as client:
        (nested,) = (await client.execute(init)).events
        await cancel(client, init)
        ended = await status(client, nested.subject)
    assert ended is WorkflowExecutionStatus.TERMINATED

"""A machine that throws: the workflow fails, and says why."""

from __future__ import annotations

import pytest
from temporalio.client import WorkflowExecutionStatus

from arvo import create_arvo_orchestrator
from arvo_temporal import OrchestrationFailedError, OrchestrationNotFoundError, TemporalMachineMemory, workflow_id
from tests.apps import counted, counter_machine, start_count, supervise
from tests.conftest import Serve
from tests.polling import eventually
from tests.resumables import Kind, as_machine_and_function, counter_app, in_each_kind, output_of, supervisor_app


@in_each_kind
async def test_a_machine_that_throws_fails_its_workflow(serve: Serve, kind: Kind) -> None:
    init = start_count(goal=5)
    async with serve(counter_app(kind=kind)) as client:
        await client.execute(init)
        answer = await client.execute(counted(init.subject, -1))
        with pytest.raises(OrchestrationFailedError, match=r"the count is broken") as failure:
            await client.result(init.subject)
        description = await client.client.get_workflow_handle(workflow_id(init.subject)).describe()
        late = await client.deliver(counted(init.subject))
        remembered = await TemporalMachineMemory(client.client).read(init.subject)
    assert [event.type for event in answer.events] == ["sys.arvo.orc.counter.error"]
    assert answer.events[0].data["errorName"] == "ArithmeticError"
    assert description.status is WorkflowExecutionStatus.FAILED
    assert failure.value.record is not None
    assert failure.value.record["executionStatus"] == "failure"
    assert remembered == failure.value.record
    assert (late.status, late.accepted) == ("late", False)


@as_machine_and_function
async def test_a_failure_that_no_event_can_report_is_seen_and_reaches_the_parent(serve: Serve, kind: Kind) -> None:
    """The events that should report it are refused: their domain is none."""
    init, app = supervise(goal=2), supervisor_app(kind=kind)
    app.orchestrators["arvo.orc.counter"] = create_arvo_orchestrator(
        executionunits=1, machines=[counter_machine], system_error_domain=["No Domain"]
    )
    async with serve(app) as client:
        (nested,) = (await client.execute(init)).events
        await eventually(lambda: client.deliver(counted(nested.subject, -1)), lambda result: result.accepted)
        with pytest.raises(OrchestrationFailedError, match=r"the count is broken.*no event could report it.*domain"):
            await client.result(nested.subject)
        record = await client.result(init.subject)
    assert "ArithmeticError: the count is broken" in output_of(record)["text"]


async def test_an_unknown_orchestration_is_named(serve: Serve) -> None:
    init = start_count(goal=5)
    async with serve(counter_app()) as client:
        early = await client.deliver(counted(init.subject))
        with pytest.raises(OrchestrationNotFoundError, match=workflow_id(init.subject)):
            await client.result(init.subject)
        with pytest.raises(OrchestrationNotFoundError):
            await client.record(init.subject)
        with pytest.raises(OrchestrationNotFoundError):
            await client.execute(counted(init.subject))
        assert await TemporalMachineMemory(client.client).read(init.subject) is None
    assert early.status == "early"

"""A machine that throws: the workflow fails, and says why."""

from __future__ import annotations

import pytest
from temporalio.client import WorkflowExecutionStatus

from adapter import OrchestrationFailedError, OrchestrationNotFoundError, TemporalMachineMemory, workflow_id
from tests.apps import counted, counter_app, start_count
from tests.conftest import Serve


async def test_a_machine_that_throws_fails_its_workflow(serve: Serve) -> None:
    init = start_count(goal=5)
    async with serve(counter_app()) as client:
        await client.execute(init)
        answer = await client.execute(counted(init.subject, -1))
        with pytest.raises(OrchestrationFailedError, match="the count is broken") as failure:
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

"""Who waits for an orchestration where there is no room: it is told so, costs nothing, and asks again now and then."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from temporalio.client import (
    Client,
    Interceptor,
    OutboundInterceptor,
    StartWorkflowUpdateInput,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateHandle,
    WorkflowUpdateStage,
)
from temporalio.exceptions import ApplicationError

from adapter.payload import json_to_raw
from adapter.places import MOST_WAITS, NOT_NOW
from arvo_temporal import ArvoClient, DevServer, OrchestrationTimeoutError, workflow_id
from tests.conftest import Serve
from tests.stages import begin, stages_app
from tests.workflows.test_waits import PATIENCE, kinds
from workflows.steps import Steps
from workflows.waits import Waits

THIRD = json_to_raw({"state": "third", "seconds": PATIENCE})


class Asked(Interceptor):
    """What a client has asked orchestrations to wait for."""

    def __init__(self) -> None:
        self.updates: list[Any] = []

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        """See the base class."""
        return _Asking(next, self.updates)


class _Asking(OutboundInterceptor):
    def __init__(self, next: OutboundInterceptor, updates: list[Any]) -> None:
        super().__init__(next)
        self._updates = updates

    async def start_workflow_update(self, input: StartWorkflowUpdateInput) -> WorkflowUpdateHandle[Any]:
        self._updates.append(json.loads(input.args[0].payload.data))
        return await super().start_workflow_update(input)


def run_of(client: ArvoClient, subject: str) -> WorkflowHandle[Any, Any]:
    return client.client.get_workflow_handle(workflow_id(subject))


async def fill_room(client: ArvoClient, subject: str) -> None:
    """Let as many wait for an orchestration as there is room for."""
    for _ in range(MOST_WAITS):
        await run_of(client, subject).start_update("wait", THIRD, wait_for_stage=WorkflowUpdateStage.ACCEPTED)


async def test_who_finds_no_room_asks_again_now_and_then_and_for_no_longer_than_it_waits(
    serve: Serve, server: DevServer
) -> None:
    init, asked = begin(), Asked()
    async with serve(stages_app()) as client:
        await client.execute(init)
        await fill_room(client, init.subject)
        late = ArvoClient(await Client.connect(server.address, interceptors=[asked]), client.app)
        with pytest.raises(OrchestrationTimeoutError):
            await late.wait_for(init.subject, state="third", timeout=1.5)
    assert asked.updates[0] == {"state": "third", "seconds": 2.5}
    assert len(asked.updates) <= 8


@pytest.mark.parametrize("timeout", [None, 1000])
async def test_nobody_is_waited_for_longer_than_a_minute_at_a_time(
    serve: Serve, server: DevServer, timeout: float | None
) -> None:
    init, asked = begin(), Asked()
    async with serve(stages_app()) as client:
        await client.execute(init)
        waiter = ArvoClient(await Client.connect(server.address, interceptors=[asked]), client.app)
        await waiter.wait_for(init.subject, tag="early", timeout=timeout)
    assert asked.updates == [{"tag": "early", "seconds": 60}]


def test_who_comes_when_the_run_has_to_end_is_told_so() -> None:
    orchestrator = stages_app().orchestrators["arvo.orc.counter"]
    waits = Waits(orchestrator, begin(), cast("Steps", None), lambda: True)
    with pytest.raises(ApplicationError, match="about to end") as raised:
        waits.check(json_to_raw({"state": "first", "seconds": 1}))
    assert (raised.value.type, raised.value.non_retryable) == (NOT_NOW, True)


async def test_who_comes_when_there_is_no_room_is_told_so_without_a_trace(serve: Serve) -> None:
    init = begin()
    async with serve(stages_app()) as client:
        await client.execute(init)
        await fill_room(client, init.subject)
        before = await kinds(client, init.subject)
        with pytest.raises(WorkflowUpdateFailedError) as raised:
            await run_of(client, init.subject).execute_update("wait", THIRD)
        assert isinstance(raised.value.cause, ApplicationError)
        assert raised.value.cause.type == NOT_NOW
        assert await kinds(client, init.subject) == before

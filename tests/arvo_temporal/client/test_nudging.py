"""What waits for its next try is tried at once; what the server cannot hurry is named."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.api.workflowservice.v1 import PauseActivityRequest
from temporalio.client import Client
from temporalio.common import RetryPolicy
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Worker

from adapter.identity import outbox_id
from arvo import ArvoEventHandler, HandlerOutput, create_arvo_event_handler
from arvo_temporal import ArvoApp, ArvoClient, ArvoPlugin, EmissionPolicy, OrchestrationNotFoundError, workflow_id
from arvo_temporal.client import nudging
from arvo_temporal.dev_server.server import DevServer
from examples.encryption.codec import AesGcmCodec, keys_from
from examples.encryption.new_key import new_key
from tests.apps import counted, start_count, supervise
from tests.conftest import Serve
from tests.errands import COURIER, courier_contract, errand, errands
from tests.polling import PATIENCE, eventually
from tests.resumables import counter_app, supervisor_app

SCHEDULED = PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED
IN_AN_HOUR = EmissionPolicy(retry=RetryPolicy(initial_interval=timedelta(hours=1)), retry_on=OSError)


def once_down() -> ArvoEventHandler:
    """Return a service that is down for the first try."""
    tries: list[str] = []

    def carry(event: Any) -> HandlerOutput:
        tries.append(event.id)
        if len(tries) == 1:
            raise OSError("down")
        return {"type": "evt.courier.ask.success", "data": {"text": f"try {len(tries)}"}}

    return create_arvo_event_handler(contract=courier_contract, executionunits=1, handler={"1.0.0": carry})


def errand_app(**options: Any) -> ArvoApp:
    return ArvoApp(orchestrators=[errands(**options)], handlers=[once_down()], policies={COURIER: IN_AN_HOUR})


async def until_waiting(client: ArvoClient, subject: str) -> None:
    await eventually(lambda: client.between_tries(subject), bool)


async def test_a_handler_is_tried_at_once(serve: Serve) -> None:
    init = errand()
    async with serve(errand_app()) as client:
        await client.deliver(init)
        await until_waiting(client, init.subject)
        (nudged,) = await client.nudge(init.subject)
        record = await asyncio.wait_for(client.result(init.subject), PATIENCE)
    assert (nudged.kind, nudged.name, nudged.nudged) == ("activity", COURIER, True)
    assert "failed once" in nudged.told
    assert record["state"]["output"] == {"text": "try 2"}


async def test_a_paused_handler_goes_on(serve: Serve) -> None:
    init = errand()
    async with serve(errand_app()) as client:
        await client.deliver(init)
        await until_waiting(client, init.subject)
        handle = client.client.get_workflow_handle(workflow_id(init.subject))
        (pending,) = (await handle.describe()).raw_description.pending_activities
        await client.client.workflow_service.pause_activity(
            PauseActivityRequest(
                namespace="default",
                execution=WorkflowExecution(workflow_id=handle.id),
                id=pending.activity_id,
            )
        )
        assert await client.between_tries(init.subject) == [f"{COURIER} is paused"]
        (nudged,) = await client.nudge(init.subject)
        record = await asyncio.wait_for(client.result(init.subject), PATIENCE)
    assert nudged.nudged
    assert record["state"]["output"] == {"text": "try 2"}


async def test_it_takes_no_key_of_an_encrypted_app(serve: Serve, server: DevServer) -> None:
    init = errand()
    app = errand_app()
    app.codec = AesGcmCodec(keys_from(new_key()))
    async with serve(app) as client:
        await client.deliver(init)
        without_key = ArvoClient(await Client.connect(server.address))
        await until_waiting(without_key, init.subject)
        await without_key.nudge(init.subject)
        await asyncio.wait_for(client.result(init.subject), PATIENCE)


async def test_what_an_orchestration_has_left_to_send_is_tried_at_once(serve: Serve) -> None:
    init = errand()
    async with serve(errand_app(always="over")) as client:
        await client.deliver(init)
        await client.result(init.subject)
        outbox = outbox_id(workflow_id(init.subject), "1")
        await eventually(lambda: client.nudge(init.subject), bool)
        await asyncio.wait_for(client.client.get_workflow_handle(outbox).result(), PATIENCE)
        assert await client.nudge(init.subject) == []


async def test_what_no_worker_takes_is_named(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    init = errand()
    app = ArvoApp(orchestrators=[errands()], task_queues={COURIER: f"nobody-{uuid4()}"})
    async with serve(app) as client:
        await client.execute(init)
        await eventually(lambda: client.requests(init.subject), bool)
        assert await client.nudge(init.subject) == [], "it may be taken in a moment"
        monkeypatch.setattr(nudging, "_TAKEN_WITHIN", timedelta(0))
        (left,) = await eventually(lambda: client.nudge(init.subject), bool)
        assert await client.between_tries(init.subject) == []
    assert (left.kind, left.name, left.nudged) == ("activity", COURIER, False)
    assert left.told == "no worker of its task queue has taken it"


def activity(*, tried: int = 2, paused: bool = False, due_in: timedelta | None = None) -> PendingActivityInfo:
    """Return what the server tells of an activity that is scheduled, since an hour."""
    pending = PendingActivityInfo(attempt=tried, paused=paused, state=SCHEDULED)
    pending.activity_type.name = COURIER
    pending.scheduled_time.FromDatetime(datetime.now(UTC) - timedelta(hours=1))
    if due_in is not None:
        pending.next_attempt_schedule_time.FromDatetime(datetime.now(UTC) + due_in)
    return pending


def test_what_waits_for_its_next_try_or_is_paused_can_be_nudged_and_what_waits_for_a_worker_cannot() -> None:
    later, due, paused = (
        activity(due_in=timedelta(hours=1)),
        activity(due_in=-timedelta(hours=1)),
        activity(paused=True),
    )
    assert nudging._in_back_off([later, due, paused]) == [later, paused]
    assert [one for one in (later, due, paused) if nudging._waits_for_a_worker(one)] == [due]
    later.state = PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
    assert (nudging._in_back_off([later]), nudging._waits_for_a_worker(later)) == ([], False)


def test_the_tries_that_have_failed_are_counted_without_the_next_one() -> None:
    assert nudging._told(activity(tried=2)) == f"{COURIER} has failed once"
    assert nudging._told(activity(tried=4)) == f"{COURIER} has failed 3 times"
    assert nudging._told(activity(paused=True)) == f"{COURIER} is paused"


@pytest.mark.parametrize(
    ("status", "nudged", "told"),
    [
        (RPCStatusCode.NOT_FOUND, True, "it has ended meanwhile"),
        (RPCStatusCode.UNIMPLEMENTED, False, "this server cannot: it takes one that resets activities"),
        (RPCStatusCode.PERMISSION_DENIED, False, "the server does not: not for you"),
    ],
)
async def test_what_the_server_does_not_do_is_told_of_each(
    server: DevServer, monkeypatch: pytest.MonkeyPatch, status: RPCStatusCode, nudged: bool, told: str
) -> None:
    async def refuse(*given: Any) -> None:
        raise RPCError("not for you", status, b"")

    nudger = nudging.Nudger(await Client.connect(server.address))
    monkeypatch.setattr(nudger, "_try_now", refuse)
    result = await nudger._nudge_activity("o-1", activity())
    assert (result.kind, result.name, result.nudged) == ("activity", COURIER, nudged)
    assert result.told.startswith(told)


async def test_where_nothing_waits_nothing_is_nudged(serve: Serve) -> None:
    init = start_count(goal=1)
    async with serve(counter_app()) as client:
        await client.execute(init)
        assert await client.nudge(init.subject) == []
        with pytest.raises(OrchestrationNotFoundError, match="knows no orchestration"):
            await client.nudge(start_count(goal=1).subject)


async def worker(server: DevServer, app: ArvoApp, queue: str) -> AbstractAsyncContextManager[Any]:
    return Worker(await Client.connect(server.address, plugins=[ArvoPlugin(app)]), task_queue=queue)


async def until_task_fails(client: ArvoClient, subject: str) -> None:
    await eventually(lambda: client.between_tries(subject), lambda seen: any("workflow task" in one for one in seen))


async def test_a_failing_workflow_task_is_named_or_its_run_reset(server: DevServer) -> None:
    queue, init = f"arvo-{uuid4()}", start_count(goal=2)
    client = ArvoClient(await Client.connect(server.address), task_queue=queue)
    handle = client.client.get_workflow_handle(workflow_id(init.subject))
    async with await worker(server, counter_app(), queue):
        await client.execute(init)
    await client.deliver(counted(init.subject))
    async with await worker(server, ArvoApp(orchestrators=[errands()]), queue):  # a release that lacks the machine
        await until_task_fails(client, init.subject)
        (named,) = await client.nudge(init.subject)
    first = (await handle.describe()).run_id
    async with await worker(server, counter_app(), queue):
        (reset,) = await client.nudge(init.subject, reset=True)
        await client.deliver(counted(init.subject))
        record = await asyncio.wait_for(client.result(init.subject), PATIENCE)
    assert (named.kind, named.nudged) == ("task", False)
    assert "--reset" in named.told
    assert (reset.kind, reset.nudged) == ("task", True)
    assert (await handle.describe()).run_id != first
    assert record["state"]["output"] == {"total": 2, "seen": [1, 1]}


async def test_a_child_that_waits_is_named_and_one_that_is_reset_still_tells_its_parent(
    server: DevServer, serve: Serve
) -> None:
    queue, init = f"arvo-{uuid4()}", supervise(goal=1)
    async with serve(supervisor_app(counter_queue=queue)) as client:
        async with await worker(server, ArvoApp(orchestrators=[errands()]), queue):
            await client.execute(init)
            (named,) = await eventually(lambda: client.nudge(init.subject), bool)
        assert (named.kind, named.nudged) == ("child", False)
        assert "workflow task has failed" in named.told
        assert "nudge it under its own id" in named.told
        async with await worker(server, counter_app(), queue):
            (reset,) = await client.nudge(named.name, reset=True)
            assert reset.nudged
            child = await client.record(named.name)
            assert child is not None
            await client.deliver(replace(counted(child["subject"])))
            record = await asyncio.wait_for(client.result(init.subject), PATIENCE)
    assert record["state"]["output"] == {"text": "total 1"}

"""Services that hang, die or never answer: the machine is told, and a dead worker's work is done by another one."""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio import activity
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import Client, WorkflowFailureError
from temporalio.common import RetryPolicy

from adapter.identity import outbox_id
from arvo import ArvoEvent, ArvoEventHandler, HandlerOutput, MachineMemoryRecord, create_arvo_event_handler
from arvo_temporal import AppError, ArvoApp, ArvoClient, EmissionPolicy, workflow_id
from arvo_temporal.dev_server.server import DevServer
from tests.apps import TWICE, ask, asker_app, counted, oracle_contract, start_count, supervise, supervisor_app
from tests.conftest import Serve
from tests.polling import PATIENCE, eventually
from tests.workflows.test_worker_restart import worker_process

_SECOND = timedelta(seconds=1)
_HOUR = timedelta(hours=1)


def oracle(handler: Any) -> ArvoEventHandler:
    return create_arvo_event_handler(contract=oracle_contract, executionunits=1, handler={"1.0.0": handler})


async def answer(serve: Serve, app: ArvoApp, init: ArvoEvent) -> str:
    async with serve(app) as client:
        await client.deliver(init)
        async with asyncio.timeout(PATIENCE):
            record = await client.result(init.subject)
    text: str = record["state"]["output"]["text"]
    return text


def of_last_step(record: MachineMemoryRecord) -> list[dict[str, Any]]:
    """Return what was consumed last, and what was produced by that."""
    consumed = record["events"]["consumed"]
    assert consumed is not None
    return [consumed, *record["events"]["produced"]]


async def _ponder(event: ArvoEvent) -> HandlerOutput:
    """Take the first try forever, and answer at the next one."""
    if activity.info().attempt == 1:
        await asyncio.sleep(3600)
    return {"type": "evt.oracle.ask.success", "data": {"text": f"try {activity.info().attempt}"}}


long_app = asker_app(handlers=[oracle(_ponder)], policy=EmissionPolicy(timeout=_HOUR, heartbeat=_SECOND))
"""What the worker processes of this file serve."""


async def test_what_a_killed_worker_was_handling_is_handled_again_long_before_its_timeout(server: DevServer) -> None:
    task_queue = f"arvo-{uuid4()}"
    client = ArvoClient(await Client.connect(server.address), task_queue=task_queue)
    init = ask("Rain")

    async def is_handled() -> bool:
        described = await client.client.get_workflow_handle(workflow_id(init.subject)).describe()
        state = PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
        return any(pending.state == state for pending in described.raw_description.pending_activities)

    async with worker_process(server, task_queue, "tests.workflows.test_services:long_app") as worker:
        await client.deliver(init)
        await eventually(is_handled, bool)
        os.kill(worker.pid, signal.SIGKILL)
        await worker.wait()
    async with worker_process(server, task_queue, "tests.workflows.test_services:long_app"):
        async with asyncio.timeout(PATIENCE):
            record = await client.result(init.subject)
    assert record["state"]["output"]["text"] == "try 2"


async def test_a_handler_that_takes_longer_than_its_heartbeat_is_left_in_peace(serve: Serve) -> None:
    async def slow(event: ArvoEvent) -> HandlerOutput:
        await asyncio.sleep(3.5)
        return {"type": "evt.oracle.ask.success", "data": {"text": f"try {activity.info().attempt}"}}

    app = asker_app(handlers=[oracle(slow)], policy=EmissionPolicy(timeout=_HOUR, heartbeat=3 * _SECOND, retry=TWICE))
    assert await answer(serve, app, ask("Rain")) == "try 1"


async def test_a_handler_that_hangs_is_tried_again_and_then_reported(serve: Serve) -> None:
    async def hang(event: ArvoEvent) -> None:
        await asyncio.sleep(3600)

    init = ask("Rain")
    app = asker_app(handlers=[oracle(hang)], policy=EmissionPolicy(timeout=timedelta(milliseconds=200), retry=TWICE))
    assert (await answer(serve, app, init)).startswith("TimeoutError")
    async with serve(app) as client:
        history = await client.client.get_workflow_handle(workflow_id(init.subject)).fetch_history()
    tries = [event.activity_task_started_event_attributes.attempt for event in history.events]
    assert max(tries) == 2


async def test_the_deadline_ends_tries_without_number(serve: Serve) -> None:
    async def delphi(event: ArvoEvent) -> None:
        raise ConnectionError("the road is closed")

    policy = EmissionPolicy(deadline=_SECOND, retry=RetryPolicy(initial_interval=timedelta(milliseconds=50)))
    app = asker_app(publishers={"delphi": delphi}, policy=policy)
    assert await answer(serve, app, ask("Rain", domain="delphi")) == "ConnectionError: the road is closed"


def test_heartbeats_of_what_has_none_are_refused() -> None:
    with pytest.raises(AppError, match="no heartbeats"):
        EmissionPolicy(mode="local", heartbeat=_SECOND)


def test_by_default_tries_are_few_and_apart() -> None:
    retry = EmissionPolicy().retry
    assert (retry.maximum_attempts, retry.backoff_coefficient) == (8, 2.0)


@pytest.mark.parametrize(
    ("ends_first", "reason"), [(False, "OrchestrationNotFound"), (True, "OrchestrationClosed")], ids=["never", "closed"]
)
async def test_an_answer_for_an_orchestration_that_cannot_take_it_does_not_vanish(
    serve: Serve, ends_first: bool, reason: str
) -> None:
    """The count was started by hand, so its answer is delivered; its own machine is done by then.

    What fails at once is late in its ledger, what takes longer fails its outbox.
    """
    parent = supervise(goal=2)
    init = start_count(goal=2, parent=parent.subject)
    app = supervisor_app()
    app.policies["arvo.orc.supervisor"] = EmissionPolicy(retry=TWICE)
    async with serve(app) as client:
        if ends_first:
            await client.execute(parent)
            await client.client.get_workflow_handle(workflow_id(parent.subject)).terminate()
        await client.execute(init)
        await client.deliver(counted(init.subject, 2))
        await client.result(init.subject)
        ledger = await client.ledger(init.subject)
        orchestration = workflow_id(init.subject)
        traces = [entry.reason or "" for entry in ledger.entries if entry.fate == "late"]
        if not traces:
            with pytest.raises(WorkflowFailureError) as failed:
                await client.client.get_workflow_handle(outbox_id(orchestration, "1")).result()
            traces.append(str(failed.value.cause))
    (trace,) = traces
    assert reason in trace


async def test_access_control_goes_with_every_event(serve: Serve) -> None:
    seen: list[str | None] = []

    def see(event: ArvoEvent) -> HandlerOutput:
        seen.append(event.accesscontrol)
        return {"type": "evt.oracle.ask.success", "data": {"text": "Yes"}}

    init = ask("Rain", accesscontrol="role:x")
    async with serve(asker_app(handlers=[oracle(see)])) as client:
        await client.deliver(init)
        record = await client.result(init.subject)
    assert seen == ["role:x"]
    assert [event["accesscontrol"] for event in of_last_step(record)] == ["role:x", "role:x"]


async def test_access_control_goes_with_a_report_too(serve: Serve) -> None:
    init = ask("Rain", accesscontrol="role:x")
    async with serve(asker_app()) as client:
        await client.deliver(init)
        record = await client.result(init.subject)
    consumed, _ = of_last_step(record)
    assert (consumed["type"], consumed["accesscontrol"]) == ("sys.com.oracle.ask.error", "role:x")

"""An end is an end: who waits hears of it when the machine is done, and what was produced still leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError, WorkflowHandle
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError

from adapter.dead_letters import DeadLetter
from adapter.identity import outbox_id
from arvo import (
    ArvoEvent,
    ArvoOrchestrator,
    ArvoResumable,
    emit,
    enqueue_actions,
)
from arvo_temporal import (
    ArvoApp,
    ArvoClient,
    EmissionPolicy,
    Limits,
    OrchestrationFailedError,
    workflow_id,
)
from arvo_temporal.dev_server.server import DevServer
from tests.adversity.test_history_stands import checked, throws
from tests.arvo_temporal.replay.test_changed_machine import answer, deployed
from tests.conftest import Serve
from tests.couriers import Courier, Desk
from tests.errands import COURIER, ERRAND, errand, errand_function, errands
from tests.histories import all_have_ended, count_events, open_types
from tests.levels import BOTTOM, MIDDLE, TOP, begin, level, level_function
from tests.polling import PATIENCE, eventually
from tests.resumables import Kind, in_each_kind, in_the_workflow, policies_of

AT_ONCE = 60
"""Seconds within which who waits is to be answered: what is open takes an hour."""
SOON = EmissionPolicy(
    timeout=timedelta(hours=2), retry=RetryPolicy(initial_interval=timedelta(milliseconds=50), maximum_attempts=0)
)
GIVES_UP: Mapping[str, Any] = {"after": {10: "over"}}
GIVING_UP = pytest.mark.parametrize("orchestrator", [errands(**GIVES_UP), errand_function()], ids=["machine", "step"])
TELLING = {"type": COURIER, "domain": ["out"], "data": {"text": "x"}}
TELLING_AND_ENDING = pytest.mark.parametrize(
    "orchestrator",
    [errands(entry=emit(TELLING), always="over"), errand_function(TELLING, is_last=True)],
    ids=["machine", "step"],
)
CHILD = EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED


def outbox_of(client: ArvoClient, init: ArvoEvent, number: str = "1") -> WorkflowHandle[Any, Any]:
    return client.client.get_workflow_handle(outbox_id(workflow_id(init.subject), number))


async def ended(client: ArvoClient, init: ArvoEvent) -> Mapping[str, Any]:
    return await asyncio.wait_for(client.result(init.subject), AT_ONCE)


async def is_open(handle: WorkflowHandle[Any, Any]) -> bool:
    return (await handle.describe()).status is WorkflowExecutionStatus.RUNNING


@pytest.mark.parametrize(
    "middle", [level(MIDDLE, BOTTOM, **GIVES_UP), level_function(MIDDLE, BOTTOM)], ids=["machine", "step"]
)
async def test_a_parent_hears_at_once_of_a_child_that_gives_up_a_child_of_its_own(serve: Serve, middle: Any) -> None:
    init, courier = begin(TOP), Courier()
    app = ArvoApp(
        orchestrators=[level(TOP, MIDDLE), middle, level(BOTTOM, None)],
        handlers=[courier.handler()],
    )
    async with serve(app) as client:
        (child,) = (await client.execute(init)).events
        await eventually(lambda: asyncio.sleep(0, len(courier.asked)), bool)
        await give_up(client, child, middle)
        assert (await ended(client, init))["status"] == "done"
        assert await eventually(lambda: open_types(client, app), lambda seen: len(seen) == 1) == [BOTTOM.type]
        courier.released.set()
        await all_have_ended(client, app)
    assert len(courier.asked) == 1


@pytest.mark.parametrize("end", ["completes", "throws", "completes as a function"])
async def test_a_publisher_that_is_down_holds_nobody_up(serve: Serve, end: str) -> None:
    init, desk = errand(), Desk()
    way: Mapping[str, Any] = {"always": "over"} if end == "completes" else {"after": {10: "broken"}}
    machine = errands(states={"broken": {"entry": throws}}, entry=emit(TELLING), **way)
    orchestrator = errand_function(TELLING, is_last=True) if end == "completes as a function" else machine
    app = ArvoApp(orchestrators=[orchestrator], publishers={"out": desk.publish}, policies={"out": SOON})
    async with serve(app) as client:
        await client.deliver(init)
        if end != "throws":
            await ended(client, init)
        else:
            with pytest.raises(OrchestrationFailedError):
                await ended(client, init)
        outbox = outbox_of(client, init)
        metadata = await outbox.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
        assert f"- `{COURIER}`" in metadata.current_details, "the UI shows what still drains"
        assert await is_open(outbox)
        desk.is_open = True
        await asyncio.wait_for(outbox.result(), AT_ONCE)
    assert [event.type for event in desk.published] == [COURIER]


@pytest.mark.parametrize("limits", [None, Limits(deliveries_per_run=1)])
@GIVING_UP
async def test_a_handler_that_takes_an_hour_holds_nobody_up(
    serve: Serve, limits: Limits | None, orchestrator: Any
) -> None:
    init, courier = errand(), Courier()
    app = ArvoApp(orchestrators=[orchestrator], handlers=[courier.handler()], policies={COURIER: SOON}, limits=limits)
    async with serve(app) as client:
        await client.deliver(init)
        await give_up(client, init, orchestrator)
        await ended(client, init)
        late = await client.deliver(errand_event(init))
        await eventually(lambda: asyncio.sleep(0, len(courier.asked)), lambda asked: asked >= 2)
        courier.released.set()
        await asyncio.wait_for(outbox_of(client, init).result(), AT_ONCE)
    assert late.status == "late"
    assert len(set(courier.asked)) == 1, "it is asked again under the same id"


async def give_up(client: ArvoClient, init: ArvoEvent, orchestrator: ArvoOrchestrator | ArvoResumable) -> None:
    """Let a function give up, which a machine does by itself."""
    if isinstance(orchestrator, ArvoResumable):
        await client.execute(errand_event(init))


def errand_event(init: ArvoEvent) -> ArvoEvent:
    """Return another init event for what `init` has started."""
    return ArvoEvent.from_json({**init.to_json(), "id": str(uuid4())})


@TELLING_AND_ENDING
async def test_what_leaves_by_itself_needs_no_outbox(serve: Serve, orchestrator: Any) -> None:
    init, desk = errand(), Desk()
    desk.is_open = True
    app = ArvoApp(orchestrators=[orchestrator], publishers={"out": desk.publish})
    async with serve(app) as client:
        await client.deliver(init)
        await ended(client, init)
        assert await count_events(client, init, CHILD) == 0
    assert (len(desk.published), desk.tries) == (1, 1)


@in_each_kind
async def test_where_nothing_is_open_an_end_costs_nothing(serve: Serve, kind: Kind) -> None:
    init, courier = errand(), Courier()
    courier.released.set()
    orchestrator = errands() if kind == "machine" else errand_function()
    app = ArvoApp(orchestrators=[orchestrator], handlers=[courier.handler()], policies=policies_of(ERRAND, kind))
    async with serve(app) as client:
        await client.deliver(init)
        await ended(client, init)
        handle = client.client.get_workflow_handle(workflow_id(init.subject))
        seen = [EventType.Name(event.event_type)[11:] async for event in handle.fetch_history_events()]
    task = ["WORKFLOW_TASK_SCHEDULED", "WORKFLOW_TASK_STARTED", "WORKFLOW_TASK_COMPLETED"]
    activity = ["ACTIVITY_TASK_SCHEDULED", "ACTIVITY_TASK_STARTED", "ACTIVITY_TASK_COMPLETED"]
    call = [*activity, *task] if kind == "step" else []
    between = [*task, *call, *activity, *task, *call]
    assert seen == ["WORKFLOW_EXECUTION_STARTED", *between, "WORKFLOW_EXECUTION_COMPLETED"]


@pytest.mark.parametrize(
    "orchestrator", [errands(always="over"), errand_function(is_last=True)], ids=["machine", "step"]
)
async def test_requests_of_the_last_step_are_made_once(serve: Serve, orchestrator: Any) -> None:
    """They have not begun when the machine is done, so they begin in the outbox."""
    init, courier = errand(), Courier()
    app = ArvoApp(orchestrators=[orchestrator], handlers=[courier.handler()], policies={COURIER: SOON})
    async with serve(app) as client:
        await client.deliver(init)
        await ended(client, init)
        await eventually(lambda: asyncio.sleep(0, len(courier.asked)), bool)
        courier.released.set()
        await asyncio.wait_for(outbox_of(client, init).result(), AT_ONCE)
    assert len(courier.asked) == 1


MANY = [{"type": COURIER, "data": {"text": "x" * size}} for size in [*[10] * 300, *[120_000] * 10]]


def ask_many(enqueue: Any) -> None:
    for request in MANY:
        enqueue.emit(request)


@pytest.mark.parametrize(
    "orchestrator",
    [errands(entry=enqueue_actions(ask_many), always="over"), errand_function(*MANY, is_last=True)],
    ids=["machine", "step"],
)
async def test_many_and_large_requests_of_the_last_step_all_leave(serve: Serve, orchestrator: Any) -> None:
    init, courier = errand(), Courier()
    courier.released.set()
    app = ArvoApp(orchestrators=[orchestrator], handlers=[courier.handler()])
    async with serve(app) as client:
        await client.deliver(init)
        await ended(client, init)
        for number in ("1", "2"):
            await asyncio.wait_for(outbox_of(client, init, number).result(), PATIENCE)
    assert len(courier.carried) == len(set(courier.carried)) == 310


@pytest.mark.parametrize(
    "middle",
    [level(MIDDLE, BOTTOM, always="over"), level_function(MIDDLE, BOTTOM, is_last=True)],
    ids=["machine", "step"],
)
async def test_an_orchestration_that_the_last_step_starts_begins(serve: Serve, middle: Any) -> None:
    init, courier = begin(MIDDLE), Courier()
    courier.released.set()
    app = ArvoApp(orchestrators=[middle, level(BOTTOM, None)], handlers=[courier.handler()])
    async with serve(app) as client:
        await client.deliver(init)
        await ended(client, init)
        await asyncio.wait_for(outbox_of(client, init).result(), AT_ONCE)
        await eventually(lambda: asyncio.sleep(0, len(courier.carried)), bool)

        await all_have_ended(client, app)


@TELLING_AND_ENDING
async def test_an_outbox_that_cannot_send_fails_and_sends_again_after_a_reset(serve: Serve, orchestrator: Any) -> None:
    init, desk = errand(), Desk()
    twice = RetryPolicy(initial_interval=timedelta(seconds=2), maximum_attempts=2)
    app = ArvoApp(
        orchestrators=[orchestrator],
        publishers={"out": desk.publish},
        policies={"out": EmissionPolicy(retry=twice)},
    )
    async with serve(app) as client:
        await client.deliver(init)
        await ended(client, init)
        outbox = outbox_of(client, init)
        with pytest.raises(WorkflowFailureError) as failed:
            await asyncio.wait_for(outbox.result(), AT_ONCE)
        assert COURIER in str(failed.value.cause)
        assert "the desk is closed" in str(failed.value.cause)
        desk.is_open = True
        await reset(client, outbox.id)
        await asyncio.wait_for(outbox_of(client, init).result(), AT_ONCE)
    assert len(desk.published) == 1


async def reset(client: ArvoClient, outbox: str) -> None:
    """Reset a workflow to the end of its first workflow task, as the UI does."""
    await client.client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=client.client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=outbox),
            reason="the desk is open again",
            workflow_task_finish_event_id=4,
            request_id=str(uuid4()),
        )
    )


@pytest.mark.parametrize("orchestrator", [errands(), errand_function()], ids=["machine", "step"])
async def test_dead_letters_that_wait_for_their_publisher_hold_nobody_up(serve: Serve, orchestrator: Any) -> None:
    init, letters, down = errand(), list[DeadLetter](), [True]

    async def keep(letter: DeadLetter) -> None:
        if down[0]:
            raise ConnectionError("the mailbox is full")
        letters.append(letter)

    courier = Courier()
    app = ArvoApp(
        orchestrators=[orchestrator],
        handlers=[courier.handler()],
        dead_letters=keep,
        policies={"arvo.deadletter": SOON},
    )
    async with serve(app) as client:
        await client.deliver(init)
        await client.client.get_workflow_handle(workflow_id(init.subject)).signal("deliver", "no event")
        await eventually(lambda: client.violations(init.subject), bool)
        courier.released.set()
        await ended(client, init)
        down[0] = False
        await asyncio.wait_for(outbox_of(client, init).result(), AT_ONCE)
    assert [letter.text for letter in letters] == ['"no event"']


async def test_nobody_else_can_send_in_the_name_of_an_orchestration(serve: Serve) -> None:
    init, desk = errand(), Desk()
    forged = {"subject": init.subject, "events": [ArvoEvent.from_json({**init.to_json(), "domain": "out"}).to_json()]}
    app = ArvoApp(orchestrators=[errands()], publishers={"out": desk.publish})
    async with serve(app) as client:
        for contents in (forged, {}, None, 5, "x", {**forged, "events": None}):
            handle = await client.client.start_workflow(
                "arvo.outbox", contents, id=f"forged-{uuid4()}", task_queue=app.task_queue
            )
            with pytest.raises(WorkflowFailureError) as failed:
                await asyncio.wait_for(handle.result(), AT_ONCE)
            assert isinstance(failed.value.cause, ApplicationError)
            assert "outbox" in str(failed.value.cause)
    assert desk.tries == 0


@in_the_workflow
async def test_a_release_that_ends_what_is_open_ends_nothing_while_a_request_is_under_way(
    server: DevServer, kind: Kind
) -> None:
    """The end comes in a replay, in a state that the orchestration has left long ago."""
    init, courier, queue = errand(), Courier(), f"ends-{uuid4()}"

    def app(*, ends: bool = False) -> ArvoApp:
        machine = errands(always="over") if ends else errands()
        orchestrator = machine if kind == "machine" else errand_function(is_last=ends)
        policies = {COURIER: SOON, **policies_of(ERRAND, kind)}
        return ArvoApp(orchestrators=[orchestrator], handlers=[courier.handler()], policies=policies)

    ending = app(ends=True)
    async with deployed(server, app(), queue) as client:
        await client.execute(init)
        await eventually(lambda: asyncio.sleep(0, len(courier.asked)), bool)
    found = await checked(client, init, ending)
    async with deployed(server, ending, queue) as client:
        told = [await answer(client, init) for _ in range(2)][1]
        handle = client.client.get_workflow_handle(workflow_id(init.subject))
        assert await is_open(handle)
    for text in ("ends with the present code", "loses nothing"):
        assert text in told
        assert text in found
    courier.released.set()
    async with deployed(server, app(), queue) as client:
        assert (await ended(client, init))["status"] == "done"


@GIVING_UP
async def test_it_ends_so_on_a_worker_that_replays_at_every_step(server: DevServer, orchestrator: Any) -> None:
    init, courier, queue = errand(), Courier(), f"ends-{uuid4()}"
    app = ArvoApp(orchestrators=[orchestrator], handlers=[courier.handler()], policies={COURIER: SOON})
    async with deployed(server, app, queue, max_cached_workflows=0) as client:
        await client.deliver(init)
        await give_up(client, init, orchestrator)
        await ended(client, init)
        courier.released.set()
        await asyncio.wait_for(outbox_of(client, init).result(), AT_ONCE)
        record = await client.record(init.subject)
    assert record is not None
    assert record["status"] == "done"

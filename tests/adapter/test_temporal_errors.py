"""Each wording of Temporal's server and SDK that a decision rests on, provoked from the real ones.

A test that fails here after an upgrade names the decision that would go wrong.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from temporalio import workflow
from temporalio.api.command.v1 import Command, CompleteWorkflowExecutionCommandAttributes
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import CommandType, UpdateWorkflowExecutionLifecycleStage
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.update.v1 import Input, Meta, Request, WaitPolicy
from temporalio.api.workflowservice.v1 import (
    PollWorkflowTaskQueueRequest,
    PollWorkflowTaskQueueResponse,
    RespondWorkflowTaskCompletedRequest,
    SignalWorkflowExecutionRequest,
    UpdateWorkflowExecutionRequest,
)
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleSpec,
    WorkflowHandle,
    WorkflowHistory,
)
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, Worker

from adapter.temporal_errors import (
    has_lost_update,
    has_no_room,
    is_not_found,
    is_not_taken,
    is_unanswered,
    refuses_credentials,
    says_port_is_taken,
    speaks_no_tls,
    words_of_connecting,
    words_of_replaying,
)
from arvo_temporal.dev_server.ports import LOOPBACK, free_port
from arvo_temporal.dev_server.program import find_program
from arvo_temporal.dev_server.server import DevServer
from tests.polling import PATIENCE
from tests.refusing import refusing

AnyWorkflow = WorkflowHandle[None, None]


@workflow.defn(name="changing")
class Sleeps:
    @workflow.run
    async def run(self) -> None:
        await workflow.sleep(0.001)


@workflow.defn(name="changing")
class Calls:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("something", start_to_close_timeout=timedelta(seconds=1))


@workflow.defn(name="changing")
class Raises:
    @workflow.run
    async def run(self) -> None:
        raise RuntimeError('One line, "quoted".\nAnother one.')


@pytest.fixture
async def client(server: DevServer) -> Client:
    return await Client.connect(server.address)


async def start(client: Client) -> AnyWorkflow:
    """Start a workflow that no worker serves."""
    return await client.start_workflow("changing", id=str(uuid4()), task_queue=str(uuid4()))


async def test_a_run_that_has_all_signals_that_the_server_allows_has_no_room() -> None:
    async with DevServer(ui=False, dynamic_config={"history.maximumSignalsPerExecution": 1}) as small:
        handle = await start(await Client.connect(small.address))
        await handle.signal("one")
        with pytest.raises(RPCError) as raised:
            await handle.signal("two")
    assert has_no_room(raised.value)


async def test_a_run_that_is_just_ending_has_no_room(client: Client) -> None:
    """It has asked for its end, which the server has put off for a signal that had come: the next one has to wait."""
    handle = await start(client)
    queue = (await handle.describe()).task_queue
    task = await poll(client, queue)
    await handle.signal("one")
    with pytest.raises(RPCError, match="UnhandledCommand"):
        await complete(client, task)
    await poll(client, queue)
    request = SignalWorkflowExecutionRequest(
        namespace="default", workflow_execution=WorkflowExecution(workflow_id=handle.id), signal_name="two"
    )
    with pytest.raises(RPCError) as raised:
        await client.workflow_service.signal_workflow_execution(request)
    assert has_no_room(raised.value)


async def test_an_update_beyond_those_that_a_run_may_have_under_way_is_lost(client: Client) -> None:
    handle = await start(client)
    outcomes = await asyncio.gather(*(update_once(client, handle.id) for _ in range(11)), return_exceptions=True)
    lost = [outcome for outcome in outcomes if isinstance(outcome, RPCError) and has_lost_update(outcome)]
    assert ["in-flight updates" in error.message for error in lost] == [True]


async def test_an_update_to_a_run_that_ends_meanwhile_is_lost_and_so_is_its_repetition(client: Client) -> None:
    handle, update_id = await start(client), str(uuid4())
    waiting = asyncio.create_task(update_once(client, handle.id, update_id, within=10))
    await asyncio.sleep(0)
    task = await poll(client, (await handle.describe()).task_queue)
    await complete(client, task)
    with pytest.raises(RPCError) as raised:
        await waiting
    assert has_lost_update(raised.value) or is_not_found(raised.value)
    with pytest.raises(RPCError) as again:
        await update_once(client, handle.id, update_id)
    assert is_not_found(again.value)


async def update_once(client: Client, workflow_id: str, update_id: str | None = None, within: float = 1) -> None:
    """Send an update as the SDK does, without its tries."""
    request = UpdateWorkflowExecutionRequest(
        namespace="default",
        workflow_execution=WorkflowExecution(workflow_id=workflow_id),
        wait_policy=WaitPolicy(
            lifecycle_stage=UpdateWorkflowExecutionLifecycleStage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED
        ),
        request=Request(meta=Meta(update_id=update_id or str(uuid4())), input=Input(name="anything")),
    )
    await client.workflow_service.update_workflow_execution(request, timeout=timedelta(seconds=within))


async def test_a_run_that_nobody_knows_is_not_one_without_room(client: Client) -> None:
    with pytest.raises(RPCError) as raised:
        await client.get_workflow_handle("absent").signal("one")
    assert not has_no_room(raised.value)


@pytest.mark.parametrize(
    "ask",
    [
        lambda handle: handle.describe(),
        lambda handle: handle.result(),
        lambda handle: handle.fetch_history(),
        lambda handle: handle.signal("one"),
        lambda handle: handle.query("anything"),
        lambda handle: handle.execute_update("anything"),
        lambda handle: handle.cancel(),
        lambda handle: handle.terminate(),
    ],
    ids=["describe", "result", "history", "signal", "query", "update", "cancel", "terminate"],
)
async def test_what_the_server_does_not_know_is_not_found(
    client: Client, ask: Callable[[AnyWorkflow], Awaitable[object]]
) -> None:
    with pytest.raises(RPCError) as raised:
        await ask(client.get_workflow_handle("absent"))
    assert is_not_found(raised.value)


@pytest.mark.parametrize(
    "ask",
    [
        lambda handle: handle.signal("one"),
        lambda handle: handle.execute_update("anything"),
        lambda handle: handle.terminate(),
    ],
    ids=["signal", "update", "terminate"],
)
async def test_a_closed_run_is_not_found_by_what_would_change_it(
    client: Client, ask: Callable[[AnyWorkflow], Awaitable[object]]
) -> None:
    handle = await start(client)
    await handle.terminate()
    with pytest.raises(RPCError) as raised:
        await ask(handle)
    assert is_not_found(raised.value)


async def test_a_schedule_whose_times_are_none_is_not_taken(client: Client) -> None:
    action = ScheduleActionStartWorkflow("any", id="any", task_queue="any")
    with pytest.raises(RPCError) as raised:
        await client.create_schedule(str(uuid4()), Schedule(action, ScheduleSpec(cron_expressions=["noon"])))
    assert is_not_taken(raised.value)
    assert "CronString" in raised.value.message


async def test_a_query_without_a_worker_is_unanswered(client: Client) -> None:
    handle = await start(client)
    with pytest.raises(RPCError) as raised:
        await handle.query("anything", rpc_timeout=timedelta(seconds=0.2))
    assert is_unanswered(raised.value)
    assert not is_not_found(raised.value)


async def test_a_query_that_the_server_gives_up_is_unanswered(client: Client) -> None:
    """Here because no worker has ever begun; where the server's own time is over, it says that by the status."""
    handle = await start(client)
    await handle.terminate()
    with pytest.raises(RPCError) as raised:
        await handle.query("anything")
    assert is_unanswered(raised.value)
    assert is_unanswered(RPCError("context deadline exceeded", RPCStatusCode.DEADLINE_EXCEEDED, b""))


async def test_what_does_not_speak_tls_is_recognised(server: DevServer) -> None:
    with pytest.raises(RuntimeError) as raised:
        await Client.connect(server.address, tls=True)
    assert speaks_no_tls(raised.value)
    assert not refuses_credentials(raised.value)


@pytest.mark.parametrize("status", [16, 7], ids=["unauthenticated", "permission denied"])
async def test_a_server_that_refuses_credentials_is_recognised(status: int) -> None:
    async with refusing(status) as address:
        with pytest.raises(RuntimeError) as raised:
            await Client.connect(address, api_key="wrong", tls=False)
    assert refuses_credentials(raised.value)
    assert not speaks_no_tls(raised.value)


async def test_the_words_of_a_connection_that_fails_are_readable() -> None:
    with pytest.raises(RuntimeError) as raised:
        await Client.connect(f"{LOOPBACK}:{free_port()}")
    assert words_of_connecting(raised.value) == "Connection refused"
    assert not refuses_credentials(raised.value)
    assert not speaks_no_tls(raised.value)


async def test_the_words_of_a_replay_that_fails_are_readable(client: Client) -> None:
    queue = str(uuid4())
    async with Worker(client, task_queue=queue, workflows=[Sleeps], workflow_runner=UnsandboxedWorkflowRunner()):
        handle = await client.start_workflow("changing", id=str(uuid4()), task_queue=queue)
        await handle.result()
    history = await handle.fetch_history()
    words = words_of_replaying(await replayed(Calls, history))
    assert words.startswith("[TMPRL1100]")
    assert "{" not in words
    assert words_of_replaying(await replayed(Raises, history)) == 'One line, "quoted".\nAnother one.'


async def replayed(code: type, history: WorkflowHistory) -> Exception:
    replayer = Replayer(workflows=[code], workflow_runner=UnsandboxedWorkflowRunner())
    result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    assert result.replay_failure is not None
    return result.replay_failure


async def test_a_server_that_finds_its_port_taken_says_so() -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        process = await asyncio.create_subprocess_exec(
            str(find_program()),
            *("server", "start-dev", "--headless", "--ip", LOOPBACK, "--port", str(taken.getsockname()[1])),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(PATIENCE):
            said, _ = await process.communicate()
    assert any(says_port_is_taken(line) for line in said.decode().splitlines())


async def poll(client: Client, queue: str) -> PollWorkflowTaskQueueResponse:
    """Begin a workflow task, as a worker does."""
    request = PollWorkflowTaskQueueRequest(namespace="default", task_queue=TaskQueue(name=queue), identity="test")
    return await client.workflow_service.poll_workflow_task_queue(request, timeout=timedelta(seconds=60))


async def complete(client: Client, task: PollWorkflowTaskQueueResponse) -> None:
    """End a workflow task with the end of the workflow."""
    command = Command(
        command_type=CommandType.COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION,
        complete_workflow_execution_command_attributes=CompleteWorkflowExecutionCommandAttributes(),
    )
    await client.workflow_service.respond_workflow_task_completed(
        RespondWorkflowTaskCompletedRequest(
            namespace="default", task_token=task.task_token, commands=[command], identity="test"
        )
    )

"""Schedules on a real server: each time is one orchestration, and what becomes of it shows in its schedule."""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import timedelta
from unittest.mock import ANY
from uuid import uuid4

import pytest
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleBackfill,
    ScheduleCalendarSpec,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleState,
    WorkflowExecutionStatus,
    WorkflowFailureError,
)
from temporalio.exceptions import ApplicationError

from adapter.errors import ScheduleError
from arvo import (
    ArvoOrchestrationSubject,
)
from arvo_temporal import (
    ArvoApp,
    ArvoClient,
    Limits,
    workflow_id,
)
from arvo_temporal.cli.schedule_view import described
from arvo_temporal.dev_server.server import DevServer
from examples.encryption.codec import AesGcmCodec, keys_from
from examples.encryption.new_key import new_key
from tests.apps import asker_app, counted, counter_app, counter_contract
from tests.cli import temporal
from tests.conftest import Serve
from tests.polling import eventually
from tests.resumables import KINDS, Kind, app_of, as_machine_and_function, context_of, orchestrator_of, policies_of
from tests.schedules import (
    COMPLETED,
    COUNTER,
    HOURLY,
    NEW_YEAR,
    RUNNING,
    THREE_TIMES,
    begun,
    counts_on,
    init_event,
    reaches,
    record_of,
    reset,
    scheduled,
    started,
    status,
    subject_of,
)
from tests.workflows.test_worker_restart import worker_process


@pytest.mark.parametrize("kind", KINDS)
async def test_a_time_starts_an_orchestration_and_ends_with_it(serve: Serve, server: DevServer, kind: Kind) -> None:
    app = ArvoApp(orchestrators=[orchestrator_of(COUNTER, kind)], policies=dict(policies_of(COUNTER, kind).items()))
    async with serve(app) as client, scheduled(client, 1) as handle:
        await handle.trigger()
        (run,) = await started(client.client, handle)
        subject = await begun(client, run)
        assert await status(client, run.id) is RUNNING
        description = await client.client.get_workflow_handle(workflow_id(subject)).describe()
        assert description.parent_id == run.id
        await client.execute(counted(subject))
        result = await run.result()
        record = await client.result(subject)
        assert handle.id in await temporal(server, "schedule", "list")
    assert result == {"workflowId": workflow_id(subject), "subject": ANY}
    assert ArvoOrchestrationSubject.parse(result["subject"]) == ArvoOrchestrationSubject.parse(subject)
    assert context_of(record)["total"] == 1


async def test_each_time_is_an_orchestration_of_its_own_that_knows_its_time(serve: Serve) -> None:
    every_second = ScheduleSpec(intervals=[ScheduleIntervalSpec(timedelta(seconds=1))])
    twice = ScheduleState(limited_actions=True, remaining_actions=2)
    async with serve(counter_app()) as client, scheduled(client, 0, every_second, state=twice) as handle:
        runs = await started(client.client, handle, 2)
        identities = [(await run.result())["workflowId"] for run in runs]
        assert identities == [workflow_id(subject_of(run)) for run in runs]
        assert len(set(identities)) == 2
        for run, identity in zip(runs, identities, strict=True):
            init = await init_event(client, identity)
            assert run.id == f"arvo.schedule/{handle.id}-{init.time}"
            assert (init.source, init.data["goal"]) == ("com.arvo.schedule", 0)


@as_machine_and_function
async def test_a_time_that_is_backfilled_again_starts_nothing_again(serve: Serve, kind: Kind) -> None:
    app = app_of({COUNTER: kind})
    async with serve(app) as client, scheduled(client, 0) as handle:
        await handle.backfill(THREE_TIMES)
        runs = await started(client.client, handle, 3)
        first = [await run.result() for run in runs]
        await handle.backfill(THREE_TIMES)
        again = (await started(client.client, handle, 6))[3:]
        assert sorted(await asyncio.gather(*(run.result() for run in again)), key=str) == sorted(first, key=str)
        assert sorted(await counts_on(client, app.task_queue, 3)) == sorted(result["workflowId"] for result in first)


async def test_while_an_orchestration_runs_the_next_time_is_skipped(serve: Serve) -> None:
    async with serve(counter_app()) as client, scheduled(client, 1) as handle:
        await handle.trigger()
        (run,) = await started(client.client, handle)
        subject = await begun(client, run)
        await handle.trigger()
        seen = await eventually(handle.describe, lambda seen: seen.info.num_actions_skipped_overlap == 1)
        told = await described(seen)
        assert (told["running"], told["started"], told["skipped"], told["missed"]) == ([run.id], 1, 1, 0)
        assert told["next"] == [time.isoformat() for time in seen.info.next_action_times] != []
        assert (told["source"], told["orchestration"]) == ("com.arvo.schedule", f"{COUNTER} 1.0.0")
        await client.execute(counted(subject))
        await run.result()
        assert (await handle.describe()).info.num_actions == 1


@pytest.mark.parametrize(
    ("overlap", "end"),
    [
        (ScheduleOverlapPolicy.CANCEL_OTHER, WorkflowExecutionStatus.CANCELED),
        (ScheduleOverlapPolicy.TERMINATE_OTHER, WorkflowExecutionStatus.TERMINATED),
    ],
)
async def test_an_overlap_policy_that_ends_the_other_ends_its_orchestration(
    serve: Serve, overlap: ScheduleOverlapPolicy, end: WorkflowExecutionStatus
) -> None:
    async with serve(counter_app()) as client, scheduled(client, 1) as handle:
        await handle.backfill(ScheduleBackfill(NEW_YEAR, NEW_YEAR))
        (first,) = await started(client.client, handle)
        before = await begun(client, first)
        await handle.trigger(overlap=overlap)
        await reaches(client, workflow_id(before), end)
        await reaches(client, first.id, end)
        second = (await started(client.client, handle, 2))[1]
        await client.execute(counted(await begun(client, second)))
        await second.result()


async def test_an_orchestration_that_takes_longer_than_it_may_is_terminated(serve: Serve) -> None:
    async with serve(counter_app()) as client, scheduled(client, 1, execution_timeout=timedelta(seconds=2)) as handle:
        await handle.trigger()
        (run,) = await started(client.client, handle)
        await reaches(client, run.id, WorkflowExecutionStatus.TIMED_OUT)
        never_begun_or_ended = (None, WorkflowExecutionStatus.TERMINATED)
        identity = workflow_id(subject_of(run))
        await eventually(lambda: status(client, identity), lambda seen: seen in never_begun_or_ended)


async def test_the_longest_id_that_is_taken_starts_orchestrations(serve: Serve) -> None:
    async with serve(counter_app()) as client:
        name = f"{uuid4()}{'x' * 219}"
        handle = await client.schedules.create(COUNTER, {"goal": 0}, HOURLY, id=name)
        await handle.trigger()
        (run,) = await started(client.client, handle)
        assert (await run.result())["workflowId"] == workflow_id(subject_of(run))
        await handle.delete()


async def test_an_orchestration_of_another_app_runs_on_the_task_queue_of_that(serve: Serve) -> None:
    theirs = counter_app()
    async with serve(theirs):
        ours = asker_app(task_queues={COUNTER: theirs.task_queue})
        async with serve(ours) as client:
            handle = await client.schedules.create(counter_contract, {"goal": 0}, HOURLY, id=f"s-{uuid4()}")
            await handle.trigger()
            (run,) = await started(client.client, handle)
            identity = (await run.result())["workflowId"]
            await handle.delete()
        for other, queue in ((run.id, ours.task_queue), (identity, theirs.task_queue)):
            assert (await client.client.get_workflow_handle(other).describe()).task_queue == queue


async def test_an_orchestration_that_fails_fails_its_time_and_may_pause_the_schedule(serve: Serve) -> None:
    policy = SchedulePolicy(pause_on_failure=True)
    async with serve(counter_app()) as client, scheduled(client, 1, policy=policy) as handle:
        await handle.trigger()
        (run,) = await started(client.client, handle)
        subject = await begun(client, run)
        await client.execute(counted(subject, by=-1))
        with pytest.raises(WorkflowFailureError) as failure:
            await run.result()
        await eventually(handle.describe, lambda seen: seen.schedule.state.paused)
    cause = failure.value.cause
    assert isinstance(cause, ApplicationError)
    assert cause.type == "ArvoScheduledOrchestrationFailed"
    assert workflow_id(subject) in cause.message
    assert "the count is broken" in cause.message
    assert (cause.details, cause.__cause__) == ((), None)


async def test_an_orchestration_that_someone_cancels_alone_fails_its_time(serve: Serve) -> None:
    async with serve(counter_app()) as client, scheduled(client, 1) as handle:
        await handle.trigger()
        (run,) = await started(client.client, handle)
        await client.client.get_workflow_handle(workflow_id(await begun(client, run))).cancel()
        with pytest.raises(WorkflowFailureError, match="failed") as failure:
            await run.result()
    assert "CancelledError" in str(failure.value.cause)


async def test_its_time_ends_with_the_last_run_of_a_long_orchestration(serve: Serve) -> None:
    async with serve(counter_app(Limits(deliveries_per_run=2))) as client, scheduled(client, 5) as handle:
        await handle.trigger()
        (run,) = await started(client.client, handle)
        subject = await begun(client, run)
        for _ in range(5):
            await client.execute(counted(subject))
        await run.result()
        assert await status(client, workflow_id(subject)) is COMPLETED


@as_machine_and_function
async def test_a_time_that_is_reset_waits_for_the_orchestration_that_it_has_started(serve: Serve, kind: Kind) -> None:
    app = app_of({COUNTER: kind})
    async with serve(app) as client, scheduled(client, 1) as handle:
        await handle.trigger()
        (run,) = await started(client.client, handle)
        subject = await begun(client, run)
        await reset(client, run.id)
        again = client.client.get_workflow_handle(run.id)
        await eventually(again.fetch_history, lambda history: "arvo.watch" in str(history.events))
        assert await status(client, run.id) is RUNNING
        await client.execute(counted(subject))
        assert (await client.client.get_workflow_handle(run.id).result())["workflowId"] == workflow_id(subject)
        assert await counts_on(client, app.task_queue, 1) == [workflow_id(subject)]


async def test_a_time_that_waits_for_what_it_has_not_started_itself_cancels_it_too(serve: Serve) -> None:
    async with serve(counter_app()) as client, scheduled(client, 1) as handle:
        await handle.trigger()
        (run,) = await started(client.client, handle)
        subject = await begun(client, run)
        await reset(client, run.id)
        again = client.client.get_workflow_handle(run.id)
        await eventually(again.fetch_history, lambda history: "arvo.watch" in str(history.events))
        await again.cancel()
        await reaches(client, workflow_id(subject), WorkflowExecutionStatus.CANCELED)
        await reaches(client, run.id, WorkflowExecutionStatus.CANCELED)


@pytest.mark.parametrize("module", ["tests.apps:app", "tests.resumables:app"], ids=["machine", "step"])
async def test_a_killed_worker_loses_no_time_and_doubles_none(server: DevServer, module: str) -> None:
    task_queue = f"arvo-{uuid4()}"
    client = ArvoClient(await Client.connect(server.address), counter_app(), task_queue=task_queue)
    async with scheduled(client, 1) as handle:
        await handle.backfill(THREE_TIMES)
        async with worker_process(server, task_queue, module) as worker:
            runs = await started(client.client, handle, 3)
            await begun(client, runs[0])
            os.kill(worker.pid, signal.SIGKILL)
            await worker.wait()
        async with worker_process(server, task_queue, module):
            for run in runs:
                await client.execute(counted(await begun(client, run)))
            assert len({(await run.result())["workflowId"] for run in runs}) == 3
        assert len(await counts_on(client, task_queue, 3)) == 3


async def test_a_paused_schedule_starts_only_what_is_triggered(serve: Serve) -> None:
    every_second = ScheduleSpec(intervals=[ScheduleIntervalSpec(timedelta(seconds=1))])
    paused = ScheduleState(paused=True, note="not yet")
    async with serve(counter_app()) as client, scheduled(client, 0, every_second, state=paused) as handle:
        description = await handle.describe()
        assert (description.schedule.state.paused, description.schedule.state.note) == (True, "not yet")
        await handle.trigger()
        (run,) = await started(client.client, handle)
        await run.result()
        assert (await handle.describe()).info.num_actions == 1
        await handle.unpause()
        await started(client.client, handle, 2)


async def test_a_schedule_that_would_never_start_anything_is_not_made(server: DevServer) -> None:
    client, name = ArvoClient(await Client.connect(server.address), counter_app()), f"s-{uuid4()}"
    over = ScheduleSpec(intervals=[ScheduleIntervalSpec(timedelta(hours=1))], end_at=NEW_YEAR)
    never = ScheduleSpec(calendars=[ScheduleCalendarSpec(day_of_month=[ScheduleRange(31)], month=[ScheduleRange(4)])])
    for spec in (over, never):
        with pytest.raises(ScheduleError, match=r"none of its times ever comes.*Correct its times"):
            await client.schedules.create(COUNTER, {"goal": 0}, spec, id=name)
    only_triggered = await client.schedules.create(COUNTER, {"goal": 0}, ScheduleSpec(), id=name)
    await only_triggered.delete()


async def test_only_schedules_of_orchestrations_are_listed(server: DevServer) -> None:
    client = ArvoClient(await Client.connect(server.address), counter_app())
    plain = await client.client.create_schedule(
        f"s-{uuid4()}",
        Schedule(ScheduleActionStartWorkflow("plain", id="plain", task_queue="plain"), ScheduleSpec()),
    )

    async def listed() -> set[str]:
        return {schedule.id async for schedule in client.schedules.list()}

    async with scheduled(client, 1) as handle:
        assert plain.id not in await eventually(listed, lambda seen: handle.id in seen)
    await plain.delete()


async def test_with_a_codec_the_server_has_no_plain_text_of_the_data(serve: Serve) -> None:
    app = counter_app()
    app.codec = AesGcmCodec(keys_from(new_key()))
    async with serve(app) as client, scheduled(client, 424242) as handle:
        assert b"424242" not in (await handle.describe()).raw_description.SerializeToString()
        await handle.trigger()
        (run,) = await started(client.client, handle)
        record = await eventually(lambda: record_of(client, run), lambda seen: seen is not None)
        assert record["state"]["context"]["goal"] == 424242
        await run.terminate()

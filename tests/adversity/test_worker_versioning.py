"""Releases: with Worker Versioning an orchestration stays on the build that has begun it, whatever else is deployed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from temporalio.api.deployment.v1 import WorkerDeploymentVersion as GrpcVersion
from temporalio.api.enums.v1 import TaskQueueType, VersionDrainageStatus
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    DescribeWorkerDeploymentRequest,
    DescribeWorkerDeploymentVersionRequest,
    SetWorkerDeploymentCurrentVersionRequest,
)
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Worker, WorkerDeploymentConfig

from adapter.identity import workflow_id
from arvo import (
    ArvoEvent,
    ResumableOutput,
    SimpleMachineMemory,
    assign,
    create_arvo_event_handler,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    create_arvo_resumable,
    emit,
    setup_arvo_machine,
)
from arvo_temporal import ArvoApp, ArvoClient, ArvoPlugin, DevServer, Limits, OrchestrationNotFoundError
from arvo_temporal.worker import check_served
from arvo_temporal.worker.health import NotServedError
from tests.apps import Goal, Total, counted, counter_contract, start_count, tally_contract
from tests.polling import eventually
from tests.resumables import Kind, as_machine_and_function, counter_app, function_app, output_of

DRAINED = VersionDrainageStatus.VERSION_DRAINAGE_STATUS_DRAINED
DRAINING = VersionDrainageStatus.VERSION_DRAINAGE_STATUS_DRAINING
_KINDS = (TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY)


class Site:
    """A deployment of its own, and a task queue of the same name that its builds serve."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.name = f"shop-{uuid4()}"
        self.sender = ArvoClient(client, task_queue=self.name)

    def version(self, build: str) -> WorkerDeploymentVersion:
        return WorkerDeploymentVersion(self.name, build)

    @asynccontextmanager
    async def serve(
        self, app: ArvoApp, build: str | None, behavior: VersioningBehavior = VersioningBehavior.UNSPECIFIED
    ) -> AsyncIterator[None]:
        """Run a worker of a build, as one's own program would; an unversioned one for None."""
        versioning = WorkerDeploymentConfig(self.version(build), True, behavior) if build else None
        async with Worker(self.client, task_queue=self.name, plugins=[ArvoPlugin(app)], deployment_config=versioning):
            yield

    async def promote(self, build: str) -> None:
        """Make a build the current one, as soon as the server knows its worker; wait until that is in force."""
        request = SetWorkerDeploymentCurrentVersionRequest(
            namespace="default", deployment_name=self.name, build_id=build
        )

        async def is_taken() -> bool:
            try:
                await self.client.workflow_service.set_worker_deployment_current_version(request)
            except RPCError as error:
                if error.status not in (RPCStatusCode.NOT_FOUND, RPCStatusCode.FAILED_PRECONDITION):
                    raise
                return False
            return True

        await eventually(is_taken, bool)
        # What the deployment says is seen, not awaited: it may stay IN_PROGRESS for ever, temporalio/temporal 11842.
        await eventually(self._current, lambda seen: seen[0] == [build, build])

    async def _current(self) -> tuple[list[str], str]:
        """Return the build that each kind of task queue takes for current, and what the deployment says."""
        service, builds = self.client.workflow_service, []
        for kind in _KINDS:
            queue = DescribeTaskQueueRequest(
                namespace="default", task_queue=TaskQueue(name=self.name), task_queue_type=kind
            )
            described = await service.describe_task_queue(queue)
            builds.append(described.versioning_info.current_deployment_version.build_id)
        deployment = DescribeWorkerDeploymentRequest(namespace="default", deployment_name=self.name)
        info = (await service.describe_worker_deployment(deployment)).worker_deployment_info
        return builds, str(info.routing_config)

    async def until(self, build: str, status: VersionDrainageStatus.ValueType) -> None:
        """Wait until the server says so of a build that is no longer current."""
        request = DescribeWorkerDeploymentVersionRequest(
            namespace="default", deployment_version=GrpcVersion(deployment_name=self.name, build_id=build)
        )

        async def said() -> VersionDrainageStatus.ValueType:
            answer = await self.client.workflow_service.describe_worker_deployment_version(request)
            return answer.worker_deployment_version_info.drainage_info.status

        await eventually(said, lambda seen: seen == status)

    async def builds(self, subject: str) -> list[str]:
        """Return the builds that an orchestration's steps were made by, one for each change."""
        builds: list[str] = []
        run_id: str | None = await self._first_run(subject)
        while run_id:
            run = self.client.get_workflow_handle(workflow_id(subject), run_id=run_id)
            run_id = None
            async for event in run.fetch_history_events():
                if event.HasField("workflow_task_completed_event_attributes"):
                    build = event.workflow_task_completed_event_attributes.deployment_version.build_id
                    builds += [build] if builds[-1:] != [build] else []
                run_id = event.workflow_execution_continued_as_new_event_attributes.new_execution_run_id or run_id
        return builds

    async def _first_run(self, subject: str) -> str:
        description = await self.client.get_workflow_handle(workflow_id(subject)).describe()
        return description.raw_description.workflow_execution_info.first_run_id


@pytest.fixture(scope="module")
async def watchful() -> AsyncIterator[DevServer]:
    """A server that looks often whether a build is drained."""
    often = {
        "matching.wv.VersionDrainageStatusVisibilityGracePeriod": "0s",
        "matching.wv.VersionDrainageStatusRefreshInterval": "1s",
    }
    async with DevServer(ui=False, dynamic_config=often) as server:
        yield server


@pytest.fixture
async def site(watchful: DevServer) -> Site:
    return Site(await Client.connect(watchful.address))


def answering(number: int) -> ArvoApp:
    """Return the same as a function that is called in activities, whose builds differ in what it answers."""

    def answer(input: ArvoEvent | None) -> ResumableOutput | None:
        return {"context": {}} if input else {"output": {"total": number, "seen": []}}

    return function_app(answer)


def release(number: int) -> ArvoApp:
    """Return an app whose orchestration answers with the number of the release, which no other release could replay."""
    machine = setup_arvo_machine(
        contracts={
            "self": counter_contract.version("1.0.0"),
            "services": {"tally": tally_contract.version("1.0.0")},
        }
    ).create_machine(
        {
            "id": "counter",
            "initial": "waiting",
            "states": {
                "waiting": {
                    "on": {"evt.tally.counted": "over"},
                    "after": {3_600_000 * (turn + 1): "over" for turn in range(number)},
                },
                "over": {"type": "final"},
            },
            "output": {"total": number, "seen": []},
        }
    )
    orchestrator = create_arvo_orchestrator(executionunits=1, memory=SimpleMachineMemory(), machines=[machine])
    return ArvoApp(orchestrators=[orchestrator])


commission_contract = create_arvo_orchestrator_contract(
    uri="#/test/commission", name="commission", versions={"1.0.0": {"init": Goal, "complete": Total}}
)


def commissioning(number: int, order: str) -> ArvoApp:
    """Return the app of a release with another orchestration: it waits for an event, and then for what it orders.

    Args:
        number: The release: what a nested count comes to, and what a handler answers.
        order: What it orders: `arvo.orc.counter`, which is a child, or `com.tally.ask`, which has a handler.
    """
    machine = setup_arvo_machine(
        contracts={
            "self": commission_contract.version("1.0.0"),
            "services": {"counter": counter_contract.version("1.0.0"), "tally": tally_contract.version("1.0.0")},
        },
    ).create_machine(
        {
            "id": "commission",
            "context": lambda input: {"subject": input.subject, "total": 0},
            "initial": "idle",
            "states": {
                "idle": {"on": {"evt.tally.counted": "waiting"}},
                "waiting": {
                    "entry": emit(
                        lambda context: {
                            "type": order,
                            "data": {"goal": 1}
                            | ({"parentSubject$$": context["subject"]} if order == "arvo.orc.counter" else {}),
                        }
                    ),
                    "on": {
                        "arvo.orc.counter.done": {
                            "target": "over",
                            "actions": assign(lambda event: {"total": event.data["total"]}),
                        },
                        "evt.tally.counted": {
                            "target": "over",
                            "actions": assign(lambda event: {"total": event.data["by"]}),
                        },
                    },
                },
                "over": {"type": "final"},
            },
            "output": lambda context: {"total": context["total"], "seen": []},
        }
    )
    orchestrator = create_arvo_orchestrator(executionunits=1, memory=SimpleMachineMemory(), machines=[machine])
    tally = create_arvo_event_handler(
        contract=tally_contract,
        executionunits=1,
        handler={"1.0.0": lambda event: {"type": "evt.tally.counted", "data": {"by": number}}},
    )
    return ArvoApp(orchestrators=[orchestrator, *release(number).orchestrators.values()], handlers=[tally])


def commissioning_function(number: int, order: str) -> ArvoApp:
    """Return the same with functions."""

    def run(context: Any, input: ArvoEvent | None, service: ArvoEvent | None) -> ResumableOutput:
        if input is not None:
            return {"context": {"subject": input.subject, "has_ordered": False}}
        assert service is not None
        if context["has_ordered"]:
            return {"output": {"total": service.data.get("total", service.data.get("by")), "seen": []}}
        nested = {"parentSubject$$": context["subject"]} if order == "arvo.orc.counter" else {}
        request = {"type": order, "data": {"goal": 1, **nested}}
        return {"context": {**context, "has_ordered": True}, "services": [request]}

    resumable = create_arvo_resumable(
        contracts={
            "self": commission_contract,
            "services": {"counter": counter_contract.version("1.0.0"), "tally": tally_contract.version("1.0.0")},
        },
        handler={"1.0.0": run},
    )
    app, nested = commissioning(number, order), answering(number)
    app.orchestrators = {resumable.source: resumable, **nested.orchestrators}
    return app


def commission() -> ArvoEvent:
    return create_arvo_orchestrator_event_factory(commission_contract.version("1.0.0")).init(
        source="com.test.app", data={"parentSubject$$": None, "goal": 1}
    )


async def begin(site: Site) -> str:
    """Start a count, wait for its first step, and return its subject."""
    init = start_count(1)
    await site.sender.deliver(init)
    await site.sender.record(init.subject)
    return init.subject


async def finish(site: Site, subject: str) -> int:
    """Send a count the event that ends it, and return its total."""
    await site.sender.execute(counted(subject))
    record: Any = await site.sender.result(subject)
    return int(output_of(record)["total"])


@pytest.mark.parametrize("release", [release, answering], ids=["machine", "step"])
async def test_each_finishes_on_the_build_that_has_begun_it(site: Site, release: Callable[[int], ArvoApp]) -> None:
    async with site.serve(release(2), "2"):
        async with site.serve(release(1), "1"):
            await site.promote("1")
            first, other = await begin(site), await begin(site)
            await site.promote("2")
            second = await begin(site)
            await site.until("1", DRAINING)
            assert await finish(site, second) == 2
            assert await finish(site, first) == 1
            assert await finish(site, other) == 1
            await site.until("1", DRAINED)
        assert await finish(site, await begin(site)) == 2
    assert await site.builds(first) == ["1"]


@pytest.mark.parametrize("release", [release, answering], ids=["machine", "step"])
async def test_beside_unversioned_workers_a_build_gets_nothing_until_it_is_current_and_then_all(
    site: Site, release: Callable[[int], ArvoApp]
) -> None:
    async with site.serve(release(0), None), site.serve(release(1), "1"):
        early, open_before = await begin(site), await begin(site)
        assert await finish(site, early) == 0
        await site.promote("1")
        assert await finish(site, await begin(site)) == 1
        assert await finish(site, open_before) == 1
    assert await site.builds(early) == [""]
    assert await site.builds(open_before) == ["", "1"]


@as_machine_and_function
async def test_a_long_one_moves_to_the_current_build_when_it_continues_as_new(site: Site, kind: Kind) -> None:
    app = counter_app(Limits(deliveries_per_run=3), kind=kind)
    async with site.serve(app, "1"), site.serve(app, "2"):
        await site.promote("1")
        init = start_count(6)
        await site.sender.deliver(init)
        await site.sender.execute(counted(init.subject))
        await site.promote("2")
        await site.sender.execute(counted(init.subject))
        assert await site.builds(init.subject) == ["1"]
        for _ in range(4):
            await site.sender.execute(counted(init.subject))
        record: Any = await site.sender.result(init.subject)
    assert output_of(record)["total"] == 6
    assert await site.builds(init.subject) == ["1", "2"]


async def test_a_call_is_made_by_the_build(site: Site) -> None:
    async with site.serve(answering(1), "1"), site.serve(answering(2), "2"):
        await site.promote("1")
        first = await begin(site)
        await site.promote("2")
        second = await begin(site)
        for subject, number in ((second, 2), (first, 1)):
            await site.sender.execute(counted(subject))
            assert output_of(await site.sender.result(subject))["total"] == number
    assert await site.builds(first) == ["1"]


@pytest.mark.parametrize("commissioning", [commissioning, commissioning_function], ids=["machine", "step"])
async def test_a_handler_is_that_of_the_build(site: Site, commissioning: Callable[[int, str], ArvoApp]) -> None:
    first, second = (commissioning(number, "com.tally.ask") for number in (1, 2))
    async with site.serve(first, "1"), site.serve(second, "2"):
        await site.promote("1")
        init = commission()
        await site.sender.deliver(init)
        await site.sender.record(init.subject)
        await site.promote("2")
        assert await finish(site, init.subject) == 1


@pytest.mark.parametrize("commissioning", [commissioning, commissioning_function], ids=["machine", "step"])
async def test_a_child_begins_on_the_build_of_its_parent(
    site: Site, commissioning: Callable[[int, str], ArvoApp]
) -> None:
    first, second = (commissioning(number, "arvo.orc.counter") for number in (1, 2))
    async with site.serve(first, "1"), site.serve(second, "2"):
        await site.promote("1")
        init = commission()
        await site.sender.deliver(init)
        await site.sender.record(init.subject)
        await site.promote("2")
        await site.sender.execute(counted(init.subject))
        begun = await site.sender.record(init.subject)
        assert begun is not None
        child = begun["events"]["produced"][0]["subject"]
        await eventually(lambda: has_begun(site, child), bool)
        assert await finish(site, child) == 1
        record: Any = await site.sender.result(init.subject)
    assert output_of(record)["total"] == 1
    assert await site.builds(init.subject) == await site.builds(child) == ["1"]


async def test_a_worker_of_ones_own_may_let_its_orchestrations_move_at_once(site: Site) -> None:
    app = counter_app()
    async with (
        site.serve(app, "1", VersioningBehavior.AUTO_UPGRADE),
        site.serve(app, "2", VersioningBehavior.AUTO_UPGRADE),
    ):
        await site.promote("1")
        subject = await begin(site)
        await site.promote("2")
        assert await finish(site, subject) == 1
    assert await site.builds(subject) == ["1", "2"]


async def test_health_tells_builds_apart(site: Site) -> None:
    async with site.serve(counter_app(), "1"), site.serve(counter_app(), None):
        await eventually(lambda: is_served(site, site.version("1")), bool)
        assert await is_served(site, None)
        assert not await is_served(site, site.version("2"))
        assert not await is_served(site, WorkerDeploymentVersion("another", "1"))


async def has_begun(site: Site, subject: str) -> bool:
    try:
        return await site.sender.record(subject) is not None
    except OrchestrationNotFoundError:
        return False


async def is_served(site: Site, build: WorkerDeploymentVersion | None) -> bool:
    try:
        return bool(await check_served(site.client, site.name, build=build))
    except NotServedError:
        return False

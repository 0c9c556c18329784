"""Routers and multi handlers in an app on Temporal: one activity of their name, with its policy, for many types."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory

from adapter.identity import workflow_id
from adapter.members import AnyHandler
from adapter.policies import EmissionMode
from arvo import ArvoEvent, ConfigViolation, SimpleEventBroker
from arvo_temporal import ArvoApp, ArvoClient
from tests.apps import TWICE
from tests.conftest import Serve
from tests.polling import PATIENCE, eventually
from tests.routed import ALL, POLICY, ROUTER, add_one, both, multi, routed_app, router, task, twice

IN_EACH_MODE = pytest.mark.parametrize("mode", ["activity", "local"])
OF_EACH_KIND = pytest.mark.parametrize("kind", [ROUTER, ALL], ids=["router", "multi handler"])


def service(kind: str, function: Any = both) -> AnyHandler:
    """A service of a kind, whose function takes both types of event."""
    return router(function, function) if kind == ROUTER else multi(function)


async def outcome(serve: Serve, app: ArvoApp, to: str) -> dict[str, Any]:
    init = task(to)
    async with serve(app) as client:
        return await output_of(client, init)


async def output_of(client: ArvoClient, init: ArvoEvent) -> dict[str, Any]:
    await client.deliver(init)
    record = await client.result(init.subject, timeout=PATIENCE)
    output: dict[str, Any] = record["state"]["output"]
    return output


def activities(history: WorkflowHistory) -> Iterator[str]:
    for event in history.events:
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            yield event.activity_task_scheduled_event_attributes.activity_type.name


class Failing:
    """A service that raises what it is given, one after the other, and then works."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.tries = 0

    def __call__(self, event: ArvoEvent) -> Any:
        self.tries += 1
        if self.errors:
            raise self.errors.pop(0)
        return both(event)


@OF_EACH_KIND
@IN_EACH_MODE
async def test_a_machine_asks_through_it(serve: Serve, kind: str, mode: EmissionMode) -> None:
    app = routed_app(service(kind), policy=replace(POLICY, mode=mode))
    assert await outcome(serve, app, kind) == {"n": 8, "sources": [kind, kind], "failure": ""}


@OF_EACH_KIND
async def test_in_one_process_it_is_the_same(kind: str) -> None:
    broker = SimpleEventBroker.of(routed_app(service(kind)))
    done = await broker.resolve(task(kind))
    assert done is not None
    assert done.data == {"n": 8, "sources": [kind, kind], "failure": ""}


@OF_EACH_KIND
async def test_its_activity_bears_its_name(serve: Serve, kind: str) -> None:
    init = task(kind)
    async with serve(routed_app(service(kind))) as client:
        await output_of(client, init)
        history = await client.client.get_workflow_handle(workflow_id(init.subject)).fetch_history()
    assert list(activities(history)) == [kind, kind]


@pytest.mark.parametrize(
    ("kind", "failure"),
    [(ROUTER, "sys.com.sums.add.error RuntimeError"), (ALL, f"sys.{ALL}.error RuntimeError")],
    ids=["router", "multi handler"],
)
@IN_EACH_MODE
async def test_what_it_raises_reaches_the_machine(serve: Serve, kind: str, failure: str, mode: EmissionMode) -> None:
    failing = Failing(RuntimeError("no sums today"))
    app = routed_app(service(kind, failing), policy=replace(POLICY, mode=mode))
    assert (await outcome(serve, app, kind))["failure"] == failure
    assert failing.tries == 1


@OF_EACH_KIND
@IN_EACH_MODE
async def test_its_policy_says_what_is_tried_again(serve: Serve, kind: str, mode: EmissionMode) -> None:
    failing = Failing(ConnectionError("no line"), ConnectionResetError("cut off"))
    app = routed_app(service(kind, failing), policy=replace(POLICY, mode=mode))
    assert (await outcome(serve, app, kind))["n"] == 8
    assert failing.tries == 4


@pytest.mark.parametrize(
    ("kind", "failure"),
    [(ROUTER, "sys.com.sums.add.error ConnectionError"), (ALL, f"sys.{ALL}.error ConnectionError")],
    ids=["router", "multi handler"],
)
@IN_EACH_MODE
async def test_after_the_last_try_its_own_report_arrives(
    serve: Serve, kind: str, failure: str, mode: EmissionMode
) -> None:
    failing = Failing(*(ConnectionError(f"try {number}") for number in range(9)))
    app = routed_app(service(kind, failing), policy=replace(POLICY, mode=mode))
    assert (await outcome(serve, app, kind))["failure"] == failure
    assert failing.tries == 3


@OF_EACH_KIND
async def test_a_violation_is_tried_again_and_then_told(serve: Serve, kind: str) -> None:
    failing = Failing(*(ConfigViolation(f"try {number}") for number in range(9)))
    told = await outcome(serve, routed_app(service(kind, failing)), kind)
    assert told["failure"] == "sys.com.sums.add.error ConfigViolation"
    assert failing.tries == 3


async def test_a_type_that_a_router_has_no_handler_for_is_told(serve: Serve) -> None:
    app = routed_app(router(adding=None), policy=replace(POLICY, retry=TWICE))
    assert (await outcome(serve, app, ROUTER))["failure"] == "sys.com.sums.add.error ConfigViolation"


async def test_an_event_to_a_type_does_not_reach_the_router_that_has_a_handler_for_it(serve: Serve) -> None:
    assert (await outcome(serve, routed_app(router()), "com.sums.add"))["failure"] == "sys.com.sums.add.error NoRoute"


@OF_EACH_KIND
async def test_a_request_that_has_failed_can_be_sent_again(serve: Serve, kind: str) -> None:
    """The machine has no transition for the failure, so it waits."""
    failing, init = Failing(RuntimeError("no sums today")), task(kind)
    async with serve(routed_app(service(kind, failing), on={})) as client:
        await client.deliver(init)
        await eventually(lambda: client.ledger(init.subject), lambda ledger: ledger.entries[-1].fate == "unhandled")
        (again,) = await client.retry(init.subject)
        record = await client.result(init.subject, timeout=PATIENCE)
    assert (again.type, again.to) == ("com.sums.add", kind)
    assert record["state"]["output"]["n"] == 8


@OF_EACH_KIND
async def test_its_plain_function_may_block(serve: Serve, kind: str) -> None:
    threads: set[int] = set()

    def block(event: ArvoEvent) -> Any:
        threads.add(threading.get_ident())
        return both(event)

    assert (await outcome(serve, routed_app(service(kind, block)), kind))["n"] == 8
    assert threading.get_ident() not in threads


@OF_EACH_KIND
async def test_another_app_may_serve_it(serve: Serve, kind: str) -> None:
    elsewhere = ArvoApp(handlers=[service(kind)])
    async with serve(elsewhere):
        assert (await outcome(serve, routed_app(task_queues={kind: elsewhere.task_queue}), kind))["n"] == 8


async def test_both_and_a_handler_of_the_same_type_live_side_by_side(serve: Serve) -> None:
    (alone,) = router(add_one, None).handlers.values()
    app = routed_app(router(), multi(), alone)
    async with serve(app) as client:
        outcomes = [await output_of(client, task(to)) for to in (ROUTER, ALL)]
    assert [outcome["sources"] for outcome in outcomes] == [[ROUTER, ROUTER], [ALL, ALL]]


async def test_its_answer_may_be_too_large(serve: Serve) -> None:
    def long(event: ArvoEvent) -> Any:
        return {**twice(event), "data": {"n": 1, "text": "x" * 3_000_000}}

    assert (await outcome(serve, routed_app(multi(long)), ALL))["failure"].startswith("sys.com.sums.add.error")

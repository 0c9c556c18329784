"""Whatever answers a request, the orchestration hears of it: of the events of the answer, or what is wrong with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from temporalio import activity, workflow
from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

from arvo import ArvoEvent
from arvo_temporal import ArvoApp, ArvoClient, workflow_id
from arvo_temporal.dev_server.server import DevServer
from tests.apps import ask, supervise
from tests.conftest import Serve
from tests.polling import eventually
from tests.resumables import Kind, as_machine_and_function, asker_app, output_of, supervisor_app

ANSWERED = "evt.oracle.ask.success"


def raw(data: bytes, encoding: bytes = b"json/plain") -> RawValue:
    return RawValue(Payload(metadata={"encoding": encoding}, data=data))


NO_EVENTS = [
    (raw(b"null"), "It is None, not a list"),
    (raw(b"5"), "It is 5, not a list"),
    (raw(b'{"a": 1}'), "not a list of events"),
    (raw(b'["x"]'), "Item 0 of it is 'x', not an event"),
    (raw(b'[{"no": "event"}]'), "not a valid ArvoEvent"),
    (raw(b"[[[[["), "is not JSON"),
    (raw(b"[" * 50_000), "nested deeper"),
    (raw(b"\xff\x00"), "is not JSON"),
    (raw(b"x", b"binary/foreign"), "encoding is 'binary/foreign'"),
    (RawValue(Payload()), "encoding is 'absent'"),
]


_answers: dict[str, RawValue | Exception] = {}
"""Task queue to what another team's workers answer there."""


def answer_of(task_queue: str) -> RawValue:
    answer = _answers[task_queue]
    if isinstance(answer, Exception):
        raise answer
    return answer


@activity.defn(name="com.oracle.ask")
async def foreign_handler(request: RawValue) -> RawValue:
    return answer_of(activity.info().task_queue)


@workflow.defn(name="arvo.orc.counter", sandboxed=False)
class ForeignCounter:
    @workflow.run
    async def run(self, init: RawValue) -> RawValue:
        return answer_of(workflow.info().task_queue)


@asynccontextmanager
async def answering(server: DevServer, answer: RawValue | Exception) -> AsyncIterator[str]:
    """Run another team's worker, which answers everything with one answer; yields its task queue."""
    client, task_queue = await Client.connect(server.address), f"elsewhere-{uuid4()}"
    _answers[task_queue] = answer
    async with Worker(client, task_queue=task_queue, activities=[foreign_handler], workflows=[ForeignCounter]):
        yield task_queue


def asker_of(task_queue: str, kind: Kind) -> ArvoApp:
    """Return an app that asks the oracle of another team."""
    return asker_app(task_queues={"com.oracle.ask": task_queue}, kind=kind)


def supervisor_of(task_queue: str, kind: Kind) -> ArvoApp:
    """Return an app whose nested counts are made by another team."""
    return supervisor_app(counter_queue=task_queue, kind=kind)


async def output(client: ArvoClient, init: ArvoEvent) -> str:
    await client.deliver(init)
    record = await client.result(init.subject)
    return str(output_of(record)["text"])


@pytest.mark.parametrize(("answer", "hint"), NO_EVENTS)
@as_machine_and_function
async def test_an_answer_that_is_no_event_comes_back_as_a_system_error(
    server: DevServer, serve: Serve, answer: RawValue, hint: str, kind: Kind
) -> None:
    async with answering(server, answer) as elsewhere, serve(asker_of(elsewhere, kind)) as client:
        text = await output(client, ask("why"))
    assert text.startswith("InvalidAnswer: The answer to 'com.oracle.ask' cannot be read.")
    assert hint in text


@as_machine_and_function
async def test_a_failure_whose_details_cannot_be_read_comes_back_as_a_system_error(
    server: DevServer, serve: Serve, kind: Kind
) -> None:
    broken = ApplicationError("it is broken", raw(b"x", b"binary/foreign"), type="Broken", non_retryable=True)
    async with answering(server, broken) as elsewhere:
        async with serve(asker_of(elsewhere, kind)) as client:
            assert await output(client, ask("why")) == "Broken: it is broken"
        async with serve(supervisor_of(elsewhere, kind)) as client:
            assert await output(client, supervise(goal=1)) == "Broken: it is broken"


@pytest.mark.parametrize(
    ("result", "hint"),
    [
        (raw(b'"done"'), "there is 'done'"),
        (raw(b"null"), "there is None"),
        (raw(b"{}"), "there is None"),
        (raw(b'{"events": null}'), "there is None"),
        (raw(b'{"events": {"produced": [1]}}'), "must be an object"),
        (raw(b"x", b"binary/foreign"), "encoding is 'binary/foreign'"),
    ],
)
@as_machine_and_function
async def test_a_child_that_ends_in_its_own_way_comes_back_as_a_system_error(
    server: DevServer, serve: Serve, result: RawValue, hint: str, kind: Kind
) -> None:
    async with (
        answering(server, result) as elsewhere,
        serve(supervisor_of(elsewhere, kind)) as client,
    ):
        text = await output(client, supervise(goal=1))
    assert text.startswith("InvalidAnswer: It has ended with something")
    assert hint in text


@as_machine_and_function
async def test_a_child_that_fails_with_details_of_its_own_comes_back_as_a_system_error(
    server: DevServer, serve: Serve, kind: Kind
) -> None:
    for details in ("text", None, {"events": None}, {"events": [{"no": "event"}], "record": 5}):
        failure = ApplicationError("for reasons of its own", details, type="ArvoOrchestrationFailed")
        async with (
            answering(server, failure) as elsewhere,
            serve(supervisor_of(elsewhere, kind)) as client,
        ):
            assert await output(client, supervise(goal=1)) == "ArvoOrchestrationFailed: for reasons of its own"


async def complete(client: ArvoClient, init: ArvoEvent, result: Sequence[Any]) -> None:
    """Complete the one pending request of an orchestration, as an operator does."""
    handle = client.client.get_workflow_handle(workflow_id(init.subject))

    async def pending() -> list[str]:
        description = (await handle.describe()).raw_description
        waiting = description.pending_activities
        return [pending.activity_id for pending in waiting if pending.activity_type.name == "com.oracle.ask"]

    (activity_id,) = await eventually(pending, bool)
    await client.client.get_async_activity_handle(workflow_id=handle.id, run_id=None, activity_id=activity_id).complete(
        result
    )


@as_machine_and_function
async def test_what_an_operator_completes_by_hand_may_leave_out_what_the_request_says(serve: Serve, kind: Kind) -> None:
    init = ask("why")
    async with serve(asker_of("nobody-serves-it", kind)) as client:
        await client.deliver(init)
        await complete(client, init, [{"type": ANSWERED, "data": {"text": "by hand"}}])
        record = await client.result(init.subject)
    assert output_of(record)["text"] == "by hand"
    consumed = record["events"]["consumed"]
    assert consumed is not None
    assert (consumed["source"], consumed["to"]) == ("com.oracle.ask", "arvo.orc.asker")
    assert consumed["subject"] == init.subject
    assert consumed["dataschema"] == "#/test/oracle/1.0.0"


@as_machine_and_function
async def test_what_an_operator_completes_by_hand_may_be_the_error(serve: Serve, kind: Kind) -> None:
    init = ask("why")
    error = {"errorName": "Closed", "errorMessage": "by hand", "errorStack": None}
    async with serve(asker_of("nobody-serves-it", kind)) as client:
        await client.deliver(init)
        await complete(client, init, [{"type": "sys.com.oracle.ask.error", "data": error}])
        record = await client.result(init.subject)
    assert output_of(record)["text"] == "Closed: by hand"


@as_machine_and_function
async def test_an_operator_who_completes_with_no_event_is_told_to_the_machine(serve: Serve, kind: Kind) -> None:
    init = ask("why")
    async with serve(asker_of("nobody-serves-it", kind)) as client:
        await client.deliver(init)
        await complete(client, init, [{"text": "by hand"}])
        record = await client.result(init.subject)
    assert str(output_of(record)["text"]).startswith("InvalidAnswer: ")

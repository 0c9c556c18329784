"""Nested orchestrations are child workflows, and their end comes back to the parent exactly once."""

from __future__ import annotations

import asyncio

import pytest

from adapter import ArvoClient, Limits, workflow_id
from arvo import ArvoEvent, create_arvo_event_factory
from tests.apps import counted, supervise, supervisor_app, tally_contract
from tests.conftest import Serve


async def child_of(client: ArvoClient, init: ArvoEvent) -> str:
    """Return the subject of the count that the supervision has started."""
    record = await client.record(init.subject)
    assert record is not None
    (nested,) = record["events"]["produced"]
    subject: str = nested["subject"]
    for _ in range(200):
        if (await client.deliver(counted(subject, 0))).accepted:
            return subject
        await asyncio.sleep(0.05)
    raise AssertionError("the nested count was not started")


async def output(client: ArvoClient, init: ArvoEvent) -> str:
    async with asyncio.timeout(30):
        record = await client.result(init.subject)
    text: str = record["state"]["output"]["text"]
    return text


async def test_a_completion_comes_back(serve: Serve) -> None:
    init = supervise(goal=2)
    async with serve(supervisor_app()) as client:
        await client.execute(init)
        subject = await child_of(client, init)
        await client.deliver(counted(subject, 2))
        assert await output(client, init) == "total 2"


async def test_a_machine_that_throws_comes_back_as_its_system_error(serve: Serve) -> None:
    init = supervise(goal=2)
    async with serve(supervisor_app()) as client:
        await client.execute(init)
        subject = await child_of(client, init)
        await client.deliver(counted(subject, -1))
        assert await output(client, init) == "ArithmeticError: the count is broken"


@pytest.mark.parametrize("end", ["terminate", "cancel"])
async def test_an_end_by_force_comes_back_as_a_system_error(serve: Serve, end: str) -> None:
    init = supervise(goal=2)
    async with serve(supervisor_app()) as client:
        await client.execute(init)
        subject = await child_of(client, init)
        await getattr(client.client.get_workflow_handle(workflow_id(subject)), end)()
        assert (
            await output(client, init)
            == {
                "terminate": "TerminatedError: Terminated",
                "cancel": "CancelledError: Cancelled",
            }[end]
        )


@pytest.mark.parametrize("end", ["complete", "throw", "terminate"])
async def test_it_comes_back_to_a_parent_that_has_continued_as_new(serve: Serve, end: str) -> None:
    init = supervise(goal=2)
    async with serve(supervisor_app(Limits(deliveries_per_run=3))) as client:
        await client.execute(init)
        subject = await child_of(client, init)
        for _ in range(7):
            await client.execute(unhandled(init.subject))
        if end == "terminate":
            await client.client.get_workflow_handle(workflow_id(subject)).terminate()
        else:
            await client.deliver(counted(subject, 2 if end == "complete" else -1))
        text = await output(client, init)
    assert text.startswith({"complete": "total 2", "throw": "ArithmeticError", "terminate": "TerminatedError"}[end])


async def test_a_child_that_is_started_in_the_last_moment_of_a_run_is_not_forgotten(serve: Serve) -> None:
    """The run ends in the workflow task that asks for the child, before the server has begun it."""
    init, app = supervise(goal=2), supervisor_app(Limits(deliveries_per_run=1))
    async with serve(app) as client:
        pass
    for _ in range(2):
        await client.deliver(init)
    async with serve(app) as client:
        subject = await child_of(client, init)
        await client.deliver(counted(subject, 2))
        assert await output(client, init) == "total 2"


def unhandled(subject: str) -> ArvoEvent:
    """Return an event that is valid for a supervision, and changes nothing."""
    return create_arvo_event_factory(tally_contract.version("1.0.0")).emits(
        type="evt.tally.counted", source="com.tally.ask", subject=subject, to="arvo.orc.supervisor", data={"by": 1}
    )

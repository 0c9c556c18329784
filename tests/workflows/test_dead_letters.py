"""What is refused reaches the app's dead-letter publisher, and is consumed when it is sent again after a fix."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from temporalio.client import Client
from temporalio.worker import Replayer, Worker

from adapter.dead_letters import DeadLetter, DeadLetterPublisher
from arvo import ArvoEvent
from arvo_temporal import ArvoApp, ArvoClient, ArvoPlugin, Limits, workflow_id
from arvo_temporal.dev_server.server import DevServer
from tests.apps import counted, start_count
from tests.changed import Share, changed_counter
from tests.conftest import Serve
from tests.histories import all_have_ended
from tests.resumables import Kind, app_of, as_machine_and_function, context_of, in_each_kind

REPORTING = {"counting": {"on": {"evt.tally.counted": {"actions": "count", "target": "reported"}}}, "reported": {}}


def half(subject: str) -> ArvoEvent:
    """An event that the first contract refuses: it counts integers."""
    return ArvoEvent.from_json({**counted(subject).to_json(), "data": {"by": 0.5}})


@asynccontextmanager
async def deployed(server: DevServer, app: ArvoApp, task_queue: str) -> AsyncIterator[ArvoClient]:
    """Run a worker without the check that `serve` makes: here the code changes under the histories."""
    app.task_queue = task_queue
    client = await Client.connect(server.address, plugins=[ArvoPlugin(app)])
    async with Worker(client, task_queue=task_queue):
        yield ArvoClient(client, app)


@as_machine_and_function
async def test_a_refused_event_is_published_with_all_that_a_person_needs(serve: Serve, kind: Kind) -> None:
    letters: list[DeadLetter] = []
    init = start_count(goal=1)
    wrong = half(init.subject)
    async with serve(app_of({"arvo.orc.counter": kind}, dead_letters=collecting(letters))) as client:
        await client.execute(init)
        await client.deliver(wrong)
        await client.deliver(counted(init.subject))
        await client.result(init.subject)
    (letter,) = letters
    assert (letter.workflow_id, letter.subject) == (workflow_id(init.subject), init.subject)
    assert (letter.event_id, letter.event_type) == (wrong.id, wrong.type)
    assert letter.code == "ViolationError<Contract>"
    assert "by" in letter.reason
    assert json.loads(letter.text) == wrong.to_json()
    assert letter.complete


@as_machine_and_function
async def test_a_publisher_that_fails_is_asked_again(serve: Serve, kind: Kind) -> None:
    letters: list[DeadLetter] = []
    failures = [OSError("the mailbox is closed")]

    async def publish(letter: DeadLetter) -> None:
        if failures:
            raise failures.pop()
        letters.append(letter)

    init = start_count(goal=1)
    app = app_of({"arvo.orc.counter": kind}, dead_letters=publish)
    async with serve(app) as client:
        await client.execute(init)
        handle = client.client.get_workflow_handle(workflow_id(init.subject))
        await handle.signal("deliver", "no event at all")
        await client.deliver(counted(init.subject))
        await client.result(init.subject)
        await all_have_ended(client, app)
    assert {letter.text for letter in letters} == {'"no event at all"'}
    assert letters[0].event_id is None


@as_machine_and_function
async def test_no_more_than_256_wait_for_a_publisher_that_is_down(serve: Serve, kind: Kind) -> None:
    letters: list[DeadLetter] = []
    opened = asyncio.Event()

    async def publish(letter: DeadLetter) -> None:
        await opened.wait()
        letters.append(letter)

    init = start_count(goal=1)
    app = changed_counter(limits=Limits(ledger=300), dead_letters=publish, kind=kind)
    async with serve(app) as client:
        await client.execute(init)
        await asyncio.gather(*(client.deliver(half(init.subject)) for _ in range(270)))
        await client.execute(counted(init.subject))
        opened.set()
        await client.result(init.subject)
        refused = await client.violations(init.subject)
        await all_have_ended(client, app)
    assert len({letter.event_id for letter in letters}) == 256
    assert len(refused) == 270


@as_machine_and_function
async def test_letters_outlive_a_run_and_the_end(serve: Serve, kind: Kind) -> None:
    letters: list[DeadLetter] = []
    opened = asyncio.Event()

    async def publish(letter: DeadLetter) -> None:
        await opened.wait()
        letters.append(letter)

    init = start_count(goal=30)
    wrong = half(init.subject)
    app = app_of({"arvo.orc.counter": kind}, limits=Limits(deliveries_per_run=10), dead_letters=publish)
    async with serve(app) as client:
        await client.execute(init)
        await client.deliver(wrong)
        for _ in range(30):
            await client.execute(counted(init.subject))
        await client.result(init.subject)
        opened.set()
        await all_have_ended(client, app)
    assert {letter.event_id for letter in letters} == {wrong.id}


@in_each_kind
async def test_after_a_fix_a_refused_event_is_consumed(server: DevServer, kind: Kind) -> None:
    """The fixed worker replays a history in which the event was refused: there it stays refused."""
    letters: list[DeadLetter] = []
    task_queue, init = f"arvo-{uuid4()}", start_count(goal=100)
    wrong = half(init.subject)
    before = changed_counter(dead_letters=collecting(letters), kind=kind)
    after = changed_counter(step=Share, states=REPORTING, dead_letters=collecting(letters), kind=kind)
    async with deployed(server, before, task_queue) as client:
        await client.execute(init)
        await client.deliver(wrong)
        (refused,) = await client.redrive(init.subject)
        assert (refused.id, refused.fate) == (wrong.id, "refused")
    async with deployed(server, after, task_queue) as client:
        record = await client.record(init.subject)
        assert record is not None
        assert context_of(record)["total"] == 0
        (redriven,) = await client.redrive(init.subject)
        assert (redriven.id, redriven.fate) == (wrong.id, "applied")
        assert await client.redrive(init.subject) == []
        record = await client.record(init.subject)
        assert record is not None
        assert context_of(record)["total"] == 0.5
        history = await client.client.get_workflow_handle(workflow_id(init.subject)).fetch_history()
        await Replayer(workflows=[], plugins=[ArvoPlugin(after)]).replay_workflow(history)
    assert {letter.event_id for letter in letters} == {wrong.id}


async def test_a_refused_event_that_the_ledger_has_cut_is_sent_whole(serve: Serve) -> None:
    init = start_count(goal=1)
    long = ArvoEvent.from_json({**counted(init.subject, extensions={"note": "x" * 9000}).to_json(), "data": {"by": ""}})
    async with serve(changed_counter()) as client:
        await client.execute(init)
        await client.deliver(long)
        (refused,) = await client.redrive(init.subject, [long.id])
    assert refused.fate == "refused"
    assert "by" in (refused.reason or "")


async def test_the_unknown_and_what_is_no_event_are_told_apart(serve: Serve) -> None:
    init = start_count(goal=1)
    async with serve(changed_counter()) as client:
        await client.execute(init)
        handle = client.client.get_workflow_handle(workflow_id(init.subject))
        await handle.signal("deliver", "no event at all")
        assert [(result.id, result.fate) for result in await client.redrive(init.subject)] == [(None, "refused")]
        assert [result.fate for result in await client.redrive(init.subject, ["absent"])] == [None]


@as_machine_and_function
async def test_a_late_event_that_is_sent_again_is_late_and_says_why(serve: Serve, kind: Kind) -> None:
    init, app = start_count(goal=2), changed_counter(kind=kind)
    first, last = counted(init.subject, 2), counted(init.subject)
    async with serve(app) as client:
        pass
    for event in (init, first, last):
        await client.deliver(event)
    async with serve(app) as client:
        await client.result(init.subject)
        (late,) = await client.redrive(init.subject)
    assert (late.id, late.fate) == (last.id, "late")
    assert "closed" in (late.reason or "")


def collecting(letters: list[DeadLetter]) -> DeadLetterPublisher:
    async def publish(letter: DeadLetter) -> None:
        letters.append(letter)

    return publish

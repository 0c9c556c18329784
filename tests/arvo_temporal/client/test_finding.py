"""An orchestration is found by what people call it: subject, workflow id, the beginning of that, `orchestrator/key`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.client import Client

from adapter.identity import is_workflow_id, readable_id
from arvo import ArvoOrchestrationSubject
from arvo.errors import ArvoError, InvalidSubjectError
from arvo_temporal import ArvoClient, OrchestrationNotFoundError, OrchestrationNotUniqueError, workflow_id
from arvo_temporal.client.finding import Finder
from arvo_temporal.dev_server.server import DevServer
from tests.conftest import Serve
from tests.polling import eventually
from tests.resumables import counter_app

PATIENCE = 30
KEYS = ('it\'s "42"', "a/b/c", "100%", "%_%", "ключ 🔑", "' OR WorkflowId != '", "1.0.0/7", " ", "\\")


async def listed(find: Callable[[], Awaitable[str]]) -> str:
    """Return what is found as soon as the server's list has it."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                return await find()
            except OrchestrationNotFoundError:
                await asyncio.sleep(0.1)


async def in_the_list(client: Client, query: str) -> None:
    await eventually(lambda: client.count_workflows(query), lambda found: found.count > 0)


async def started(client: Client, type_: str, version: str, key: str, source: str = "com.test.app") -> str:
    """Start a workflow with the name of an orchestration; nobody runs it."""
    subject = ArvoOrchestrationSubject.new(orchestrator=type_, version=version, initiator=source, execution_id=key)
    await client.start_workflow(type_, id=workflow_id(subject), task_queue="nobody")
    return workflow_id(subject)


def fresh() -> str:
    return f"arvo.orc.t{uuid4().hex}"


@pytest.mark.parametrize("key", KEYS)
async def test_a_key_is_found_whatever_it_is_made_of(server: DevServer, key: str) -> None:
    client, type_ = await Client.connect(server.address), fresh()
    identity = await started(client, type_, "1.0.0", key)
    await started(client, type_, "1.0.0", f"{key}x")
    finder = Finder(client)
    assert await listed(lambda: finder.find(f"{type_}/{key}")) == identity
    assert await finder.find(f"{type_.removeprefix('arvo.orc.')}/{key}") == identity
    assert await finder.find(f"{type_}/1.0.0/{key}") == identity
    assert await finder.shortest(identity) == f"{type_.removeprefix('arvo.orc.')}/{key}"


async def test_a_key_is_found_in_any_version(server: DevServer) -> None:
    client, type_ = await Client.connect(server.address), fresh()
    ids = [await started(client, type_, version, str(number)) for number, version in enumerate(("1.0.0", "1.0.1"))]
    ids.append(await started(client, type_, "11.0.0", "2"))
    finder = Finder(client)
    for key, identity in enumerate(ids):
        assert await listed(partial(finder.find, f"{type_}/{key}")) == identity


async def test_several_of_a_key_are_all_named(server: DevServer) -> None:
    client, type_ = await Client.connect(server.address), fresh()
    ids = [await started(client, type_, "1.0.0", "42"), await started(client, type_, "2.0.0", "42")]
    ids.append(await started(client, type_, "2.0.0", "42", "com.other.app"))
    for identity in ids:
        await listed(partial(Finder(client).find, identity[:-1]))
    with pytest.raises(OrchestrationNotUniqueError) as raised:
        await Finder(client).find(f"{type_}/42")
    assert set(raised.value.candidates) == set(ids)
    assert await Finder(client).shortest(ids[0]) == ids[0]
    assert "(running)" in str(raised.value)
    assert "\n" not in str(raised.value)


async def test_a_beginning_has_to_be_the_only_one(server: DevServer) -> None:
    client, type_ = await Client.connect(server.address), fresh()
    one, other = [await started(client, type_, "1.0.0", key) for key in ("apple", "avocado")]
    assert await listed(lambda: Finder(client).find(f"{type_}/1.0.0/ap")) == one
    assert await listed(lambda: Finder(client).find(other[:-3])) == other
    with pytest.raises(OrchestrationNotUniqueError):
        await Finder(client).find(f"{type_}/1.0.0/a")


async def test_of_many_the_first_few_are_named(server: DevServer) -> None:
    client, type_ = await Client.connect(server.address), fresh()
    for key in range(8):
        identity = await started(client, type_, "1.0.0", f"k{key}")
        await listed(partial(Finder(client).find, identity[:-1]))
    with pytest.raises(OrchestrationNotUniqueError, match="and more") as raised:
        await Finder(client).find(f"{type_}/1.0.0/k")
    assert len(raised.value.candidates) == 5


async def test_another_run_of_the_same_is_no_second_one(server: DevServer) -> None:
    client, type_ = await Client.connect(server.address), fresh()
    identity = await started(client, type_, "1.0.0", "42")
    await listed(partial(Finder(client).find, f"{type_}/42"))
    await client.get_workflow_handle(identity).terminate()
    again = await client.start_workflow(type_, id=identity, task_queue="nobody")
    query = f"WorkflowId = '{identity}' AND RunId = '{again.result_run_id}'"
    await in_the_list(client, query)
    assert await Finder(client).find(f"{type_}/42") == identity
    assert await Finder(client).find(identity[:-1]) == identity


async def test_what_works_beside_an_orchestration_is_no_candidate(server: DevServer) -> None:
    client, type_ = await Client.connect(server.address), fresh()
    identity = await started(client, type_, "1.0.0", "42")
    for beside in ("arvo.outbox", "arvo.schedule"):
        await client.start_workflow(beside, id=f"{type_}-{beside}", task_queue="nobody")
        query = f"WorkflowId = '{type_}-{beside}'"
        await in_the_list(client, query)
    assert await listed(lambda: Finder(client).find(type_)) == identity


async def test_nothing_found_says_what_to_try(server: DevServer) -> None:
    client = await Client.connect(server.address)
    with pytest.raises(OrchestrationNotFoundError, match="a second behind") as raised:
        await Finder(client).find("order/\x1b[2J")
    assert "\x1b" not in str(raised.value)


@pytest.mark.parametrize("text", ["", "/", "no subject", "eJxlj0FuwzAMBP/Cs=", "Order/42", "ord\ner/42"])
async def test_what_can_be_no_orchestration_is_no_question_to_the_server(text: str) -> None:
    client = await Client.connect("127.0.0.1:1", lazy=True)
    with pytest.raises(InvalidSubjectError):
        await Finder(client).find(text)


async def test_subject_and_whole_workflow_id_take_no_call() -> None:
    client = await Client.connect("127.0.0.1:1", lazy=True)
    for key in ("42", *KEYS, "x" * 500, "🔑" * 100):
        subject = ArvoOrchestrationSubject.new(
            orchestrator="arvo.orc.order", version="1.0.0", initiator="com.test.app", execution_id=key
        )
        assert await Finder(client).find(subject) == workflow_id(subject)
        assert await Finder(client).find(workflow_id(subject)) == workflow_id(subject)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300))
def test_no_key_leaves_its_place_in_a_query(key: str) -> None:
    readable = readable_id("arvo.orc.order", "1.0.0", key)
    assert not set("'\"\\\n") & set(readable)
    assert readable.count("/") == 2
    assert is_workflow_id(f"{readable}/{'a' * 16}")


async def test_every_method_takes_what_find_takes(serve: Serve) -> None:
    app = counter_app()
    key = uuid4().hex
    async with serve(app) as client:
        begun = await client.start("arvo.orc.counter", {"goal": 2}, key=key)
        name = f"counter/{key}"
        assert await listed(lambda: client.find(name)) == begun.workflow_id
        await client.send(name, "evt.tally.counted", {"by": 2})
        assert (await client.result(name))["subject"] == begun.subject
        assert (await client.record(name)) == (await client.record(begun.subject))
        assert (await client.ledger(name)) == (await client.ledger(begun.subject))
        assert len(await client.history(name)) == 2
        assert await client.redrive(name) == []
        with pytest.raises(ArvoError, match="not running"):
            await client.retry(name)


async def test_it_is_an_error_without_the_server_knowing_it(server: DevServer) -> None:
    client = ArvoClient(await Client.connect(server.address))
    with pytest.raises(OrchestrationNotFoundError):
        await client.record(f"{fresh()}/42")

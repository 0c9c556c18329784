"""Orchestrations by a key of one's own, and events of which only what matters is said."""

from __future__ import annotations

import asyncio
import base64
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from adapter.routing import is_child
from arvo import (
    ArvoEvent,
    ArvoOrchestrationSubject,
    SimpleMachineMemory,
    create_arvo_orchestrator,
    create_arvo_orchestrator_event_factory,
)
from arvo.errors import InvalidPayloadError
from arvo_temporal import (
    AppError,
    ArvoApp,
    ArvoClient,
    DeliveryStatus,
    Fate,
    OrchestrationNotFoundError,
    workflow_id,
)
from tests.apps import Goal, ask, asker_app, asker_machine, counted, counter_contract, supervise
from tests.conftest import Serve
from tests.resumables import Kind, counter_app, in_each_kind, output_of

START: dict[str, Any] = {"parentSubject$$": None, "goal": 2}


def keyed(key: str, goal: int = 2) -> ArvoEvent:
    return create_arvo_orchestrator_event_factory(counter_contract.version("1.0.0")).init(
        source="com.test.app", data={"parentSubject$$": None, "goal": goal}, execution_id=key
    )


def rewritten(subject: str) -> str:
    """The same subject as another build of zlib might write it, and another language."""
    content = zlib.decompress(base64.b64decode(subject))
    text = content.replace(b'","', b'", "').replace(b"},", b"} ,")
    return base64.b64encode(zlib.compress(text, level=0)).decode()


@in_each_kind
async def test_a_key_starts_one_orchestration_whatever_process_asks(serve: Serve, kind: Kind) -> None:
    app, key = counter_app(kind=kind), f"{kind} 42"
    async with serve(app) as client:
        first = await client.start(counter_contract, Goal(goal=1), key=key)
        others = [ArvoClient(client.client, counter_app(kind=kind), task_queue=app.task_queue) for _ in range(5)]
        again = await asyncio.gather(*(other.start(counter_contract, {"goal": 9}, key=key) for other in others))
        assert first.started
        assert [(result.workflow_id, result.started) for result in again] == [(first.workflow_id, False)] * 5
        assert f"/{kind}%2042/" in first.workflow_id or f"/{kind} 42/" in first.workflow_id
        await client.send(first.subject, "evt.tally.counted", {"by": 5})
        record = await client.result(again[0].subject)
        assert output_of(record) == {"total": 5, "seen": [5]}
        assert not (await client.start("arvo.orc.counter", {"goal": 1}, key=key)).started
        assert (await client.start("arvo.orc.counter", {"goal": 1}, key=f"{kind} 43")).started
        assert (await client.start("arvo.orc.counter", {"goal": 1})).started


@in_each_kind
async def test_the_init_event_of_a_key_is_the_same_event_each_time(serve: Serve, kind: Kind) -> None:
    assert keyed("42").key == keyed("42").key
    assert keyed("42").key != keyed("43").key
    key = f"again, {kind}"
    async with serve(counter_app(kind=kind)) as client:
        assert (await client.execute(keyed(key))).fate is Fate.APPLIED
        assert (await client.execute(keyed(key, goal=7))).fate is Fate.DUPLICATE
        await client.send(workflow_id(keyed(key).subject), "evt.tally.counted", {"by": 2})
        await client.result(keyed(key).subject)
        late = await client.deliver(keyed(key))
    assert (late.status, late.accepted) == (DeliveryStatus.LATE, False)


@in_each_kind
async def test_a_subject_that_was_compressed_otherwise_is_the_same_one(serve: Serve, kind: Kind) -> None:
    async with serve(counter_app(kind=kind)) as client:
        result = await client.start(counter_contract, {"goal": 3})
        other = rewritten(result.subject)
        assert other != result.subject
        assert workflow_id(other) == result.workflow_id
        ways: list[Callable[[ArvoEvent], Awaitable[object]]] = [client.execute, client.deliver]
        for deliver in ways:
            event = ArvoEvent.from_json({**counted(result.subject).to_json(), "subject": other})
            await deliver(event)
        await client.execute(counted(result.subject))
        record = await client.result(other)
        ledger = await client.ledger(other)
    assert output_of(record)["total"] == 3
    assert record["subject"] == result.subject
    assert ledger.counts == {Fate.APPLIED: 4}


async def test_a_child_whose_parents_subject_was_compressed_otherwise_is_its_child(serve: Serve) -> None:
    parent = supervise(goal=1).subject
    init = create_arvo_orchestrator_event_factory(counter_contract.version("1.0.0")).init(
        source="com.test.app", data={"parentSubject$$": rewritten(parent), "goal": 1}
    )
    assert is_child(init, parent)
    assert not is_child(init, supervise(goal=1).subject)


def test_a_child_by_its_key_is_one_of_its_parent() -> None:
    factory = create_arvo_orchestrator_event_factory(counter_contract.version("1.0.0"))
    parents = [supervise(goal=1).subject for _ in range(2)]
    one, again = (
        factory.init(source="com.test.app", data={**START, "parentSubject$$": parents[0]}, execution_id="7")
        for _ in range(2)
    )
    assert one.subject == again.subject
    content = ArvoOrchestrationSubject.parse(one.subject)
    assert (content.execution.id, content.execution.initiator) == ("7", "arvo.orc.supervisor")


def test_subject_and_key_contradict_each_other() -> None:
    factory = create_arvo_orchestrator_event_factory(counter_contract.version("1.0.0"))
    with pytest.raises(ValueError, match="give one of subject and execution_id"):
        factory.init(source="com.test.app", data=START, subject=keyed("1").subject, execution_id="2")


async def test_what_is_sent_follows_from_the_app(serve: Serve) -> None:
    init = ask("Rain", domain="delphi")
    asked: asyncio.Future[ArvoEvent] = asyncio.get_running_loop().create_future()

    async def delphi(event: ArvoEvent) -> None:
        asked.set_result(event)

    async with serve(asker_app(publishers={"delphi": delphi})) as client:
        await client.deliver(init)
        request = await asked
        sent = await client.send(workflow_id(init.subject), "evt.oracle.ask.success", {"text": "Yes"})
        record = await client.result(init.subject)
    assert sent.status is DeliveryStatus.DELIVERED
    consumed = record["events"]["consumed"]
    assert consumed is not None
    assert consumed["source"] == "com.oracle.ask"
    assert (consumed["to"], consumed["dataschema"]) == ("arvo.orc.asker", request.dataschema)
    assert record["state"]["output"] == {"text": "Yes"}


MISTAKES: dict[str, tuple[Callable[[ArvoClient], Awaitable[object]], str]] = {
    "no such orchestrator": (lambda client: client.start("arvo.orc.cuonter", {}), "no orchestrator of type .*cuonter"),
    "no names": (lambda client: client.start("arvo.orc.counter", [1]), "a mapping or a model"),
    "no such event": (
        lambda client: client.send(keyed("1").subject, "evt.tally.conuted", {}),
        "No service of 'arvo.orc.counter' 1.0.0 emits 'evt.tally.conuted'.*evt.tally.counted",
    ),
    "an init event": (lambda client: client.send(keyed("1").subject, "arvo.orc.counter", {}), "begins one anew"),
    "another app's": (lambda client: client.send(ask("?").subject, "evt.a.b", {}), "no orchestrator 'arvo.orc.asker'"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
async def test_a_mistake_is_told_before_anything_is_sent(serve: Serve, mistake: str) -> None:
    call, message = MISTAKES[mistake]
    async with serve(counter_app()) as client:
        with pytest.raises(AppError, match=message):
            await call(client)
        with pytest.raises(InvalidPayloadError, match="goal"):
            await client.start(counter_contract, {"gaol": 1})
        with pytest.raises(OrchestrationNotFoundError):
            await client.send("arvo.orc.counter/1.0.0/nobody/abc", "evt.tally.counted", {"by": 1})


async def test_the_newest_version_of_the_app_is_started(serve: Serve) -> None:
    orchestrator = create_arvo_orchestrator(executionunits=1, memory=SimpleMachineMemory(), machines=[asker_machine])
    async with serve(ArvoApp(orchestrators=[orchestrator])) as client:
        result = await client.start("arvo.orc.asker", {"text": "Rain", "domain": None})
    assert ArvoOrchestrationSubject.parse(result.subject).orchestrator.version == "1.0.0"

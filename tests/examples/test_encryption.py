"""Encrypted payloads: the server has no plain text of what events carry, and everything works as without."""

from __future__ import annotations

from dataclasses import replace

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.converter import PayloadCodec
from temporalio.worker import Worker

from arvo import ArvoEvent, HandlerOutput, ViolationError, create_arvo_event_handler
from arvo_temporal import (
    AppError,
    ArvoApp,
    ArvoClient,
    ArvoPlugin,
    Limits,
    OrchestrationFailedError,
    TemporalMachineMemory,
    workflow_id,
)
from arvo_temporal.dev_server.server import DevServer
from arvo_temporal.replay.runs import runs_of
from examples.encryption.codec import AesGcmCodec, keys_from
from examples.encryption.new_key import new_key
from tests.apps import ask, counted, oracle_contract, start_count, supervise
from tests.conftest import Serve
from tests.polling import eventually
from tests.resumables import Kind, as_machine_and_function, asker_app, counter_app, output_of, supervisor_app
from tests.workflows.test_nesting import child_of, unhandled

SECRET = "Rumpelstiltskin"


def encrypted(app: ArvoApp, *keys: str) -> ArvoApp:
    app.codec = AesGcmCodec(keys_from(",".join(keys or [new_key()])))
    return app


async def stored(client: ArvoClient, subject: str) -> bytes:
    """Return all that the server has of an orchestration, as it has it."""
    identity = workflow_id(subject)
    histories = await runs_of(client.client, identity)
    description = await client.client.get_workflow_handle(identity).describe()
    events = [event.SerializeToString() for run in histories for event in run.events]
    return b"".join([*events, description.raw_description.SerializeToString()])


async def test_the_server_has_no_plain_text_of_a_question_and_its_answer(serve: Serve) -> None:
    def oracle(event: ArvoEvent) -> HandlerOutput:
        return {"type": "evt.oracle.ask.success", "data": {"text": f"{event.data['text']} it is"}}

    handler = create_arvo_event_handler(contract=oracle_contract, executionunits=1, handler={"1.0.0": oracle})
    init = ask(SECRET)
    async with serve(encrypted(asker_app(handlers=[handler]))) as client:
        await client.deliver(init)
        record = await client.result(init.subject)
        everything = await stored(client, init.subject)
        remembered = await TemporalMachineMemory(client.client).read(init.subject)
    assert record["state"]["output"]["text"] == f"{SECRET} it is"
    assert remembered == record
    assert b"arvo.orc.asker" in everything
    assert b"evt.oracle.ask.success" not in everything
    assert SECRET.encode() not in everything


async def test_nor_of_errors_that_quote_it(serve: Serve) -> None:
    async def delphi(event: ArvoEvent) -> None:
        raise ConnectionError(f"cannot send {event.data['text']}")

    init = ask(SECRET, domain="delphi")
    async with serve(encrypted(asker_app(publishers={"delphi": delphi}))) as client:
        await client.deliver(init)
        record = await client.result(init.subject)
        everything = await stored(client, init.subject)
    assert record["state"]["output"]["text"] == f"ConnectionError: cannot send {SECRET}"
    assert SECRET.encode() not in everything


async def test_nor_of_refused_signals_and_updates(serve: Serve) -> None:
    init = start_count(goal=3)
    wrong = replace(counted(init.subject), data={"by": SECRET})
    async with serve(encrypted(counter_app())) as client:
        await client.execute(init)
        with pytest.raises(ViolationError):
            await client.execute(wrong)
        await client.deliver(wrong)
        violations = await eventually(lambda: client.violations(init.subject), bool)
        everything = await stored(client, init.subject)
    assert SECRET in (violations[0].payload or "")
    assert SECRET.encode() not in everything


async def test_children_memos_and_later_runs_are_encrypted_too(serve: Serve) -> None:
    init = supervise(goal=98765432)
    async with serve(encrypted(supervisor_app(Limits(deliveries_per_run=3)))) as client:
        await client.execute(init)
        subject = await child_of(client, init)
        for _ in range(4):
            await client.execute(unhandled(init.subject))
        everything = await stored(client, init.subject) + await stored(client, subject)
        await client.deliver(counted(subject, 98765432))
        record = await client.result(init.subject)
        memo = await (await client.client.get_workflow_handle(workflow_id(subject)).describe()).memo()
        definition = memo["arvo.machine"]["definition"]
    assert record["state"]["output"] == {"text": "total 98765432"}
    assert b"98765432" not in everything
    assert definition.encode() not in everything


@as_machine_and_function
async def test_a_machine_that_throws_is_reported_and_the_server_does_not_learn_why(serve: Serve, kind: Kind) -> None:
    init = start_count(goal=3)
    async with serve(encrypted(counter_app(kind=kind))) as client:
        await client.execute(init)
        await client.execute(counted(init.subject, -1))
        with pytest.raises(OrchestrationFailedError, match="the count is broken"):
            await client.result(init.subject)
        everything = await stored(client, init.subject)
    assert b"the count is broken" not in everything


async def test_clients_and_workers_without_the_plugin_use_the_codec_of_the_app(server: DevServer) -> None:
    app = encrypted(counter_app())
    app.task_queue = "encrypted-by-the-worker"
    init = start_count(goal=1)
    plain = await Client.connect(server.address)
    client = ArvoClient(plain, app)
    async with Worker(plain, task_queue=app.task_queue, plugins=[ArvoPlugin(app)]):
        await client.deliver(init)
        await client.deliver(counted(init.subject))
        record = await client.result(init.subject)
        everything = await stored(client, init.subject)
    assert await TemporalMachineMemory(plain, app).read(init.subject) == record
    assert b"evt.tally.counted" not in everything


async def test_a_worker_without_the_codec_leaves_the_orchestration_to_one_that_has_it(server: DevServer) -> None:
    app = encrypted(counter_app())
    app.task_queue = "encrypted-elsewhere"
    init = start_count(goal=1)
    plain = await Client.connect(server.address)
    client = ArvoClient(plain, app)
    handle = plain.get_workflow_handle(workflow_id(init.subject))

    async def has_failed() -> bool:
        return any(
            event.HasField("workflow_task_failed_event_attributes") for event in (await handle.fetch_history()).events
        )

    async with Worker(plain, task_queue=app.task_queue, plugins=[ArvoPlugin(counter_app())]):
        await client.deliver(init)
        await eventually(has_failed, bool)
    async with Worker(plain, task_queue=app.task_queue, plugins=[ArvoPlugin(app)]):
        await client.deliver(counted(init.subject))
        record = await client.result(init.subject)
    assert record["status"] == "done"


@as_machine_and_function
async def test_keys_change_while_orchestrations_run(serve: Serve, kind: Kind) -> None:
    old, new = "old=" + new_key().partition("=")[2], "new=" + new_key().partition("=")[2]
    app = encrypted(counter_app(kind=kind), old)
    init = start_count(goal=2)
    async with serve(app) as client:
        await client.execute(init)
        await client.execute(counted(init.subject))
    async with serve(encrypted(app, new, old)) as client:
        await client.execute(counted(init.subject))
        record = await client.result(init.subject)
    assert output_of(record)["total"] == 2


async def test_a_missing_key_is_named() -> None:
    old, new = AesGcmCodec(keys_from("old=" + "A" * 43 + "=")), AesGcmCodec(keys_from("new=" + "B" * 42 + "A="))
    (sealed,) = await old.encode([Payload(data=b"x")])
    with pytest.raises(KeyError, match="'old' is missing"):
        await new.decode([sealed])


@pytest.mark.parametrize("keys", ["", "a", "a=zz", "a=AAAA"])
def test_keys_that_are_none_are_refused(keys: str) -> None:
    with pytest.raises(ValueError, match="key"):
        keys_from(keys)


async def test_two_codecs_are_one_too_many(server: DevServer) -> None:
    client = await Client.connect(server.address, plugins=[ArvoPlugin(encrypted(counter_app()))])
    with pytest.raises(AppError, match="another payload codec"):
        ArvoClient(client, encrypted(counter_app()))


def test_the_example_is_an_app(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENCRYPTION_KEYS", new_key())
    from examples.encryption.app import app

    assert isinstance(app.codec, PayloadCodec)

"""No bytes through any door wedge an orchestration: everything gets a fate, and the next good event is consumed."""

from __future__ import annotations

from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.common import RawValue

from adapter.codec import LenientCodec
from arvo import ArvoEvent
from arvo_temporal import ArvoClient, workflow_id
from arvo_temporal.dev_server.server import DevServer
from examples.encryption.codec import AesGcmCodec, keys_from
from examples.encryption.new_key import new_key
from tests.apps import counted, counter_app, start_count
from tests.conftest import Serve
from tests.polling import eventually

JSON = b"json/plain"


def raw(data: bytes, encoding: bytes = JSON, **metadata: bytes) -> RawValue:
    return RawValue(Payload(metadata={"encoding": encoding, **metadata}, data=data))


def handle_of(client: ArvoClient, init: ArvoEvent) -> WorkflowHandle[Any, Any]:
    return client.client.get_workflow_handle(workflow_id(init.subject))


async def finishes(client: ArvoClient, init: ArvoEvent) -> None:
    """Check that an orchestration which waits for one more event consumes it."""
    await client.execute(counted(init.subject))
    record = await client.result(init.subject)
    assert record["status"] == "done"


async def test_a_payload_of_another_encoding_is_refused_by_signal_and_by_update(serve: Serve) -> None:
    init = start_count(goal=1)
    foreign = raw(counted(init.subject).to_json_bytes(), b"binary/foreign")
    async with serve(counter_app()) as client:
        await client.execute(init)
        await handle_of(client, init).signal("deliver", foreign)
        (refused,) = await eventually(lambda: client.violations(init.subject), bool)
        with pytest.raises(WorkflowUpdateFailedError) as rejected:
            await handle_of(client, init).execute_update("execute", foreign)
        await finishes(client, init)
    assert "encoding is 'binary/foreign', not JSON" in (refused.reason or "")
    assert "encoding is 'binary/foreign', not JSON" in str(rejected.value.__cause__)


@pytest.mark.parametrize(
    ("encoding", "key", "data"),
    [
        (b"binary/encrypted", b"ours", b"\0" * 64),
        (b"binary/encrypted", b"ours", b""),
        (b"binary/encrypted", b"", b"no key is named"),
        (b"binary/foreign", b"ours", b"{}"),
    ],
)
async def test_what_the_codec_of_the_app_can_never_read_is_refused(
    server: DevServer, serve: Serve, encoding: bytes, key: bytes, data: bytes
) -> None:
    app = counter_app()
    app.codec = AesGcmCodec(keys_from("ours=" + new_key().partition("=")[2]))
    init = start_count(goal=1)
    async with serve(app) as client:
        await client.execute(init)
        stranger = await Client.connect(server.address)
        await stranger.get_workflow_handle(workflow_id(init.subject)).signal("deliver", raw(data, encoding, key=key))
        refused = await eventually(lambda: client.violations(init.subject), bool)
        await finishes(client, init)
    assert [entry.fate for entry in refused] == ["refused"]


async def test_the_rest_of_a_batch_is_decoded_where_one_payload_never_will_be() -> None:
    codec = AesGcmCodec(keys_from("ours=" + new_key().partition("=")[2]))
    forged = Payload(metadata={"encoding": b"binary/encrypted", "key": b"ours"}, data=b"forged")
    sealed = await codec.encode([Payload(data=b"good")])
    assert await LenientCodec(codec).decode([*sealed, forged]) == [Payload(data=b"good"), forged]
    unknown = Payload(metadata={"encoding": b"binary/encrypted", "key": b"theirs"}, data=b"later")
    with pytest.raises(KeyError, match="'theirs' is missing"):
        await LenientCodec(codec).decode([*sealed, forged, unknown])


async def test_a_signal_of_twenty_thousand_nulls_is_refused_at_the_pace_of_events(serve: Serve) -> None:
    init, number = start_count(goal=1), 20_000
    async with serve(counter_app()) as client:
        await client.execute(init)
        await handle_of(client, init).signal("deliver_all", args=[None] * number)
        await client.deliver(counted(init.subject))
        await client.result(init.subject)
        ledger = await client.ledger(init.subject)
        history = (await handle_of(client, init).fetch_history()).events
    assert ledger.counts == {"refused": number, "applied": 2}
    assert not any(event.HasField("workflow_task_failed_event_attributes") for event in history)
    assert not any(event.HasField("workflow_task_timed_out_event_attributes") for event in history)


async def test_signals_of_unknown_names_wait_for_their_turns_and_are_refused_in_order(serve: Serve) -> None:
    init = start_count(goal=1)
    async with serve(counter_app()) as client:
        await client.execute(init)
        for name in ("diliver", "\0", "x" * 900):
            await handle_of(client, init).signal(name, counted(init.subject).to_json())
        await handle_of(client, init).signal("deliver", raw(b"\0 no text of ours"))
        await handle_of(client, init).signal("deliver", args=[1, 2])
        refused = await eventually(lambda: client.violations(init.subject), lambda seen: len(seen) == 5)
        await finishes(client, init)
    hints = ["no signal 'diliver'", r"no signal '\x00'", "(900 characters)", "is not JSON", "it got 2"]
    for entry, hint in zip(refused, hints, strict=True):
        assert hint in (entry.reason or "")
    assert refused[3].payload == "\0 no text of ours"

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

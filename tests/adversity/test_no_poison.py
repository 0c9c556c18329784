"""No bytes through any door wedge an orchestration: everything gets a fate, and the next good event is consumed."""

from __future__ import annotations

from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.common import RawValue

from adapter.codec import LenientCodec
from adapter.packing import pack
from adapter.payload import to_raw
from arvo import ArvoEvent
from arvo.wire import deflate
from arvo_temporal import ArvoApp, ArvoClient, Limits, OrchestrationFailedError, workflow_id
from arvo_temporal.dev_server.server import DevServer
from arvo_temporal.replay.runs import runs_of
from examples.encryption.codec import AesGcmCodec, keys_from
from examples.encryption.new_key import new_key
from tests.apps import counted, start_count
from tests.conftest import Serve
from tests.polling import eventually
from tests.resumables import Kind, as_machine_and_function, counter_app

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


@as_machine_and_function
async def test_a_payload_of_another_encoding_is_refused_by_signal_and_by_update(serve: Serve, kind: Kind) -> None:
    init = start_count(goal=1)
    foreign = raw(counted(init.subject).to_json_bytes(), b"binary/foreign")
    async with serve(counter_app(kind=kind)) as client:
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
@as_machine_and_function
async def test_what_the_codec_of_the_app_can_never_read_is_refused(
    server: DevServer, serve: Serve, encoding: bytes, key: bytes, data: bytes, kind: Kind
) -> None:
    app = counter_app(kind=kind)
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


@as_machine_and_function
async def test_a_signal_of_twenty_thousand_nulls_is_refused_at_the_pace_of_events(serve: Serve, kind: Kind) -> None:
    init, number = start_count(goal=1), 20_000
    async with serve(counter_app(kind=kind)) as client:
        await client.execute(init)
        await handle_of(client, init).signal("deliver_all", args=[None] * number)
        await client.deliver(counted(init.subject))
        await client.result(init.subject)
        ledger = await client.ledger(init.subject)
        history = (await handle_of(client, init).fetch_history()).events
    assert ledger.counts == {"refused": number, "applied": 2}
    assert not any(event.HasField("workflow_task_failed_event_attributes") for event in history)
    assert not any(event.HasField("workflow_task_timed_out_event_attributes") for event in history)


@as_machine_and_function
async def test_signals_of_unknown_names_wait_for_their_turns_and_are_refused_in_order(serve: Serve, kind: Kind) -> None:
    init = start_count(goal=1)
    async with serve(counter_app(kind=kind)) as client:
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


class ByHand:
    """Starts orchestrations as a person does, with anything as input and memo."""

    def __init__(self, client: ArvoClient, app: ArvoApp) -> None:
        self._client = client.client
        self._task_queue = app.task_queue

    async def start(self, init: ArvoEvent, *more: Any, **options: Any) -> WorkflowHandle[Any, Any]:
        return await self._client.start_workflow(
            init.type, args=[to_raw(init), *more], id=workflow_id(init.subject), task_queue=self._task_queue, **options
        )


FORGED = {
    "record": {"executionStatus": "normal", "status": "done", "state": {"output": "forged"}},
    "inbox": pack([]),
}


@pytest.mark.parametrize("carried", [FORGED, {"no": "carry"}, None, {**FORGED, "inbox": deflate(b"\0" * 300_000_000)}])
@as_machine_and_function
async def test_a_start_by_hand_cannot_bring_the_state_of_an_earlier_run(serve: Serve, carried: Any, kind: Kind) -> None:
    app, init = counter_app(kind=kind), start_count(goal=1)
    async with serve(app) as client:
        await ByHand(client, app).start(init, carried)
        with pytest.raises(OrchestrationFailedError, match="takes exactly one argument"):
            await client.result(init.subject)


MEMOS = [
    {"limits": {"record_bytes": -1, "event_bytes": 0, "deliveries_per_run": -5, "remembered_ids": True}},
    {"limits": {"record_bytes": 10**30, "event_bytes": 1e300, "deliveries_per_run": "x", "remembered_ids": 10**9}},
    {"limits": 5, "version": "1.0.0", "digest": "forged", "definition": deflate(b'{"states": 5, "on": [[]]}')},
    {"version": "1.0.0", "digest": "forged", "definition": "x" * 500_000},
    {"version": "1.0.0", "definition": deflate(b'{"states": {"a": 5, "b": [], "c": null}}')},
    {"version": "1.0.0", "definition": deflate(b'{"states": {"a": ' * 40_000 + b"{}" + b"}}" * 40_000)},
    [[]],
    raw(b"{}", b"binary/foreign"),
    raw(b"{{{"),
    raw(b"\xff" * 9),
]


@pytest.mark.parametrize("memo", MEMOS)
@as_machine_and_function
async def test_whatever_the_memo_of_a_start_by_hand_says_the_limits_are_those_of_the_app(
    serve: Serve, memo: Any, kind: Kind
) -> None:
    app, init = counter_app(Limits(deliveries_per_run=3), kind=kind), start_count(goal=9)
    async with serve(app) as client:
        await ByHand(client, app).start(init, memo={"arvo.machine": memo, "foreign": raw(b"x", b"binary/foreign")})
        for _ in range(9):
            await client.execute(counted(init.subject))
        record = await client.result(init.subject)
        runs = await runs_of(client.client, workflow_id(init.subject))
    assert record["status"] == "done"
    assert len(runs) > 1

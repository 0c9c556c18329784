"""Any bytes through any door: in process where what reads them is in process, and a few at once on a server."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowFailureError, WorkflowUpdateFailedError
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from adapter.endings import Ending, result_of
from adapter.limits import Limits
from adapter.memo import memo_of, remembered_limits, remembered_machine
from adapter.packing import unpack
from adapter.payload import is_encoded, read_text, shown, text_of
from arvo import ArvoEvent
from arvo.errors import ArvoError
from arvo.wire import deflate
from arvo_temporal import workflow_id
from arvo_temporal.dev_server.server import DevServer
from tests.apps import counted, start_count
from tests.conftest import Serve
from tests.resumables import Kind, as_machine_and_function, counter_app
from workflows.arguments import texts_of_signal

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)
FIELDS = sorted(counted(start_count(goal=1).subject).to_json())
EVENTS = st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, VALUES))
"""Objects that look like events, with anything in their fields."""
DATA = st.binary(max_size=60) | (VALUES | EVENTS | st.lists(EVENTS, max_size=3)).map(
    lambda value: json.dumps(value).encode()
)
ENCODINGS = st.sampled_from([b"json/plain", b"json/protobuf", b"binary/null", b"binary/plain", b"binary/x", b""])
METADATA: st.SearchStrategy[dict[str, bytes]] = st.fixed_dictionaries(
    {"encoding": ENCODINGS | st.binary(max_size=9)}
) | st.just({})
PAYLOADS = st.builds(lambda data, metadata: RawValue(Payload(metadata=metadata, data=data)), DATA, METADATA)
DEFINITIONS = VALUES.map(lambda value: deflate(json.dumps(value).encode())) | st.text(max_size=30)
MEMOS = VALUES | st.fixed_dictionaries(
    {"version": st.just("1.0.0"), "digest": st.text(max_size=5), "definition": DEFINITIONS},
    optional={"limits": st.dictionaries(st.sampled_from(["record_bytes", "deliveries_per_run"]), VALUES)},
)


@given(PAYLOADS)
def test_any_payload_is_an_event_or_says_why_it_is_none(payload: RawValue) -> None:
    text = text_of(payload)
    with suppress(ArvoError):
        assert isinstance(read_text(text), ArvoEvent)
    assert isinstance(shown(text), str)


@given(st.text(max_size=20), st.lists(PAYLOADS, max_size=4))
def test_any_signal_brings_texts(name: str, arguments: list[RawValue]) -> None:
    for text in texts_of_signal(name, arguments) + texts_of_signal("deliver_all", arguments):
        with suppress(ArvoError):
            read_text(text)


@given(PAYLOADS)
def test_any_result_of_a_workflow_is_an_ending_or_an_invalid_answer(result: RawValue) -> None:
    with suppress(ApplicationError):
        assert Ending.of_result(result_of(result)).cause is None


@given(
    st.lists(VALUES | st.fixed_dictionaries({}, optional={"record": VALUES, "events": VALUES}), max_size=2), st.text()
)
def test_any_failure_of_a_workflow_is_an_ending(details: list[Any], message: str) -> None:
    ending = Ending.of_failure(ApplicationError(message, *details, type="ArvoOrchestrationFailed"), "child")
    assert ending.cause is not None


@given(MEMOS, PAYLOADS)
def test_any_memo_leaves_limits_that_are_some(memo: Any, payload: RawValue) -> None:
    for value in (memo, memo_of(payload)):
        limits = remembered_limits(value, Limits())
        assert all(isinstance(limit, int) and limit > 0 for limit in (limits.record_bytes, limits.deliveries_per_run))
        machine = remembered_machine(value)
        assert machine is None or machine.definition() is None or isinstance(machine.definition(), dict)


@given(st.text(max_size=60) | st.binary(max_size=60).map(deflate))
def test_any_text_is_unpacked_or_refused_with_a_value_error(packed: str) -> None:
    with suppress(ValueError):
        assert all(isinstance(text, bytes) for text in unpack(packed))


@as_machine_and_function
async def test_after_any_bytes_through_its_doors_an_orchestration_consumes_a_good_event(
    server: DevServer, serve: Serve, kind: Kind
) -> None:
    poison: list[tuple[str, list[RawValue]]] = []

    @settings(max_examples=60, database=None)
    @given(st.sampled_from(["deliver", "deliver_all", "diliver", "\u2603"]), st.lists(PAYLOADS, max_size=3))
    def draw(name: str, arguments: list[RawValue]) -> None:
        poison.append((name, arguments))

    draw()
    app, init = counter_app(kind=kind), start_count(goal=len(poison) // 10)
    async with serve(app) as client:
        await client.execute(init)
        stranger = await Client.connect(server.address)
        handle = stranger.get_workflow_handle(workflow_id(init.subject))
        for position, (name, arguments) in enumerate(poison, 1):
            await handle.signal(name, args=arguments)
            for argument in arguments[:1]:
                with pytest.raises(WorkflowUpdateFailedError):
                    await handle.execute_update("execute", argument)
            if position % 10 == 0:
                await client.execute(counted(init.subject))
        record = await client.result(init.subject)
        history = (await handle.fetch_history()).events
    assert record["status"] == "done"
    assert not any(event.HasField("workflow_task_failed_event_attributes") for event in history)


@as_machine_and_function
async def test_any_bytes_start_no_orchestration_and_their_workflow_fails(
    server: DevServer, serve: Serve, kind: Kind
) -> None:
    poison: list[list[RawValue]] = []

    @settings(max_examples=20, database=None)
    @given(st.lists(PAYLOADS.filter(lambda payload: not is_encoded(payload)), max_size=3))
    def draw(arguments: list[RawValue]) -> None:
        poison.append(arguments)

    draw()
    app = counter_app(kind=kind)
    async with serve(app):
        stranger = await Client.connect(server.address)
        for position, arguments in enumerate(poison):
            identity = f"{app.task_queue}-{position}"
            handle = await stranger.start_workflow(
                "arvo.orc.counter", args=arguments, id=identity, task_queue=app.task_queue
            )
            with pytest.raises(WorkflowFailureError):
                await handle.result()

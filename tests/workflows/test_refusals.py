"""What must be refused is refused with its reason, and the orchestration is unharmed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.common import RawValue

from arvo import ArvoError, ArvoEvent, ConfigViolation, ContractViolation, ExecutionViolation, InvalidEventError
from arvo_temporal import ArvoClient, workflow_id
from tests.apps import counted, start_count
from tests.conftest import Serve
from tests.polling import eventually
from tests.resumables import Kind, as_machine_and_function, counter_app, output_of


def changed(event: ArvoEvent, **fields: Any) -> ArvoEvent:
    return ArvoEvent.from_json({**event.to_json(), **fields})


def invalid_data(subject: str) -> ArvoEvent:
    return changed(counted(subject), data={"by": "one"})


def unknown_type(subject: str) -> ArvoEvent:
    return changed(counted(subject), type="evt.nobody.knows")


def wrong_version(subject: str) -> ArvoEvent:
    return changed(counted(subject), dataschema="#/test/tally/2.0.0")


def wrong_contract(subject: str) -> ArvoEvent:
    return changed(counted(subject), dataschema="#/test/other/1.0.0")


REFUSED = [
    (invalid_data, ContractViolation, "by"),
    (unknown_type, ConfigViolation, "evt.nobody.knows"),
    (wrong_version, ContractViolation, "2.0.0"),
    (wrong_contract, ContractViolation, "#/test/other"),
]


@as_machine_and_function
@pytest.mark.parametrize(("make", "violation", "hint"), REFUSED)
async def test_execute_raises_the_violation_and_leaves_no_trace(
    serve: Serve, make: Any, violation: type[ArvoError], hint: str, kind: Kind
) -> None:
    init = start_count(goal=1)
    async with serve(counter_app(kind=kind)) as client:
        await client.execute(init)
        before = await history_length(client, init)
        with pytest.raises(violation, match=hint):
            await client.execute(make(init.subject))
        assert await history_length(client, init) == before
        assert await client.violations(init.subject) == []
        await finishes(client, init)


@as_machine_and_function
@pytest.mark.parametrize(("make", "violation", "hint"), REFUSED)
async def test_a_refused_signal_is_kept_with_its_reason(
    serve: Serve, make: Any, violation: type[ArvoError], hint: str, kind: Kind
) -> None:
    init = start_count(goal=1)
    async with serve(counter_app(kind=kind)) as client:
        await client.execute(init)
        event = make(init.subject)
        assert (await client.deliver(event)).accepted
        (refused,) = await client.violations(init.subject)
        assert refused.id == event.id
        assert hint in (refused.reason or "")
        assert (refused.code or "").startswith("ViolationError")
        assert json.loads(refused.payload or "") == event.to_json()
        await finishes(client, init)


@as_machine_and_function
@pytest.mark.parametrize(
    ("name", "payloads"),
    [
        ("deliver", [b"not json"]),
        ("deliver", [b'{"id": "1"}']),
        ("deliver", []),
        ("deliver", [b"{}", b"{}"]),
        ("diliver", [b"{}"]),
    ],
)
async def test_a_signal_that_is_no_event_is_kept_with_its_reason(
    serve: Serve, name: str, payloads: list[bytes], kind: Kind
) -> None:
    init = start_count(goal=1)
    async with serve(counter_app(kind=kind)) as client:
        await client.execute(init)
        handle = client.client.get_workflow_handle(workflow_id(init.subject))
        raw = [RawValue(Payload(metadata={"encoding": b"json/plain"}, data=data)) for data in payloads]
        await handle.signal(name, args=raw)
        (refused,) = await client.violations(init.subject)
        assert refused.fate == "refused"
        assert refused.reason
        await finishes(client, init)


@as_machine_and_function
async def test_the_page_of_the_orchestration_in_the_ui_tells_of_it_but_not_its_data(serve: Serve, kind: Kind) -> None:
    init = start_count(goal=1)
    wrong = changed(counted(init.subject), data={"by": "a secret"})
    async with serve(counter_app(kind=kind)) as client:
        await client.execute(init)
        await client.deliver(wrong)
        await eventually(lambda: client.violations(init.subject), bool)
        handle = client.client.get_workflow_handle(workflow_id(init.subject))
        metadata: WorkflowMetadata = await handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
        await finishes(client, init)
    assert "**State** active, since " in metadata.current_details
    assert ("```\ncounting, since " in metadata.current_details) is (kind == "machine")
    assert "1 applied, 1 refused" in metadata.current_details
    assert f"- **refused** `evt.tally.counted` (`{wrong.id}`), since" in metadata.current_details
    assert "ViolationError\\<Contract\\>" in metadata.current_details
    assert f"Cure: `arvo-temporal redrive {workflow_id(init.subject)} {wrong.id}`" in metadata.current_details
    assert "secret" not in metadata.current_details


async def test_the_client_refuses_what_is_no_event(serve: Serve) -> None:
    async with serve(counter_app()) as client:
        with pytest.raises(InvalidEventError):
            await client.deliver("not json")
        with pytest.raises(InvalidEventError, match="type"):
            await client.deliver({"id": "1"})


async def test_the_client_refuses_a_malformed_subject(serve: Serve) -> None:
    event = changed(counted(start_count(goal=1).subject), subject="no-subject")
    async with serve(counter_app()) as client:
        with pytest.raises(ExecutionViolation, match="subject"):
            await client.deliver(event)
        with pytest.raises(ExecutionViolation, match="subject"):
            await client.execute(event)


@as_machine_and_function
async def test_an_invalid_init_event_starts_nothing(serve: Serve, kind: Kind) -> None:
    init = start_count(goal=1)
    invalid = changed(init, data={"parentSubject$$": None, "goal": "many"})
    async with serve(counter_app(kind=kind)) as client:
        with pytest.raises(ContractViolation, match="goal"):
            await client.deliver(invalid)
        assert (await client.deliver(counted(init.subject))).status == "early"


async def test_an_event_for_another_orchestration_is_refused(serve: Serve) -> None:
    init, other = start_count(goal=1), start_count(goal=1)
    async with serve(counter_app()) as client:
        await client.execute(init)
        handle = client.client.get_workflow_handle(workflow_id(init.subject))
        await handle.signal("deliver", counted(other.subject).to_json())
        (refused,) = await client.violations(init.subject)
        assert workflow_id(other.subject) in (refused.reason or "")
        await finishes(client, init)


async def history_length(client: ArvoClient, init: ArvoEvent) -> int:
    description = await client.client.get_workflow_handle(workflow_id(init.subject)).describe()
    return description.history_length


async def finishes(client: ArvoClient, init: ArvoEvent) -> None:
    """The orchestration still takes a good event and completes."""
    await client.deliver(counted(init.subject))
    record = await client.result(init.subject)
    assert output_of(record)["total"] == 1

"""What is larger than Temporal takes is refused with words that help, and no orchestration gets stuck on it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from arvo import ArvoEvent, ExecutionViolation, HandlerOutput, create_arvo_event_handler
from arvo_temporal import (
    ArvoClient,
    EventTooLargeViolation,
    Limits,
    OrchestrationFailedError,
    OrchestrationNotFoundError,
    workflow_id,
)
from arvo_temporal.replay.runs import runs_of
from tests.apps import ask, asker_app, counted, counter_app, oracle_contract, start_count
from tests.conftest import Serve
from tests.polling import eventually
from tests.signals import signal_alone

_ANSWERED = "evt.oracle.ask.success"


def padded(event: ArvoEvent, size: int) -> ArvoEvent:
    """Return an event with so much more in its data."""
    return replace(event, data={**event.data, "padding": "x" * size})


async def test_the_client_refuses_what_is_too_large_and_names_size_limit_and_cure(serve: Serve) -> None:
    init = ask("x" * 2_000_000)
    async with serve(asker_app()) as client:
        for send in (client.deliver, client.execute):
            with pytest.raises(EventTooLargeViolation, match=r"2,000,\d+ bytes; the limit is 1,048,576 .*claim check"):
                await send(init)
        with pytest.raises(OrchestrationNotFoundError):
            await client.record(init.subject)


async def test_an_init_event_whose_record_would_be_too_large_starts_nothing(serve: Serve) -> None:
    init = ask("x" * 700_000, domain="delphi")
    async with serve(asker_app()) as client:
        with pytest.raises(EventTooLargeViolation, match=r"record after this step .* claim check"):
            await client.deliver(init)
        with pytest.raises(OrchestrationNotFoundError):
            await client.record(init.subject)


async def test_a_signal_that_is_too_large_is_refused_and_the_orchestration_goes_on(serve: Serve) -> None:
    init = start_count(goal=1)
    async with serve(counter_app()) as client:
        await client.execute(init)
        await signal_alone(client, padded(counted(init.subject), 1_800_000))
        (violation,) = await eventually(lambda: client.violations(init.subject), bool)
        await client.deliver(counted(init.subject))
        record = await client.result(init.subject)
    assert "The record after this step would have 1,80" in (violation.reason or "")
    assert record["state"]["output"]["total"] == 1


async def test_a_step_that_produces_too_large_an_event_is_refused(serve: Serve) -> None:
    app = asker_app()
    app.limits = Limits(event_bytes=4_000, record_bytes=100_000)
    init = ask("x" * 4_000)
    async with serve(app) as client:
        await ArvoClient(client.client, task_queue=app.task_queue).deliver(init)
        with pytest.raises(OrchestrationFailedError, match=r"of type 'com.oracle.ask' has .* the limit is 4,000"):
            await client.result(init.subject)


async def test_an_answer_that_is_too_large_is_reported_to_the_machine(serve: Serve) -> None:
    calls = []

    def oracle(event: ArvoEvent) -> HandlerOutput:
        calls.append(event.id)
        return {"type": _ANSWERED, "data": {"text": "x" * 3_000_000}}

    handler = create_arvo_event_handler(contract=oracle_contract, executionunits=1, handler={"1.0.0": oracle})
    init = ask("Rain")
    async with serve(asker_app(handlers=[handler])) as client:
        await client.deliver(init)
        record = await client.result(init.subject)
    text = record["state"]["output"]["text"]
    assert text.startswith("ViolationError<Execution>: ViolationError<Execution> The event")
    assert "the limit is 1,048,576" in text
    assert len(calls) == 1


async def test_a_record_does_not_grow_past_its_limit(serve: Serve) -> None:
    init = start_count(goal=10**30)
    sent = 0

    async def grow() -> None:
        nonlocal sent
        for _ in range(500):
            await client.execute(counted(init.subject, 10**15))
            sent += 1

    async with serve(counter_app(Limits(record_bytes=3_500))) as client:
        await client.execute(init)
        with pytest.raises(ExecutionViolation, match=r"the limit is 3,500 .* the state has "):
            await grow()
        record = await client.record(init.subject)
    assert record is not None
    assert record["state"]["context"]["total"] == sent * 10**15


async def test_a_large_orchestration_continues_as_new(serve: Serve) -> None:
    init = padded(start_count(goal=9), 700_000)
    async with serve(counter_app(Limits(deliveries_per_run=3))) as client:
        await client.deliver(init)
        for _ in range(9):
            await client.execute(padded(counted(init.subject), 700_000))
        record = await client.result(init.subject)
        runs = await runs_of(client.client, workflow_id(init.subject))
    assert record["state"]["output"]["total"] == 9
    assert len(runs) > 2

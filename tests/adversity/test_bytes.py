"""Bytes are a budget like counts: no size and no number of events leads to the limits of the server.

The server here ends a run at a tenth of what others take, and senders wait at an eighth of where they do elsewhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

import pytest
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.worker import Worker

from adapter import signaller
from adapter.payload import to_raw
from arvo import ArvoEvent
from arvo_temporal import (
    ArvoClient,
    ArvoPlugin,
    EventTooLargeViolation,
    Limits,
    OrchestrationBusyError,
    OrchestrationFailedError,
    workflow_id,
)
from arvo_temporal.dev_server.server import DevServer
from tests.conftest import Serve
from tests.fan import fan_app, fan_out
from tests.histories import count_runs
from tests.nest import nest_app, start_nest
from tests.polling import PATIENCE, eventually
from tests.resumables import Kind, as_machine_and_function, output_of
from tests.signals import signal_alone
from tests.tape import reading, start_tape, symbol, tape_app

_MEGABYTE = 1024 * 1024
_LIMITS = Limits(history_bytes=2 * _MEGABYTE)


@pytest.fixture(scope="module")
async def small() -> AsyncIterator[Client]:
    """A server that ends a run at five megabytes of history."""
    config = {
        "limit.historySize.error": 5 * _MEGABYTE,
        "limit.historySize.suggestContinueAsNew": 5 * _MEGABYTE,
        "history.workflowIdReuseMinimalInterval": "0s",
    }
    async with DevServer(ui=False, dynamic_config=config) as server:
        yield await Client.connect(server.address)


@asynccontextmanager
async def serving(temporal: Client, kind: Kind) -> AsyncIterator[ArvoClient]:
    """Serve tapes."""
    app = tape_app(_LIMITS, kind=kind)
    async with Worker(temporal, task_queue=app.task_queue, plugins=[ArvoPlugin(app)]):
        yield ArvoClient(temporal, app)


def large(subject: str, value: int, size: int) -> ArvoEvent:
    """Return a symbol with so many bytes beside it."""
    event = symbol(subject, value)
    return replace(event, data={**event.data, "padding": "x" * size})


@pytest.mark.parametrize("size", [100_000, 900_000])
@as_machine_and_function
async def test_one_sender_of_large_events_is_slowed_and_each_is_consumed(small: Client, size: int, kind: Kind) -> None:
    symbols = range(7 * _MEGABYTE // size)
    init = start_tape(len(symbols))
    async with serving(small, kind) as client, asyncio.timeout(PATIENCE):
        await client.deliver(init)
        for value in symbols:
            assert (await client.deliver(large(init.subject, value, size))).accepted
        record = await client.result(init.subject)
    assert output_of(record) == reading(symbols)


@pytest.mark.parametrize("size", [10_000, 900_000])
@as_machine_and_function
async def test_without_a_worker_a_sender_is_told_and_what_was_taken_is_consumed_later(
    small: Client, size: int, monkeypatch: pytest.MonkeyPatch, kind: Kind
) -> None:
    monkeypatch.setattr(signaller, "WAITS", (0.01, 0.01))
    symbols = range(4 * _MEGABYTE // size)
    init, taken = start_tape(len(symbols)), 0
    client = ArvoClient(small, tape_app(_LIMITS, kind=kind))
    await client.deliver(init)
    while await is_taken(client, large(init.subject, taken, size)):
        taken += 1
    with pytest.raises(OrchestrationBusyError, match="takes no more for now"):
        await client.deliver(large(init.subject, taken, size))
    async with serving(small, kind) as client, asyncio.timeout(PATIENCE):
        for value in symbols[taken:]:
            await eventually(partial(is_taken, client, large(init.subject, value, size)), bool)
        record = await client.result(init.subject)
    assert taken > 0
    assert output_of(record) == reading(symbols)


async def is_taken(client: ArvoClient, event: ArvoEvent) -> bool:
    """Deliver an event, and tell whether there was room for it."""
    try:
        return (await client.deliver(event)).accepted
    except OrchestrationBusyError:
        return False


@as_machine_and_function
async def test_what_a_step_emits_beyond_a_bound_waits_its_turn_over_runs(kind: Kind) -> None:
    asked: list[int] = []
    app, init = fan_app(Limits(deliveries_per_run=20, emissions_at_once=8), asked, kind=kind), fan_out(50)
    async with DevServer(ui=False, dynamic_config={"limit.numPendingActivities.error": 10}) as server:
        temporal = await Client.connect(server.address)
        async with Worker(temporal, task_queue=app.task_queue, plugins=[ArvoPlugin(app)]), asyncio.timeout(PATIENCE):
            client = ArvoClient(temporal, app)
            await client.deliver(init)
            record = await client.result(init.subject)
            assert await count_runs(client, init) > 1
    assert output_of(record) == {"count": 50}
    assert max(asked[:10]) < 18
    assert set(asked) == set(range(50))


@pytest.mark.parametrize(("kind", "events"), [("machine", 5_000), ("step", 100)])
async def test_execute_on_a_pile_is_answered_when_its_turn_comes(serve: Serve, kind: Kind, events: int) -> None:
    symbols, app = range(events), tape_app(Limits(deliveries_per_run=9_000), kind=kind)
    init = start_tape(len(symbols) + 2)
    async with serve(app) as client:
        await client.execute(init)
    piled, new = symbol(init.subject, 7), symbol(init.subject, 8)
    await asyncio.gather(client.deliver(piled), *(client.deliver(symbol(init.subject, value)) for value in symbols))
    executing = asyncio.gather(client.execute(piled), client.execute(new))
    async with serve(app), asyncio.timeout(PATIENCE):
        answers = await executing
        record = await client.result(init.subject)
    assert [answer.fate for answer in answers] == ["applied", "applied"]
    assert output_of(record) == reading([7, *symbols, 8])


@as_machine_and_function
async def test_long_fields_are_refused_at_each_door(serve: Serve, kind: Kind) -> None:
    app = tape_app(kind=kind)
    init = start_tape(1)
    wrong = replace(symbol(init.subject, 1), id="x" * 2_001)
    async with serve(app) as client:
        await client.deliver(init)
        for send in (client.deliver, client.execute):
            with pytest.raises(EventTooLargeViolation, match=r"field 'id' .* 2,001 characters"):
                await send(wrong)
        await signal_alone(client, wrong)
        with pytest.raises(WorkflowUpdateFailedError):
            await client.client.get_workflow_handle(workflow_id(init.subject)).execute_update("execute", to_raw(wrong))
        await client.deliver(symbol(init.subject, 2))
        record = await client.result(init.subject)
        (violation,) = await client.violations(init.subject)
        another = replace(start_tape(1), id="x" * 2_001)
        await client.client.start_workflow(
            another.type, to_raw(another), id=workflow_id(another.subject), task_queue=app.task_queue
        )
        with pytest.raises(OrchestrationFailedError, match="field 'id'"):
            await client.result(another.subject)
    assert output_of(record) == reading([2])
    assert "field 'id'" in (violation.reason or "")


@pytest.mark.parametrize("runs", [2000, 1])
@as_machine_and_function
async def test_nesting_without_end_has_an_end(serve: Serve, runs: int, kind: Kind) -> None:
    init = start_nest()
    async with serve(nest_app(Limits(nesting=3, deliveries_per_run=runs), kind)) as client, asyncio.timeout(PATIENCE):
        await client.deliver(init)
        record = await client.result(init.subject)
    assert output_of(record) == {"depth": 3, "end": "NestingTooDeep"}

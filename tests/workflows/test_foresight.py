"""What a step comes to stands where the result of a local activity was recorded before the workflow had it."""

from __future__ import annotations

import asyncio
import time
from typing import Any, get_args

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client
from temporalio.common import RetryPolicy
from temporalio.worker import (
    HandleQueryInput,
    Interceptor,
    Worker,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from arvo import (
    ArvoEvent,
    ExecutionViolation,
    ResumableOutput,
    create_arvo_event_handler,
    create_arvo_orchestrator,
    patched,
)
from arvo_temporal import ArvoApp, ArvoClient, ArvoPlugin, EmissionPolicy, Fate, Limits, workflow_id
from arvo_temporal.dev_server.server import DevServer
from tests.adversity.in_process import InProcess, Results, event_payload, payload
from tests.adversity.shift import said as slot_said
from tests.adversity.shift import shifts, start_shift
from tests.apps import counted, start_count
from tests.conftest import Serve
from tests.polling import eventually
from tests.resumables import function_app, output_of
from tests.tape import reading, start_tape, symbol, tape_app
from tests.trips import HOTEL, said, start_trip, trip_machine
from workflows import pace

ARRIVALS = (EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED, EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED)
at_any_time = pytest.mark.parametrize("results", get_args(Results))
LOCAL = EmissionPolicy(mode="local", retry=RetryPolicy(maximum_attempts=1))


@at_any_time
def test_a_pile_is_worked_off_in_the_same_stretches(results: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "_STRETCH", 0.0)
    symbols = range(40)
    init = start_tape(len(symbols))
    run = InProcess(tape_app(Limits()), init)
    run.results = results
    run.signal(("deliver_all", [event_payload(symbol(init.subject, value)) for value in symbols[:30]]))
    run.restart()
    run.signal(("deliver_all", [event_payload(symbol(init.subject, value)) for value in symbols[30:]]))
    assert run.result["state"]["output"] == reading(symbols)
    assert run.pauses > 10, "each workflow task ends in time"


@at_any_time
def test_a_refusal_stands_and_what_follows_is_applied(results: Results) -> None:
    init = start_shift()
    app = ArvoApp(orchestrators=[shifts("local")], policies={"arvo.orc.shift": LOCAL})
    run = InProcess(app, init)
    run.results = results
    for what in ("coin", "unlucky coin", "coin"):
        run.signal(("deliver", [event_payload(slot_said(init.subject, what))]))
        run.restart()
    assert run.query("ledger")["counts"] == {"applied": 3, "refused": 1}
    run.signal(("deliver", [event_payload(slot_said(init.subject, "over"))]))
    assert run.result["state$$"]["coins"] == 10


@at_any_time
@pytest.mark.parametrize("history_bytes", range(8_000, 9_000, 200))
def test_a_run_that_becomes_too_long_ends_at_the_same_place(results: Results, history_bytes: int) -> None:
    init = start_shift()
    limits = Limits(history_bytes=history_bytes)
    run = InProcess(ArvoApp(orchestrators=[shifts("local")], policies={"arvo.orc.shift": LOCAL}, limits=limits), init)
    run.results = results
    for _ in range(6):
        run.signal(("deliver_all", [event_payload(slot_said(init.subject, "coin")) for _ in range(2)]))
    run.signal(("deliver", [event_payload(slot_said(init.subject, "over"))]))
    assert run.result["state$$"]["coins"] == 60
    assert run.runs > 1


@at_any_time
def test_what_is_on_its_way_at_the_end_leaves(results: Results) -> None:
    init = start_shift()
    app = ArvoApp(
        orchestrators=[shifts("local")],
        task_queues={"com.phone.call": "elsewhere"},
        policies={"arvo.orc.shift": LOCAL},
    )
    run = InProcess(app, init)
    run.results = results
    for what in ("call", "over"):
        run.signal(("deliver", [event_payload(slot_said(init.subject, what))]))
    run.restart()
    (request,) = run.waiting
    run.answer(request.id, payload(b"[]"))
    assert run.result["status"] == "done"


@at_any_time
def test_a_change_behind_a_patch_is_in_force_or_not_for_all_of_a_run(
    results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where its mark would not be found it is not in force; the worker pauses between any two events."""
    monkeypatch.setattr(pace, "_STRETCH", 0.0)

    def count(context: Any, input: ArvoEvent | None, service: ArvoEvent | None) -> ResumableOutput:
        if service is None:
            return {"context": {"seen": []}}
        seen = [*context["seen"], int(len(context["seen"]) > 2 and patched("change"))]
        return {"context": {"seen": seen}} if len(seen) < 9 else {"output": {"total": sum(seen), "seen": seen}}

    init = start_count(goal=9)
    run = InProcess(function_app(count, EmissionPolicy(mode="inline")), init)
    run.results = results
    run.signal(("deliver_all", [event_payload(counted(init.subject)) for _ in range(7)]))
    run.restart()
    run.signal(("deliver_all", [event_payload(counted(init.subject)) for _ in range(2)]))
    assert output_of(run.result)["total"] == (6 if results == "at once" else 0)


async def is_recorded_before(client: ArvoClient, init: ArvoEvent) -> bool:
    """Tell whether the result of a local activity was recorded with nothing that has come of it."""
    history = await client.client.get_workflow_handle(workflow_id(init.subject)).fetch_history()
    following = zip(history.events, history.events[1:], strict=False)
    return any(
        one.marker_recorded_event_attributes.marker_name == "core_local_activity" and next_one.event_type in ARRIVALS
        for one, next_one in following
    )


async def test_a_refusal_stands_where_somebody_asks_while_the_function_is_called(serve: Serve) -> None:
    def refuse(input: ArvoEvent | None) -> ResumableOutput:
        if input is None:
            raise ExecutionViolation("no such plan")
        return {"context": {}}

    app = function_app(refuse, LOCAL)

    async def refused() -> bool:
        init = start_count(goal=1)
        async with serve(app) as client:
            await client.execute(init)
        await client.deliver(counted(init.subject))
        asking = asyncio.create_task(client.record(init.subject))
        await asyncio.sleep(0.1)  # the question is to be there as the worker comes; if not, it is tried again
        async with serve(app) as client:
            await asking
            await eventually(lambda: client.violations(init.subject), bool)
        async with serve(app) as client:  # another worker, which replays it
            assert (await client.ledger(init.subject)).counts == {"applied": 1, "refused": 1}
            return await is_recorded_before(client, init)

    assert await eventually(refused, bool, within=100)


class SlowAnswers(Interceptor):
    """Lets the answers to queries take their time."""

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor] | None:
        """See the base class."""
        return _Slow


class _Slow(WorkflowInboundInterceptor):
    async def handle_query(self, input: HandleQueryInput) -> Any:
        _take_time()
        return await super().handle_query(input)


def _take_time() -> None:
    time.sleep(0.5)


async def test_what_arrives_with_an_answer_is_consumed_in_the_order_of_a_replay(
    server: DevServer, serve: Serve
) -> None:
    """The note comes while the hotel answers: it is consumed behind the answer, or unhandled before it."""
    called, free = asyncio.Event(), asyncio.Event()

    async def answer(event: ArvoEvent) -> Any:
        called.set()
        await free.wait()
        return {"type": "evt.hotel.book.success", "data": {"text": "a room"}}

    app = ArvoApp(
        orchestrators=[create_arvo_orchestrator(executionunits=1, machines=[trip_machine()])],
        handlers=[create_arvo_event_handler(contract=HOTEL, executionunits=0, handler={"1.0.0": answer})],
        policies={"com.hotel.book": LOCAL},
    )

    async def answered() -> bool:
        called.clear()
        free.clear()
        init = start_trip()
        async with serve(app) as client:
            await client.execute(init)
        await client.deliver(said(init.subject))
        asking = asyncio.create_task(client.record(init.subject))
        await asyncio.sleep(0.1)  # as above
        slow = await Client.connect(server.address, plugins=[ArvoPlugin(app)])
        async with Worker(slow, task_queue=app.task_queue, interceptors=[SlowAnswers()]):
            await called.wait()
            await client.deliver(said(init.subject, "noted"))
            free.set()
            await asking
        async with serve(app) as client:
            counts = await eventually(lambda: _counts(client, init), lambda seen: sum(seen.values()) == 4)
        async with serve(app) as client:  # another worker, which replays it
            assert (await client.ledger(init.subject)).counts == counts
            return await is_recorded_before(client, init)

    assert await eventually(answered, bool, within=100)


async def _counts(client: ArvoClient, init: ArvoEvent) -> dict[Fate, int]:
    return dict((await client.ledger(init.subject)).counts)

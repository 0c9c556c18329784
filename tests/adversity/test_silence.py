"""What fails leaves a trace where an operator looks, reaches whoever waits for it, and can be acted on."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from math import inf, nan
from typing import Any
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client, WorkflowHistory, WorkflowUpdateFailedError
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment
from temporalio.worker import Worker

from activities import emission_activities
from adapter.failures import is_lacking
from adapter.ledger import LedgerEntry
from adapter.payload import to_raw
from arvo import (
    ArvoEvent,
    ArvoEventHandler,
    ArvoResumable,
    ExecutionViolation,
    HandlerOutput,
    MachineMemoryRecord,
    SimpleEventBroker,
    create_arvo_event_factory,
    create_arvo_event_handler,
)
from arvo_temporal import (
    ArvoApp,
    ArvoClient,
    ArvoPlugin,
    EmissionPolicy,
    Fate,
    Limits,
    OrchestrationNotFoundError,
    workflow_id,
)
from arvo_temporal.dev_server.server import DevServer
from tests.apps import counted, start_count
from tests.arvo_temporal.cli.commands import ARVO_TEMPORAL, run
from tests.conftest import Serve
from tests.errands import COURIER, ERRAND, courier_contract, errand, errand_function, errands
from tests.polling import PATIENCE, eventually
from tests.resumables import Kind, as_machine_and_function, context_of, counter_app, output_of
from workflows.failed_requests import FailedRequests
from workflows.trouble import Troubles

NOBODY = "com.nobody.knows"
TOLD = {f"sys.{NOBODY}.error": {"target": "over", "actions": "note"}}
WAITING = pytest.mark.parametrize(
    "orchestrator", [errands(), errand_function(is_patient=True)], ids=["machine", "step"]
)
"""They wait for the courier, whatever else comes: the machine has no transition for it, the function does nothing."""


@pytest.mark.parametrize(
    "orchestrator", [errands(NOBODY, TOLD), errand_function({"type": NOBODY, "data": {}})], ids=["machine", "step"]
)
async def test_an_event_without_a_contract_that_nobody_takes_is_told_to_the_machine(
    serve: Serve, orchestrator: Any
) -> None:
    init = errand()
    async with serve(ArvoApp(orchestrators=[orchestrator])) as client:
        await client.deliver(init)
        record = await asyncio.wait_for(client.result(init.subject), PATIENCE)
    assert f"Nobody takes '{NOBODY}'" in output_of(record)["text"]
    final = await SimpleEventBroker([orchestrator]).resolve(init)
    assert final is not None
    assert f"Nobody takes '{NOBODY}'" in final.data["text"], "in one process too"


async def test_a_system_error_that_nobody_handles_is_logged_in_one_process(caplog: pytest.LogCaptureFixture) -> None:
    init = errand()
    await SimpleEventBroker([errands(NOBODY)]).publish(init)
    (record,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert all(text in record.getMessage() for text in (init.subject, f"sys.{NOBODY}.error", "Nobody takes"))


def courier(*outcomes: Exception | str) -> ArvoEventHandler:
    """Return a service that raises or answers what is given, one after the other, and the last one ever after."""
    left = list(outcomes)

    def carry(event: ArvoEvent) -> HandlerOutput:
        outcome = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(outcome, Exception):
            raise outcome
        return {"type": "evt.courier.ask.success", "data": {"text": outcome}}

    return create_arvo_event_handler(contract=courier_contract, executionunits=1, handler={"1.0.0": carry})


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]


async def unhandled(client: ArvoClient, subject: str, count: int = 1) -> list[LedgerEntry]:
    """Wait until so many events are unhandled, and return their entries."""

    async def entries() -> list[LedgerEntry]:
        ledger = await client.ledger(subject)
        return [entry for entry in ledger.entries if entry.fate is Fate.UNHANDLED]

    return await eventually(entries, lambda seen: len(seen) == count)


async def fates(client: ArvoClient, subject: str, count: int) -> list[LedgerEntry]:
    """Wait until so many events have their fates, and return their entries."""
    ledger = await eventually(lambda: client.ledger(subject), lambda seen: len(seen.entries) == count)
    return list(ledger.entries)


async def test_a_failure_that_nobody_handles_is_logged_and_shown(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    init = errand()
    async with serve(
        ArvoApp(orchestrators=[errands()], handlers=[courier(RuntimeError("boom `x`\n# no head"))])
    ) as client:
        await client.deliver(init)
        (entry,) = await unhandled(client, init.subject)
        handle = client.client.get_workflow_handle(workflow_id(init.subject))
        details = await handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    assert entry.code == "RuntimeError"
    assert "RuntimeError: boom" in (entry.reason or "")
    (logged,) = errors(caplog)
    assert all(text in logged for text in (init.subject, f"sys.{COURIER}.error", entry.id or "?", "RuntimeError: boom"))
    assert f"- **unhandled** `sys.{COURIER}.error`" in details.current_details
    assert ": RuntimeError. Cure: `arvo-temporal retry" in details.current_details
    assert "boom" not in details.current_details, "the message is the event's data"


@pytest.mark.parametrize(
    "orchestrator",
    [errands(NOBODY, {}, always="over"), errand_function({"type": NOBODY, "data": {}}, is_last=True)],
    ids=["machine", "step"],
)
async def test_a_failure_that_comes_after_the_end_is_logged(
    serve: Serve, caplog: pytest.LogCaptureFixture, orchestrator: Any
) -> None:
    init = errand()
    app = ArvoApp(orchestrators=[orchestrator])
    async with serve(app) as client:
        await client.deliver(init)
        await client.result(init.subject)
    assert [f"sys.{NOBODY}.error" in logged and "late" in logged for logged in errors(caplog)] == [True]


@WAITING
async def test_a_failed_request_is_sent_again_under_its_id_until_it_succeeds(
    serve: Serve, caplog: pytest.LogCaptureFixture, orchestrator: Any
) -> None:
    init = errand()
    boom = RuntimeError("boom")
    app = ArvoApp(orchestrators=[orchestrator], handlers=[courier(boom, boom, "carried")])
    async with serve(app) as client:
        await client.deliver(init)
        await fates(client, init.subject, 2)
        (sent,) = await client.retry(init.subject)
        seen = await fates(client, init.subject, 3)
        (again,) = await client.retry(init.subject, sent.id)
        record = await asyncio.wait_for(client.result(init.subject), PATIENCE)
    assert (sent.type, again.id) == (COURIER, sent.id)
    assert output_of(record) == {"text": "carried"}
    assert [entry.type for entry in seen[1:]] == [f"sys.{COURIER}.error"] * 2
    is_handled = isinstance(orchestrator, ArvoResumable)
    assert len(errors(caplog)) == (0 if is_handled else 2), "each is told, although it answers the same request"
    assert all(is_handled or f"in answer to '{sent.id}'" in (entry.reason or "") for entry in seen[1:])


async def test_what_has_not_failed_cannot_be_sent_again_and_leaves_no_trace(serve: Serve) -> None:
    init = errand()
    async with serve(ArvoApp(orchestrators=[errands()], handlers=[courier(RuntimeError("boom"), "carried")])) as client:
        await client.deliver(init)
        await unhandled(client, init.subject)
        handle = client.client.get_workflow_handle(workflow_id(init.subject))
        before = (await handle.describe()).history_length
        with pytest.raises(ExecutionViolation, match="no failed request of the id 'absent'"):
            await client.retry(init.subject, "absent")
        for poison in (7, {"id": "x"}, ["x"], b"bytes"):
            with pytest.raises(WorkflowUpdateFailedError):
                await handle.execute_update("retry", poison)
        assert (await handle.describe()).history_length == before
        await client.retry(init.subject)
        await asyncio.wait_for(client.result(init.subject), PATIENCE)
        with pytest.raises(OrchestrationNotFoundError):
            await client.retry(init.subject)


@WAITING
async def test_a_failed_request_is_kept_over_runs(serve: Serve, orchestrator: Any) -> None:
    init = errand()
    limits = Limits(deliveries_per_run=3)
    app = ArvoApp(orchestrators=[orchestrator], handlers=[courier(RuntimeError("boom"), "carried")], limits=limits)
    async with serve(app) as client:
        await client.deliver(init)
        await fates(client, init.subject, 2)
        for _ in range(4):
            await client.deliver(replace(errand(), subject=init.subject))
        await fates(client, init.subject, 6)
        described = await client.client.get_workflow_handle(workflow_id(init.subject)).describe()
        assert described.run_id != described.raw_description.workflow_execution_info.first_run_id, "a later run"
        await client.retry(init.subject)
        record = await asyncio.wait_for(client.result(init.subject), PATIENCE)
    assert output_of(record) == {"text": "carried"}


def test_failed_requests_are_bounded_in_number_and_in_bytes() -> None:
    kept = FailedRequests(Troubles())
    for number in range(70):
        kept.fail(replace(errand(), id=str(number)), "TimeoutError", "2026-01-01T00:00:00")
    assert [request.id for request in kept.named(None)] == [str(number) for number in range(6, 70)]
    large = [replace(errand("x" * 100_000), id=f"large {number}") for number in range(3)]
    for request in (*large, replace(errand("x" * 300_000), id="too large")):
        kept.fail(request, "TimeoutError", "2026-01-01T00:00:00")
    assert kept.named("too large") == []
    assert sum(len(request.to_json_bytes()) for request in kept.named(None)) <= 256 * 1024


async def nowhere(event: ArvoEvent) -> None:
    """Publish an event to nobody."""


def carried(subject: str) -> ArvoEvent:
    return create_arvo_event_factory(courier_contract.version("1.0.0")).emits(
        type="evt.courier.ask.success", source=COURIER, subject=subject, to=ERRAND, data={"text": "carried"}
    )


@pytest.mark.parametrize("delay", [nan, inf, -inf, 1e22, 10**400], ids=["nan", "inf", "-inf", "1e22", "huge"])
async def test_a_delay_that_never_ends_is_refused_in_the_step(serve: Serve, delay: float) -> None:
    states = {"asleep": {"after": {"computed": "over"}}}
    later = {"evt.courier.ask.success": {"target": "asleep"}}
    orchestrator = errands(on=later, states=states, delays={"computed": lambda: delay})
    init = errand()
    broker = SimpleEventBroker([orchestrator])
    await broker.publish(init)
    with pytest.raises(ExecutionViolation, match="100 years"):
        await broker.publish(carried(init.subject))
    async with serve(ArvoApp(orchestrators=[orchestrator], publishers={None: nowhere})) as client:
        await client.execute(init)
        with pytest.raises(ExecutionViolation, match="100 years"):
            await client.execute(carried(init.subject))
        await client.deliver(carried(init.subject))
        (refused,) = await eventually(lambda: client.violations(init.subject), bool)
        record = await client.record(init.subject)
    assert "100 years" in (refused.reason or "")
    assert record is not None
    assert record["value"] == "waiting"


@as_machine_and_function
async def test_many_that_execute_while_runs_follow_each_other_are_all_answered(serve: Serve, kind: Kind) -> None:
    init = start_count(goal=10_000)
    async with serve(counter_app(Limits(deliveries_per_run=5), kind=kind)) as client:
        await client.execute(init)
        events = [counted(init.subject) for _ in range(60)]
        answers = await asyncio.gather(
            *(client.execute(event) for event in events[:40]), *(client.deliver(event) for event in events[40:])
        )
        record = await eventually(lambda: client.record(init.subject), lambda seen: total(seen) == len(events))
    assert len(answers) == len(events)
    assert total(record) == len(events)


def total(record: MachineMemoryRecord | None) -> int:
    return int(context_of(record)["total"]) if record else 0


EVIL = ["[/red]", "[link=https://example.org]ok[/link]", ":smile:", "a\u202eb", "c\x1b[31md", "e\x9bf"]
SHOWN = ["[/red]", "[link=https://example.org]ok[/link]", ":smile:", "a\\u202eb", "c\\u001b[31md", "e\\u009bf"]


async def test_commands_print_what_others_have_written_as_text(server: DevServer, serve: Serve) -> None:
    init = start_count(goal=1)
    async with serve(counter_app()) as client:
        await client.execute(init)
        for evil in EVIL:
            await client.deliver(replace(counted(init.subject), id=evil, data={"by": "wrong"}))
        await eventually(lambda: client.violations(init.subject), lambda seen: len(seen) == len(EVIL))
        environment = {"TEMPORAL_ADDRESS": server.address, "COLUMNS": "400"}
        said = [
            await run(*ARVO_TEMPORAL, name, init.subject, environment=environment) for name in ("redrive", "ledger")
        ]
    (_, redriven), (_, ledger) = said
    assert [line.split()[0] for line in redriven.splitlines()[1:]] == SHOWN
    assert [entry["id"] for entry in json.loads(ledger)["entries"][1:]] == EVIL
    assert not any(char in text for text in (redriven, ledger) for char in "\u202e\x1b\x9b")


def failed_activities(history: WorkflowHistory) -> int:
    return [event.event_type for event in history.events].count(EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED)


@WAITING
async def test_workers_that_lack_a_new_handler_use_up_no_try(
    server: DevServer, serve: Serve, orchestrator: Any
) -> None:
    queue, init = f"arvo-{uuid4()}", errand()
    policy = EmissionPolicy(retry=RetryPolicy(maximum_attempts=1))

    async def release(app: ArvoApp) -> Worker:
        return Worker(await Client.connect(server.address, plugins=[ArvoPlugin(app)]), task_queue=queue)

    app = ArvoApp(orchestrators=[orchestrator], task_queues={COURIER: queue}, policies={COURIER: policy})
    async with serve(app) as client:
        async with await release(counter_app()):
            await client.deliver(init)
            handle = client.client.get_workflow_handle(workflow_id(init.subject))
            await eventually(handle.fetch_history, lambda seen: failed_activities(seen) == 2)
        async with await release(ArvoApp(handlers=[courier("carried")])):
            record = await asyncio.wait_for(client.result(init.subject), PATIENCE)
    assert output_of(record) == {"text": "carried"}


async def test_a_worker_that_lacks_a_new_publisher_says_so() -> None:
    publish = next(one for one in emission_activities(counter_app()) if one.__name__ == "publish")
    with pytest.raises(ApplicationError) as raised:
        await ActivityEnvironment().run(publish, to_raw(replace(errand(), domain="out")))
    assert is_lacking(raised.value)
    assert not is_lacking(ApplicationError("no such order", type="NotFoundError"))

"""An operator answers in the place of a service: once, marked, and whatever the service says later counts no more."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import Client, WorkflowUpdateFailedError

from adapter.resolution import RESOLVED_BY
from arvo import (
    ArvoEvent,
    ContractViolation,
    ExecutionViolation,
    HandlerOutput,
    create_arvo_event_factory,
    emit,
)
from arvo_temporal import (
    ArvoApp,
    ArvoClient,
    EmissionPolicy,
    Fate,
    Limits,
    OrchestrationNotFoundError,
    OrchestrationSilentError,
    workflow_id,
)
from arvo_temporal.dev_server.server import DevServer
from tests.apps import supervise
from tests.conftest import Serve
from tests.downtime import ERROR, HOURS, SUCCESS, TWO_REQUESTS, courier, down
from tests.errands import COURIER, DELIVERED, ERRAND, courier_contract, errand, errand_function, errands
from tests.polling import PATIENCE, eventually
from tests.resumables import supervisor_app
from tests.workflows.test_worker_restart import worker_process
from workflows import resolving
from workflows.resolved_requests import ResolvedRequests


async def pending(client: ArvoClient, subject: str, standing: str = "failed", count: int = 1) -> list[str]:
    """Wait until so many requests have come to stand so, and return their ids."""

    async def ids() -> list[str]:
        try:
            return [one.id for one in await client.requests(subject) if one.standing == standing]
        except OrchestrationSilentError:  # a worker process takes its time to start on a busy machine
            return []

    return await eventually(ids, lambda seen: len(seen) == count, within=60)


def late(subject: str, request: str) -> ArvoEvent:
    """Return what the service itself answers."""
    return create_arvo_event_factory(courier_contract.version("1.0.0")).emits(
        type=SUCCESS, source=COURIER, subject=subject, to=ERRAND, data={"text": "late"}, parentid=request
    )


async def test_a_failed_request_is_answered_and_the_answer_is_marked(serve: Serve) -> None:
    init = errand()
    async with serve(down()) as client:
        await client.deliver(init)
        (request,) = await pending(client, init.subject)
        result = await client.resolve(init.subject, SUCCESS, {"text": "by hand"}, by="mia")
        record = await asyncio.wait_for(client.result(init.subject), PATIENCE)
        applied = (await client.ledger(init.subject)).entries[-1]
        with pytest.raises(OrchestrationNotFoundError):
            await client.resolve(init.subject, SUCCESS, {"text": "again"}, request=request)
    assert (result.fate, [event.type for event in result.events]) == (Fate.APPLIED, [f"{ERRAND}.done"])
    assert record["state"]["output"] == {"text": "by hand"}
    consumed = record["events"]["consumed"]
    assert consumed is not None
    assert (consumed[RESOLVED_BY], consumed["parentid"], consumed["source"]) == ("mia", request, COURIER)
    assert (consumed["to"], consumed["subject"]) == (ERRAND, init.subject)
    assert consumed["dataschema"] == courier_contract.version("1.0.0").dataschema
    assert (applied.fate, applied.reason) == (Fate.APPLIED, "It was given by 'mia' in its service's place.")


async def test_a_function_is_answered_likewise(serve: Serve) -> None:
    init = errand()
    policy = EmissionPolicy(retry_on=OSError, retry=HOURS.retry)
    app = ArvoApp(orchestrators=[errand_function()], handlers=[courier()], policies={COURIER: policy})
    async with serve(app) as client:
        await client.deliver(init)
        await pending(client, init.subject, "open")
        with pytest.raises(ContractViolation):
            await client.resolve(init.subject, SUCCESS, {"text": 7})
        await client.resolve(init.subject, SUCCESS, {"text": "by hand"})
        record = await asyncio.wait_for(client.result(init.subject), PATIENCE)
    assert record["events"]["produced"][0]["data"] == {"text": "by hand"}


async def test_a_request_between_two_tries_is_answered_and_tried_no_more(serve: Serve) -> None:
    init = errand()
    async with serve(down(policy=HOURS)) as client:
        await client.deliver(init)
        await pending(client, init.subject, "open")
        await client.resolve(init.subject, SUCCESS, {"text": "by hand"})
        record = await asyncio.wait_for(client.result(init.subject), PATIENCE)
        ledger = await client.ledger(init.subject)
    assert record["state"]["output"] == {"text": "by hand"}
    assert ledger.counts == {Fate.APPLIED: 2}


async def test_what_a_service_answers_meanwhile_comes_to_nothing(serve: Serve) -> None:
    """The handler is at work while somebody answers for it, and its answer would end the second request too."""
    init, go_on, done = errand("x"), asyncio.Event(), asyncio.Event()

    async def slow(event: ArvoEvent) -> HandlerOutput:
        if event.data["text"] != "x":
            await done.wait()
            return {"type": SUCCESS, "data": {"text": "second"}}
        try:
            await go_on.wait()
            return {"type": SUCCESS, "data": {"text": "too late"}}
        finally:
            done.set()

    app = ArvoApp(orchestrators=[errands(**TWO_REQUESTS)], handlers=[courier(slow)])
    async with serve(app) as client:
        await client.deliver(init)
        (request,) = await pending(client, init.subject, "open")
        result = await client.resolve(init.subject, SUCCESS, {"text": "by hand"}, request=request)
        assert [event.type for event in result.events] == [COURIER]
        go_on.set()
        record = await asyncio.wait_for(client.result(init.subject), PATIENCE)
        ledger = await client.ledger(init.subject)
    assert record["state"]["output"] == {"text": "second"}
    assert ledger.counts == {Fate.APPLIED: 3}


@pytest.mark.parametrize("limits", [None, Limits(deliveries_per_run=3)], ids=["in one run", "over runs"])
async def test_a_late_answer_of_the_service_is_a_repetition(serve: Serve, limits: Limits | None) -> None:
    init = errand()
    async with serve(down(limits=limits, **TWO_REQUESTS)) as client:
        await client.deliver(init)
        (request,) = await pending(client, init.subject)
        await client.resolve(init.subject, SUCCESS, {"text": "by hand"}, request=request)
        for _ in range(4):  # the run continues as new
            await client.deliver(replace(errand(), subject=init.subject))
        (second,) = await pending(client, init.subject)
        executed = await client.execute(late(init.subject, request))
        await client.deliver(late(init.subject, request))
        repeated = await client.resolve(init.subject, SUCCESS, {"text": "by hand"}, request=request)
        ledger = await eventually(
            lambda: client.ledger(init.subject), lambda seen: seen.counts.get(Fate.DUPLICATE) == 2
        )
        record = await client.record(init.subject)
        answered = await client.execute(late(init.subject, second))
        described = await client.client.get_workflow_handle(workflow_id(init.subject)).describe()
    first_run = described.raw_description.workflow_execution_info.first_run_id
    assert (described.run_id != first_run) == (limits is not None)
    assert second != request
    assert record is not None
    assert record["value"] == "second"
    assert (executed.fate, repeated.fate) == (Fate.DUPLICATE, Fate.DUPLICATE)
    reasons = [entry.reason or "" for entry in ledger.entries if entry.fate is Fate.DUPLICATE]
    assert all("in the place of its service before" in reason for reason in reasons)
    assert "in the place of its service before" in (repeated.reason or "")
    assert answered.fate is Fate.APPLIED, "the answer to another request counts"


async def test_what_does_not_fit_is_refused_and_leaves_no_trace(serve: Serve) -> None:
    init = errand()
    async with serve(down(on={**DELIVERED, ERROR: {"target": "asleep"}}, states={"asleep": {}})) as client:
        await client.deliver(init)
        (request,) = await pending(client, init.subject)
        handle = client.client.get_workflow_handle(workflow_id(init.subject))
        before = (await handle.describe()).history_length
        for type_, data, wanted, words in (
            (SUCCESS, {"text": "x"}, request, "does not take 'evt.courier.ask.success' in its present state"),
            (SUCCESS, {"text": 7}, request, "text"),
            ("evt.other.thing", {}, request, f"but by '{SUCCESS}', '{ERROR}'"),
            (SUCCESS, {"text": "x"}, "absent", f"no open or failed request 'absent'.*{COURIER}' .{request}"),
            ("evt.other.thing", {}, None, "no open or failed request that"),
        ):
            with pytest.raises((ExecutionViolation, ContractViolation), match=words):
                await client.resolve(init.subject, type_, data, request=wanted)
        for poison in (7, None, ["x"], {"type": 1}, {"type": SUCCESS, "data": {}, "more": 1}, b"bytes"):
            with pytest.raises(WorkflowUpdateFailedError):
                await handle.execute_update("resolve", poison)
        assert (await handle.describe()).history_length == before
        assert await pending(client, init.subject) == [request]


async def test_of_several_requests_one_has_to_be_named(serve: Serve) -> None:
    init = errand()
    both: dict[str, Any] = {"entry": [emit({"type": COURIER, "data": {"text": text}}) for text in ("a", "b")]}
    async with serve(down(**both)) as client:
        await client.deliver(init)
        ids = await pending(client, init.subject, count=2)
        with pytest.raises(ExecutionViolation, match=f"Several requests.*{ids[0]}.*{ids[1]}"):
            await client.resolve(init.subject, SUCCESS, {"text": "by hand"})
        await client.resolve(init.subject, SUCCESS, {"text": "by hand"}, request=ids[1])
        record = await asyncio.wait_for(client.result(init.subject), PATIENCE)
    assert record["events"]["consumed"] is not None
    assert record["events"]["consumed"]["parentid"] == ids[1]


async def test_a_request_is_let_fail_by_its_system_error(serve: Serve) -> None:
    init = errand()
    async with serve(down(policy=HOURS, on={ERROR: {"target": "over", "actions": "note"}})) as client:
        await client.deliver(init)
        await pending(client, init.subject, "open")
        failure = {"errorName": "GaveUp", "errorMessage": "we gave up", "errorStack": None}
        await client.resolve(init.subject, ERROR, failure)
        record = await asyncio.wait_for(client.result(init.subject), PATIENCE)
    assert record["state"]["output"] == {"text": "we gave up"}


async def test_a_nested_orchestration_answers_for_itself(serve: Serve) -> None:
    init = supervise(goal=1)
    async with serve(supervisor_app()) as client:
        await client.execute(init)
        assert await client.requests(init.subject) == []
        with pytest.raises(ExecutionViolation, match="A nested orchestration answers for itself"):
            await client.resolve(init.subject, "arvo.orc.counter.done", {"total": 1, "seen": [1]})


async def test_a_resolved_request_is_kept_as_failed_no_more(serve: Serve) -> None:
    init = errand()
    async with serve(down(**TWO_REQUESTS)) as client:
        await client.deliver(init)
        (request,) = await pending(client, init.subject)
        await client.resolve(init.subject, SUCCESS, {"text": "by hand"})
        (second,) = await pending(client, init.subject)
        with pytest.raises(ExecutionViolation, match=f"no failed request of the id '{request}'"):
            await client.retry(init.subject, request)
        troubles = await client.troubles(init.subject)
    assert [trouble.id for trouble in troubles if trouble.kind == "failed"] == [second], "that trouble is over"


async def test_a_request_that_goes_out_anew_under_its_id_is_answered_by_its_service(serve: Serve) -> None:
    init = errand()
    same = {"type": COURIER, "id": "same", "data": {"text": "x"}}
    twice: dict[str, Any] = {
        "entry": emit(same),
        "on": {SUCCESS: {"target": "second", "actions": "note"}},
        "states": {"second": {"entry": emit(same), "on": DELIVERED}},
    }
    async with serve(down(**twice)) as client:
        await client.deliver(init)
        await pending(client, init.subject)
        await client.resolve(init.subject, SUCCESS, {"text": "by hand"})
        (request,) = await pending(client, init.subject)
        answered = await client.execute(late(init.subject, request))
    assert answered.fate is Fate.APPLIED


async def test_an_answer_that_goes_elsewhere_is_not_given_here(serve: Serve) -> None:
    init = errand()
    request: dict[str, Any] = {"type": COURIER, "data": {"text": "x"}, "redirectto": "com.elsewhere"}
    async with serve(down(policy=HOURS, entry=emit(request))) as client:
        await client.deliver(init)
        (id,) = await pending(client, init.subject, "open")
        with pytest.raises(ExecutionViolation, match=f"answer to '{id}' goes to 'com.elsewhere', not to this"):
            await client.resolve(init.subject, SUCCESS, {"text": "by hand"})
        assert await pending(client, init.subject, "open") == [id]


async def test_of_two_requests_of_one_id_the_other_one_is_answered_by_its_service(serve: Serve) -> None:
    init = errand()
    same = {"type": COURIER, "id": "same", "data": {"text": "x"}}
    both: dict[str, Any] = {
        "entry": [emit(same), emit(same)],
        "on": {SUCCESS: {"target": "second", "actions": "note"}},
        "states": {"second": {"on": DELIVERED}},
    }
    async with serve(down(policy=HOURS, **both)) as client:
        await client.deliver(init)
        (request, _) = await pending(client, init.subject, "open", count=2)
        await client.resolve(init.subject, SUCCESS, {"text": "by hand"}, request=request)
        assert await pending(client, init.subject, "open") == [request]
        answered = await client.execute(late(init.subject, request))
        record = await asyncio.wait_for(client.result(init.subject), PATIENCE)
    assert answered.fate is Fate.APPLIED
    assert record["state"]["output"] == {"text": "late"}


def test_of_many_requests_so_many_are_named() -> None:
    requests = [replace(errand(), id=f"request {number}", type=COURIER) for number in range(12)]
    assert resolving._named(requests[:10]).endswith(f"'{COURIER}' (request 9)")
    assert resolving._named(requests).endswith(f"'{COURIER}' (request 9) and 2 more")


def test_resolved_requests_are_bounded() -> None:
    resolved = ResolvedRequests({})
    for number in range(300):
        resolved.add(replace(errand(), parentid=f"{number}{'x' * 2000}"))
    assert [resolved.has(f"{number}{'x' * 2000}") for number in (0, 43, 44, 299)] == [False, False, True, True]
    assert len(str(resolved.carry())) < 20_000, "it goes from run to run, however long the ids are"


async def test_an_answer_outlives_the_worker_that_was_killed_with_it(server: DevServer) -> None:
    queue, init = f"arvo-{uuid4()}", errand()
    client = ArvoClient(await Client.connect(server.address), task_queue=queue)
    async with worker_process(server, queue, "tests.downtime:app") as worker:
        await client.deliver(init)
        (request,) = await pending(client, init.subject)
        os.kill(worker.pid, signal.SIGSTOP)
        answering = asyncio.create_task(client.resolve(init.subject, SUCCESS, {"text": "by hand"}, request=request))
        handle = client.client.get_workflow_handle(workflow_id(init.subject))
        await eventually(handle.describe, lambda seen: seen.raw_description.HasField("pending_workflow_task"))
        os.kill(worker.pid, signal.SIGKILL)
        await worker.wait()
    async with worker_process(server, queue, "tests.downtime:app"):
        answered = await asyncio.wait_for(answering, PATIENCE)
        (second,) = await pending(client, init.subject)
        repeated = await client.resolve(init.subject, SUCCESS, {"text": "by hand"}, request=request)
        await client.resolve(init.subject, SUCCESS, {"text": "the end"}, request=second)
        record = await asyncio.wait_for(client.result(init.subject), PATIENCE)
    assert answered.fate in (Fate.APPLIED, Fate.DUPLICATE), "what was lost is sent again, and counts once"
    assert repeated.fate is Fate.DUPLICATE
    assert record["state"]["output"] == {"text": "the end"}

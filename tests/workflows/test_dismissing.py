"""Trouble that needs no cure is dismissed: it is over, and what it was about is not sent again by accident."""

from __future__ import annotations

from dataclasses import replace

import pytest
from temporalio.client import WorkflowUpdateFailedError

from adapter.ledger import Ledger
from adapter.payload import json_to_raw
from adapter.troubles import TroubleKind
from arvo import ArvoEvent, ExecutionViolation
from arvo_temporal import AppError, ArvoClient, Limits, workflow_id
from tests.apps import counted, counter_app, start_count
from tests.conftest import Serve
from tests.downtime import down
from tests.errands import COURIER, errand
from tests.polling import eventually
from workflows.dismissing import Dismissing
from workflows.failed_requests import FailedRequests
from workflows.trouble import Troubles


def wrong(subject: str) -> ArvoEvent:
    return replace(counted(subject), data={"by": "one"})


async def kinds(client: ArvoClient, subject: str) -> list[str]:
    return [trouble.kind.value for trouble in await client.troubles(subject)]


async def test_a_refused_event_that_nobody_wants_is_dismissed(serve: Serve) -> None:
    init = start_count(goal=9)
    async with serve(counter_app()) as client:
        await client.execute(init)
        unwanted, other = wrong(init.subject), wrong(init.subject)
        await client.deliver(unwanted)
        await client.deliver(other)
        await eventually(lambda: kinds(client, init.subject), lambda seen: seen == ["refused", "refused"])
        (over,) = await client.dismiss(init.subject, unwanted.id)
        assert (over.id, over.kind, over.type) == (unwanted.id, "refused", "evt.tally.counted")
        assert [one.id for one in await client.redrive(init.subject)] == [other.id]
        dismissed = {entry.id for entry in (await client.ledger(init.subject)).entries if entry.dismissed}
        assert dismissed == {unwanted.id}, "the ledger keeps it, and says so"
        (named,) = await client.redrive(init.subject, [unwanted.id])
        assert named.fate == "refused", "who names it can send it again"
        (rest,) = await client.dismiss(init.subject, kind="refused")
        assert rest.id == other.id
        assert await client.troubles(init.subject) == []
        await client.deliver(unwanted)
        await eventually(lambda: kinds(client, init.subject), lambda seen: seen == ["refused"])


async def test_a_failed_request_that_is_dismissed_is_not_sent_again(serve: Serve) -> None:
    init = errand()
    async with serve(down()) as client:
        await client.deliver(init)
        await eventually(lambda: kinds(client, init.subject), lambda seen: sorted(seen) == ["failed", "unhandled"])
        with pytest.raises(ExecutionViolation, match="no trouble 'refused'"):
            await client.dismiss(init.subject, kind="refused")
        (failed,) = await client.dismiss(init.subject, kind="failed")
        assert failed.type == COURIER
        with pytest.raises(ExecutionViolation, match="no failed request"):
            await client.retry(init.subject)
        assert await kinds(client, init.subject) == ["unhandled"]
        assert [trouble.kind.value for trouble in await client.dismiss(init.subject)] == ["unhandled"]
        assert await client.redrive(init.subject) == []


async def test_a_dismissal_goes_from_run_to_run(serve: Serve) -> None:
    init = start_count(goal=9)
    async with serve(counter_app(Limits(deliveries_per_run=3))) as client:
        await client.execute(init)
        await client.deliver(wrong(init.subject))
        await eventually(lambda: kinds(client, init.subject), lambda seen: seen == ["refused"])
        await client.dismiss(init.subject)
        for _ in range(4):
            await client.execute(counted(init.subject))
        described = await client.client.get_workflow_handle(workflow_id(init.subject)).describe()
        assert described.run_id != described.raw_description.workflow_execution_info.first_run_id
        assert await client.troubles(init.subject) == []
        assert await client.redrive(init.subject) == []


async def test_what_is_no_trouble_is_refused_and_leaves_no_trace(serve: Serve) -> None:
    init = start_count(goal=9)
    async with serve(counter_app()) as client:
        await client.execute(init)
        handle = client.client.get_workflow_handle(workflow_id(init.subject))
        before = (await handle.describe()).history_length
        with pytest.raises(ExecutionViolation, match="has no trouble about the event 'absent'"):
            await client.dismiss(init.subject, "absent")
        with pytest.raises(ExecutionViolation, match="has no trouble: it was cured, or dismissed already"):
            await client.dismiss(init.subject)
        with pytest.raises(AppError, match="refused, unhandled, failed"):
            await client.dismiss(init.subject, kind="nonsense")
        for poison in (7, None, ["x"], {"id": 1}, {"kind": "nonsense"}, {"more": 1}, b"bytes"):
            with pytest.raises(WorkflowUpdateFailedError):
                await handle.execute_update("dismiss", poison)
        assert (await handle.describe()).history_length == before


def test_what_is_not_there_is_refused_whatever_else_is() -> None:
    troubles = Troubles()
    unwanted = replace(counted(start_count(goal=1).subject), id="there")
    troubles.begin(TroubleKind.REFUSED, unwanted, since="2026-01-01T00:00:00+00:00", code="Code")
    dismissing = Dismissing(Ledger(10), troubles, FailedRequests(troubles))
    for id, kind in (("absent", None), ("absent", "refused"), ("there", "failed"), (None, "failed")):
        with pytest.raises(ExecutionViolation, match=r"has no trouble.*it was cured, or dismissed already"):
            dismissing.check(json_to_raw({"id": id, "kind": kind}))
    for id, kind in (("there", None), ("there", "refused"), (None, None), (None, "refused")):
        dismissing.check(json_to_raw({"id": id, "kind": kind}))
    assert [one.id for one in dismissing.dismiss(json_to_raw({"id": "there", "kind": None}))] == ["there"]
    with pytest.raises(ExecutionViolation):
        dismissing.check(json_to_raw({"id": None, "kind": None}))


def test_an_id_of_any_length_is_dismissed() -> None:
    troubles, ledger = Troubles(), Ledger(10)
    failed = FailedRequests(troubles)
    request = replace(counted(start_count(goal=1).subject), id="x" * 1500)
    failed.fail(request, "OSError", "2026-01-01T00:00:00+00:00")
    dismissing = Dismissing(ledger, troubles, failed)
    wanted = json_to_raw({"id": request.id, "kind": None})
    dismissing.check(wanted)
    assert [one.kind for one in dismissing.dismiss(wanted)] == [TroubleKind.FAILED]
    assert (troubles.kept(), failed.named(None)) == ([], [])

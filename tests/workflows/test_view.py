"""What an orchestration tells of itself: by its query, and to the Temporal UI."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.sdk.v1 import WorkflowMetadata

from adapter.queries import query_view
from adapter.view import OrchestrationView, StateView
from arvo import ArvoEvent
from arvo_temporal import ArvoApp, ArvoClient, Limits, workflow_id
from tests.apps import counted, start_count
from tests.conftest import Serve
from tests.errands import COURIER, errand, errand_function
from tests.histories import count_events, count_runs
from tests.parcels import DAYS, SECRET, TITLE, approved, at_once, broken, never, parcel, parcel_app
from tests.polling import eventually
from tests.resumables import counter_app

CHILD_STARTED = EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED


def fresh(make: Callable[[str], ArvoEvent] = parcel) -> ArvoEvent:
    return make(str(uuid4()))


async def view(client: ArvoClient, init: ArvoEvent) -> OrchestrationView:
    return await query_view(client.client, workflow_id(init.subject))


async def seen(client: ArvoClient, init: ArvoEvent, wanted: Callable[[OrchestrationView], object]) -> OrchestrationView:
    return await eventually(lambda: view(client, init), lambda told: bool(wanted(told)))


def paths(states: Sequence[StateView]) -> list[str]:
    return [path for state in states for path in (state.path, *paths(state.states))]


def find(states: Sequence[StateView], path: str) -> StateView:
    (found,) = [state for state in _all(states) if state.path == path]
    return found


def _all(states: Sequence[StateView]) -> list[StateView]:
    return [one for state in states for one in (state, *_all(state.states))]


async def metadata_of(client: ArvoClient, init: ArvoEvent) -> WorkflowMetadata:
    handle = client.client.get_workflow_handle(workflow_id(init.subject))
    answer: WorkflowMetadata = await handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    return answer


async def test_a_machine_tells_where_it_stands_and_what_it_waits_for(serve: Serve) -> None:
    init, before = fresh(), datetime.now(UTC) - timedelta(seconds=5)
    async with serve(parcel_app(never)) as client:
        await client.execute(init)
        told = await seen(client, init, lambda told: len(told.emissions) == 2)
    assert (told.orchestrator, told.version, told.parent, told.status) == ("arvo.orc.parcel", "1.0.0", None, "active")
    assert told.title == TITLE
    assert paths(told.states) == [
        "checking",
        *("checking.payment", "checking.payment.charging"),
        *("checking.approval", "checking.approval.approving"),
        *("checking.count", "checking.count.counting"),
    ]
    assert find(told.states, "checking").parallel
    approving = find(told.states, "checking.approval.approving")
    assert approving.description == "Somebody has to | agree `now`"
    assert approving.tags == ("waits for a person",)
    since = datetime.fromisoformat(approving.since or "")
    assert before < since < datetime.now(UTC) + timedelta(seconds=5)
    assert set(told.accepts) == {"evt.pay.charge.success", "evt.approve.ask.success", "arvo.orc.counter.done"}
    assert [(timer.state, timer.delay_ms) for timer in told.timers] == [
        ("parcel", 5 * 3_600_000),
        ("checking.approval.approving", DAYS * 86_400_000),
    ]
    assert datetime.fromisoformat(told.timers[1].due) - since == timedelta(days=DAYS)
    ways = {one.type: (one.way, one.to, one.child is not None) for one in told.emissions}
    assert ways == {
        "com.pay.charge": ("handler", "com.pay.charge", False),
        "arvo.orc.counter": ("child", "arvo.orc.counter", True),
    }
    (step,) = told.steps
    assert (step.number, step.event, step.before, step.fate) == (1, "arvo.orc.parcel", None, "applied")
    assert step.after == "checking.approval.approving, checking.count.counting, checking.payment.charging"
    assert set(step.produced) == {"com.pay.charge", "com.approve.ask", "arvo.orc.counter"}
    assert (told.waiting, told.fates) == (0, {"applied": 1})
    assert str(SECRET) not in told.model_dump_json()


async def test_a_child_tells_whose_it_is(serve: Serve) -> None:
    init = fresh()
    async with serve(parcel_app(never)) as client:
        await client.execute(init)
        told = await seen(client, init, lambda told: any(one.child for one in told.emissions))
        (child,) = [one.child for one in told.emissions if one.child]
        await eventually(lambda: count_events(client, init, CHILD_STARTED), bool)
        child_view = await eventually(lambda: query_view(client.client, child), lambda one: one.status == "active")
        described = await client.client.get_workflow_handle(child).describe()
        key = told.key
        assert await described.static_summary() == f"{child_view.key} · child of arvo.orc.parcel {key}"
    assert child_view.parent == workflow_id(init.subject)


async def test_time_in_a_state_is_kept_while_another_region_moves(serve: Serve) -> None:
    init = fresh()
    async with serve(parcel_app(never)) as client:
        await client.execute(init)
        first = await view(client, init)
        await client.execute(approved(init.subject))
        second = await view(client, init)
    assert "checking.approval.approved" in paths(second.states)
    kept = ("checking", "checking.payment.charging", "checking.approval")
    assert [find(first.states, path).since for path in kept] == [find(second.states, path).since for path in kept]
    approved_since = find(second.states, "checking.approval.approved").since
    assert approved_since is not None
    assert approved_since > (find(first.states, "checking.approval.approving").since or "")
    assert second.since == approved_since
    assert [one.state for one in second.timers] == ["parcel"]


async def test_all_of_it_goes_on_in_the_next_run(serve: Serve) -> None:
    init, limits = fresh(), Limits(deliveries_per_run=3)
    async with serve(parcel_app(never, limits=limits)) as client:
        await client.execute(init)
        first = await seen(client, init, lambda told: len(told.emissions) == 2)
        for _ in range(4):
            await client.deliver(counted(init.subject))
        await eventually(lambda: count_runs(client, init), lambda runs: runs > 1)
        later = await seen(client, init, lambda told: len(told.emissions) == 2 and len(told.steps) == 5)
    assert later.states == first.states
    assert later.timers == first.timers
    assert sorted(map(str, later.emissions)) == sorted(map(str, first.emissions))
    assert [step.number for step in later.steps] == [1, 2, 3, 4, 5]
    assert later.steps[0] == first.steps[0]
    assert {step.fate for step in later.steps[1:]} == {"unhandled"}


async def test_a_resumable_tells_what_it_awaits(serve: Serve) -> None:
    init = errand("x")
    async with serve(ArvoApp(orchestrators=[errand_function()], publishers={None: lambda event: None})) as client:
        await client.execute(init)
        told = await view(client, init)
    assert (told.states, told.accepts, told.status) == ((), (), "active")
    ((awaited),) = told.awaits
    assert (awaited.type, awaited.answers) == (COURIER, ())
    assert [(step.number, step.before, step.after) for step in told.steps] == [(1, None, None)]
    assert told.since == told.steps[0].time


async def test_a_refused_event_is_trouble_until_it_is_taken(serve: Serve) -> None:
    init = start_count(goal=1)
    wrong = ArvoEvent.from_json({**counted(init.subject).to_json(), "data": {"by": "secret"}})
    async with serve(counter_app()) as client:
        await client.execute(init)
        await client.deliver(wrong)
        told = await seen(client, init, lambda told: told.troubles)
    (trouble,) = told.troubles
    assert (trouble.kind, trouble.event, trouble.event_id) == ("refused", "evt.tally.counted", wrong.id)
    assert trouble.reason == "ViolationError<Contract>"
    assert trouble.cure == f"arvo-temporal redrive {workflow_id(init.subject)} {wrong.id}"
    assert "secret" not in told.model_dump_json()


async def test_a_failed_request_and_its_unhandled_error_are_trouble(serve: Serve) -> None:
    init = fresh()
    async with serve(parcel_app(broken)) as client:
        await client.execute(init)
        told = await seen(client, init, lambda told: len(told.troubles) == 2)
        cures = {one.kind: one.cure for one in told.troubles}
    assert {one.kind: (one.event, one.reason) for one in told.troubles} == {
        "failed": ("com.pay.charge", "ArithmeticError"),
        "unhandled": ("sys.com.pay.charge.error", "ArithmeticError"),
    }
    identity = workflow_id(init.subject)
    (failed,) = [one for one in told.troubles if one.kind == "failed"]
    assert cures["failed"] == f"arvo-temporal retry {identity} {failed.event_id}"
    assert cures["unhandled"] == f"arvo-temporal retry {identity}"
    assert str(SECRET) not in told.model_dump_json()


async def test_the_ui_is_told_the_details_and_what_can_be_sent_and_asked(serve: Serve) -> None:
    init = fresh()
    async with serve(parcel_app(broken)) as client:
        await client.execute(init)
        await seen(client, init, lambda told: len(told.troubles) == 2)
        metadata = await metadata_of(client, init)
        again = await metadata_of(client, init)
    assert metadata == again
    text, definition = metadata.current_details, metadata.definition
    assert text.startswith("### Brings a \\<parcel\\> to \\*\\*its\\*\\* door\n")
    assert re.search(r"│  └─ approving \[waits for a person\](, |\n│        )since ", text), "whatever day it is"
    assert "│        Somebody has to | agree `now`\n" in text
    assert "- `checking.approval.approving`: after 3 days, on " in text
    assert "- **failed** `com.pay.charge`" in text
    assert str(SECRET) not in text
    assert [(one.name, bool(one.description)) for one in definition.signal_definitions] == [
        ("deliver", True),
        ("deliver_all", True),
    ]
    described = {one.name for one in definition.update_definitions if one.description}
    assert described >= {"execute", "redrive", "retry"}
    asked = {one.name for one in definition.query_definitions if one.description}
    assert asked >= {"record", "ledger", "violations", "view"}


async def test_the_ui_is_told_why_an_orchestration_has_not_opened(serve: Serve) -> None:
    app, old = counter_app(), start_count(goal=2)
    async with serve(app) as client:
        refused = ArvoEvent.from_json({**old.to_json(), "data": {"goal": "secret"}})
        handle = await client.client.start_workflow(
            "arvo.orc.counter", refused.to_json(), id="arvo.orc.counter/wrong", task_queue=app.task_queue
        )
        with pytest.raises(Exception, match="Workflow execution failed"):
            await handle.result()
        metadata: WorkflowMetadata = await handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    assert "The workflow id is" in metadata.current_details


async def test_timers_and_activities_say_something_new_in_the_history(serve: Serve) -> None:
    init = fresh()
    async with serve(parcel_app(at_once)) as client:
        await client.execute(init)
        await seen(client, init, lambda told: "paid" in str(told.states))
        handle = client.client.get_workflow_handle(workflow_id(init.subject))
        history = await handle.fetch_history()
        summaries: dict[str, list[str]] = {}
        for event in history.events:
            kind = str(event.WhichOneof("attributes"))
            if event.user_metadata.HasField("summary"):
                (text,) = await client.client.data_converter.decode([event.user_metadata.summary])
                summaries.setdefault(kind, []).append(text)
    place = "checking.approval.approving, checking.count.counting, checking.payment.charging"
    assert summaries["timer_started_event_attributes"] == ["parcel: 5 hours", "checking.approval.approving: 3 days"]
    assert sorted(summaries["activity_task_scheduled_event_attributes"]) == [
        f"asked in {place}",
        f"com.approve.ask by the domain people in {place}",
    ]
    key = fresh_key(init)
    assert summaries["workflow_execution_started_event_attributes"] == [
        f"{key} · Brings a \\<parcel\\> to \\*\\*its\\*\\* door · root"
    ]


def fresh_key(init: ArvoEvent) -> str:
    return workflow_id(init.subject).split("/")[2]

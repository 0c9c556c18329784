"""History stands: whatever an orchestration has done, a replay by other code changes nothing of it."""

from __future__ import annotations

import asyncio
from typing import Any, NoReturn

import pytest
from pydantic import BaseModel
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Replayer

from adapter.errors import OrchestrationSilentError
from adapter.ledger import Fate
from arvo import ArvoEvent, ResumableOutput, emit, patched
from arvo_temporal import ArvoApp, ArvoClient, ArvoPlugin, EmissionPolicy, Limits, workflow_id
from arvo_temporal.dev_server.server import DevServer
from arvo_temporal.replay import EndGuard
from arvo_temporal.replay.check import check_run
from arvo_temporal.replay.runs import runs_of
from tests.apps import counted, start_count
from tests.arvo_temporal.replay.test_changed_machine import answer, deployed, failed_tasks
from tests.histories import count_events, count_runs
from tests.polling import eventually
from tests.resumables import Kind, count, counter_app, function_app
from tests.trips import STATES, arrived, book, said, start_trip, trip_app, trip_function, trip_machine

MARKER = EventType.EVENT_TYPE_MARKER_RECORDED
APPROVING = STATES["approving"]["on"]
UNKNOWN = {"approving": {"on": {"evt.desk.noted": APPROVING["evt.desk.noted"], "evt.desk.aproved": "booking"}}}
"""The machine of before, with a misspelt event: an approval finds no transition."""

ENDING = trip_machine(states={"approving": {"on": {**APPROVING, "evt.desk.noted": "over"}}})


ENDING_FUNCTION = trip_function(lambda: {"output": {"text": "over"}})
ENDING_RELEASE = pytest.mark.parametrize(
    ("before", "after"),
    [(trip_machine(), ENDING), (trip_function(), ENDING_FUNCTION)],
    ids=["machine", "inline"],
)


def throws(*_: object) -> NoReturn:
    raise NameError("name 'days' is not defined")


def wrong(event: ArvoEvent) -> ArvoEvent:
    """Return the event as its contract refuses it."""
    return ArvoEvent.from_json({**event.to_json(), "data": {}})


async def is_open(client: ArvoClient, init: ArvoEvent) -> bool:
    description = await client.client.get_workflow_handle(workflow_id(init.subject)).describe()
    return description.status is WorkflowExecutionStatus.RUNNING


async def checked(client: ArvoClient, init: ArvoEvent, app: ArvoApp) -> str:
    """Return what the check of a deployment says of the last run of an orchestration."""
    check = await check_run(app, (await runs_of(client.client, workflow_id(init.subject)))[-1], client.client)
    return str(check.difference)


@pytest.mark.parametrize(
    ("before", "after"),
    [(trip_machine(), trip_machine(actions={"note": throws})), (trip_function(), trip_function(throws))],
    ids=["machine", "inline"],
)
async def test_a_release_that_throws_where_the_history_went_on_waits_for_a_corrected_one(
    server: DevServer, before: Any, after: Any
) -> None:
    init, queue = start_trip(), f"history-{start_trip().id}"
    throwing = trip_app(after)
    async with deployed(server, trip_app(before), queue) as client:
        await client.execute(init)
        await client.execute(said(init.subject, "noted"))
        await client.execute(said(init.subject))
        await arrived(client, init.subject, "travelling")
    found = await checked(client, init, throwing)
    async with deployed(server, throwing, queue) as client:
        await client.deliver(said(init.subject, "noted"))
        told = await eventually(lambda: failed_tasks(client, init), bool)
        assert await is_open(client, init)
    for text in ("Step 2 (evt.desk.noted) differs", "raises NameError: name 'days' is not defined", "loses nothing"):
        assert text in told[0]
        assert text in found
    async with deployed(server, trip_app(before), queue) as client:
        assert (await client.result(init.subject))["status"] == "done"


@ENDING_RELEASE
async def test_a_release_that_completes_what_is_open_does_not(server: DevServer, before: Any, after: Any) -> None:
    init, queue = start_trip(), f"history-{start_trip().id}"
    async with deployed(server, trip_app(before), queue) as client:
        await client.execute(init)
        await client.execute(said(init.subject, "noted"))
    async with deployed(server, trip_app(after), queue) as client:
        told = [await answer(client, init) for _ in range(2)]
        assert await is_open(client, init)
    for text in (
        "completes with the present code at step 2 (evt.desk.noted)",
        "loses nothing",
        workflow_id(init.subject),
    ):
        assert text in told[1]
    async with deployed(server, trip_app(before), queue) as client:
        await client.execute(said(init.subject))
        await arrived(client, init.subject, "travelling")
        await client.execute(said(init.subject, "noted"))
        assert (await client.result(init.subject))["status"] == "done"
    async with deployed(server, trip_app(before), queue, max_cached_workflows=0) as client:
        record = await client.record(init.subject)
        assert record is not None
        assert record["status"] == "done"


async def test_execute_on_a_release_that_does_not_fit_is_answered_with_a_typed_error(
    server: DevServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server answers so after 20 seconds in which the workflow task fails."""
    text = "Unable to perform workflow execution update due to Workflow Task in failed state."

    async def update(*_: object) -> None:
        raise RPCError(text, RPCStatusCode.FAILED_PRECONDITION, b"")

    monkeypatch.setattr(ArvoClient, "_execute", update)
    monkeypatch.setattr("arvo_temporal.client.updating._WAITS", ())
    event = said(start_trip().subject)
    with pytest.raises(OrchestrationSilentError, match=text) as silent:
        await ArvoClient(await Client.connect(server.address), trip_app()).execute(event)
    assert silent.value.workflow_id == workflow_id(event.subject)


SENDING = trip_machine(actions={"note": book("hotel")})
SENDING_FUNCTION = trip_function(lambda: {"services": [{"type": "com.hotel.book", "data": {"days": 7}}]})
BEYOND = "Step 2 (evt.desk.noted) differs: the history has nothing there, this code gives "


@pytest.mark.parametrize(
    ("before", "after", "difference", "move"),
    [
        (trip_machine(), ENDING, f"{BEYOND}its completion", ""),
        (trip_machine(), SENDING, "", f"{BEYOND}activity 'com.hotel.book'"),
        (trip_machine(), trip_machine(), "", ""),
        (trip_function(), ENDING_FUNCTION, f"{BEYOND}its completion", ""),
        (trip_function(), SENDING_FUNCTION, "", f"{BEYOND}activity 'com.hotel.book'"),
        (trip_function(), trip_function(), "", ""),
    ],
    ids=[f"{kind}-{what}" for kind in ("machine", "inline") for what in ("ends", "sends", "same")],
)
async def test_the_check_of_a_deployment_finds_an_end_that_the_history_has_not(
    server: DevServer, before: Any, after: Any, difference: str, move: str
) -> None:
    init, queue = start_trip(), f"history-{start_trip().id}"
    async with deployed(server, trip_app(before), queue) as client:
        await client.execute(init)
        await client.deliver(said(init.subject, "noted"))
        await eventually(lambda: client.ledger(init.subject), lambda ledger: ledger.counts.get(Fate.APPLIED) == 2)
    await client.deliver(said(init.subject))
    check = await check_run(
        trip_app(after), (await runs_of(client.client, workflow_id(init.subject)))[-1], client.client
    )
    assert str(check.difference or "").startswith(difference)
    assert bool(check.difference) is bool(difference)
    assert str(check.move or "").startswith(move)
    assert bool(check.move) is bool(move)


@ENDING_RELEASE
async def test_where_the_server_does_not_answer_nothing_ends(
    server: DevServer, monkeypatch: pytest.MonkeyPatch, before: Any, after: Any
) -> None:
    init, queue = start_trip(), f"history-{start_trip().id}"
    async with deployed(server, trip_app(before), queue) as client:
        await client.execute(init)
        await client.execute(said(init.subject, "noted"))
    monkeypatch.setattr(EndGuard, "_is_closed", lambda *_: None)
    async with deployed(server, trip_app(after), queue) as client:
        told = [await answer(client, init) for _ in range(2)]
        assert await is_open(client, init)
    assert "the server has not said in time" in told[1]


async def test_what_was_unhandled_stays_so_and_can_be_sent_again(server: DevServer) -> None:
    init, queue = start_trip(), f"history-{start_trip().id}"
    approved = said(init.subject)
    async with deployed(server, trip_app(trip_machine(states=UNKNOWN)), queue) as client:
        await client.execute(init)
        for _ in range(2):
            await client.deliver(approved)
        assert (await client.execute(said(init.subject, "noted"))).fate == "applied"
    assert await checked(client, init, trip_app()) == "None"
    async with deployed(server, trip_app(), queue) as client:
        record, ledger = await client.record(init.subject), await client.ledger(init.subject)
        assert record is not None
        assert record["value"] == "approving"
        assert [entry.fate for entry in ledger.entries] == ["applied", "unhandled", "duplicate", "applied"]
        assert (await client.execute(approved)).fate == "duplicate"
        (redriven,) = await client.redrive(init.subject)
        assert (redriven.id, redriven.fate) == (approved.id, "applied")
        await arrived(client, init.subject, "travelling")
        assert await client.redrive(init.subject) == []
    history = await client.client.get_workflow_handle(workflow_id(init.subject)).fetch_history()
    await Replayer(workflows=[], plugins=[ArvoPlugin(trip_app())]).replay_workflow(history)


async def test_a_delayed_transition_that_did_not_happen_does_not_happen_later(server: DevServer) -> None:
    init, queue = start_trip(days=60), f"history-{start_trip().id}"
    delayed = {"approving": {**STATES["approving"], "after": {1: {"guard": "is_short", "target": "booking"}}}}
    async with deployed(server, trip_app(trip_machine(states=delayed)), queue) as client:
        await client.execute(init)
        await eventually(lambda: count_events(client, init, MARKER), bool)
    longer = trip_app(trip_machine(states=delayed, is_short=lambda: True))
    async with deployed(server, longer, queue) as client:
        record = await client.record(init.subject)
        assert record is not None
        assert record["value"] == "approving"
        await client.execute(said(init.subject))
        await arrived(client, init.subject, "travelling")


async def test_what_has_failed_stays_failed_and_has_a_fate_of_its_own(server: DevServer) -> None:
    init, queue = start_trip(), f"history-{start_trip().id}"
    async with deployed(server, trip_app(trip_machine(actions={"note": throws})), queue) as client:
        await client.execute(init)
        outcome = await client.execute(said(init.subject, "noted"))
        assert outcome.fate == "failed"
        assert "NameError" in (outcome.reason or "")
    async with deployed(server, trip_app(), queue) as client:
        record, ledger = await client.record(init.subject), await client.ledger(init.subject)
        assert record is not None
        assert record["executionStatus"] == "failure"
        assert ledger.counts == {"applied": 1, "failed": 1}
        assert ledger.entries[-1].code == "NameError" or "has failed" in (ledger.entries[-1].reason or "")
        assert not await is_open(client, init)


@pytest.mark.parametrize("mode", ["inline", "step"])
async def test_what_a_function_has_come_to_stands_too(server: DevServer, mode: Any) -> None:
    """What failed stays failed; and one that now raises where an inline step went on waits for a corrected one."""
    init, other, queue = start_count(goal=2), start_count(goal=2), f"history-{start_trip().id}"

    def breaks(context: Any, input: ArvoEvent | None, service: ArvoEvent | None) -> ResumableOutput:
        return count(context, input, service) if input else throws()

    good, broken = (function_app(function, EmissionPolicy(mode=mode)) for function in (count, breaks))
    async with deployed(server, broken, queue) as client:
        await client.execute(init)
        assert (await client.execute(counted(init.subject))).fate is Fate.FAILED
    async with deployed(server, good, queue) as client:
        record = await client.record(init.subject)
        assert record is not None
        assert record["error"]["name"] == "NameError"
        await client.execute(other)
        await client.execute(counted(other.subject))
    found = await checked(client, other, broken)
    assert ("raises NameError" in found) is (mode == "inline"), "a step that was made by an activity is not made again"
    async with deployed(server, good, queue) as client:
        await client.execute(counted(other.subject))
        assert (await client.result(other.subject))["status"] == "done"


@pytest.mark.parametrize("kind", ["machine", "step"])
async def test_many_refusals_in_a_row_leave_few_marks(server: DevServer, kind: Kind) -> None:
    init, queue = start_count(goal=2), f"history-{start_trip().id}"
    app = counter_app(kind=kind)
    async with deployed(server, app, queue) as client:
        pass
    await client.deliver(init)
    await asyncio.gather(*(client.deliver(wrong(counted(init.subject))) for _ in range(1900)))
    async with deployed(server, app, queue) as client:
        await client.execute(counted(init.subject))
        assert (await client.ledger(init.subject)).counts == {"applied": 2, "refused": 1900}
        assert await count_events(client, init, MARKER) < 100  # where the machine is slow there are more stretches
    history = await client.client.get_workflow_handle(workflow_id(init.subject)).fetch_history()
    await Replayer(workflows=[], plugins=[ArvoPlugin(app)]).replay_workflow(history)


@pytest.mark.parametrize("logic", [trip_machine(), trip_function()], ids=["machine", "inline"])
async def test_where_marks_are_many_all_the_same_the_run_ends(server: DevServer, logic: Any) -> None:
    init, queue = start_trip(), f"history-{start_trip().id}"
    app = trip_app(logic)
    async with deployed(server, app, queue) as client:
        pass
    await client.deliver(init)
    for _ in range(50):
        await client.deliver(said(init.subject, "noted"))
        await client.deliver(wrong(said(init.subject)))
    async with deployed(server, app, queue) as client:
        await eventually(lambda: client.ledger(init.subject), lambda ledger: ledger.counts.get(Fate.REFUSED) == 50)
        assert (await client.ledger(init.subject)).counts == {"applied": 51, "refused": 50}
    runs = await runs_of(client.client, workflow_id(init.subject))
    assert len(runs) == 2
    for run in runs:
        assert sum(event.event_type == MARKER for event in run.events) < 60
        assert (await check_run(app, run, client.client)).difference is None


def asks(context: Any) -> bool:
    return (context["days"] < 30 and patched("never")) or not patched("x")


@pytest.mark.parametrize(
    ("logic", "counts"),
    [
        (trip_machine(is_short=asks), {"applied": 2, "refused": 2, "unhandled": 2}),
        (trip_function(is_short=asks), {"applied": 4, "refused": 2}),
    ],
    ids=["machine", "inline"],
)
async def test_marks_and_changes_behind_a_patch_keep_their_order(
    server: DevServer, logic: Any, counts: dict[str, int]
) -> None:
    """They ask for a change within steps that come to nothing, in the midst of others."""
    init, queue = start_trip(days=60), f"history-{start_trip().id}"
    asking = trip_app(logic)
    async with deployed(server, asking, queue) as client:
        pass
    await client.deliver(init)
    for event in (wrong(said(init.subject)), wrong(said(init.subject)), said(init.subject), said(init.subject)):
        await client.deliver(event)
    async with deployed(server, asking, queue) as client:
        await client.execute(said(init.subject, "noted"))
        assert (await client.ledger(init.subject)).counts == counts
    assert await checked(client, init, asking) == "None"
    async with deployed(server, asking, queue) as client:
        assert (await client.ledger(init.subject)).counts == counts
        assert (await client.execute(said(init.subject, "noted"))).fate == "applied"


class Plan(BaseModel):
    """A typed context, as the next release has it."""

    days: int
    stops: int = 3


def plan(input: ArvoEvent) -> dict[str, int]:
    return {"days": input.data["days"], "stops": input.data["days"] // 2}


def typed_plan(input: ArvoEvent) -> Plan:
    return Plan(days=input.data["days"])


@pytest.mark.parametrize(("first_context", "stops"), [(plan, 3), (typed_plan, 3)])
@pytest.mark.parametrize("runs", [1, 2])
async def test_a_key_that_is_new_in_the_context_is_there_in_later_runs_too(
    server: DevServer, first_context: Any, stops: int, runs: int
) -> None:
    init, queue = start_trip(days=7), f"history-{start_trip().id}"
    limits = Limits(deliveries_per_run=4 if runs == 2 else 1000)
    async with deployed(server, trip_app(limits=limits), queue) as client:
        await client.execute(init)
        for _ in range(4):
            await client.execute(said(init.subject, "noted"))
        await eventually(lambda: count_runs(client, init), lambda count: count == runs)
    reading = {"travelling": {"on": {"evt.desk.noted": {"target": "over", "guard": "is_known"}}}}
    release = trip_machine(
        states=reading,
        context=first_context,
        actions={"book": emit(lambda context: {"type": "com.hotel.book", "data": {"days": at(context, "days")}})},
        is_short=lambda context: at(context, "days") < 30,
        guards={"is_known": lambda context: at(context, "stops") == stops},
        output={"text": "over"},
    )
    assert await checked(client, init, trip_app(release, limits=limits)) == "None"
    async with deployed(server, trip_app(release, limits=limits), queue) as client:
        await client.deliver(said(init.subject))
        await arrived(client, init.subject, "travelling")
        await client.deliver(said(init.subject, "noted"))
        record = await client.result(init.subject)
    assert record["state"]["context"] == {"days": 7, "stops": stops}


class Costs(BaseModel):
    """A part of a context, as the next release has it."""

    room: int
    meals: int = 0


class Account(BaseModel):
    """A typed context whose new field has a default, deep inside."""

    days: int
    costs: Costs


def account(input: ArvoEvent) -> Account:
    return Account(days=7, costs=Costs(room=1))


@pytest.mark.parametrize(
    ("first_context", "told"),
    [
        (lambda: {"days": 7, "costs": {"room": 1}}, ()),
        (lambda: {"days": 7, "costs": {"room": 1}, "stops": 3}, ()),
        (lambda: {"days": 7, "costs": {"room": None}}, ()),
        (account, ()),
        (
            lambda: {"days": 7, "costs": {"room": 1, "meals": 0}},
            ("context.costs.meals is not there; the first context of this code has a number",),
        ),
        (
            lambda: {"days": "7", "costs": [1]},
            (
                "context.days is a number; the first context of this code has a text",
                "context.costs is an object; the first context of this code has a list",
            ),
        ),
    ],
)
async def test_the_check_of_a_deployment_compares_what_is_carried_with_what_is_read(
    server: DevServer, first_context: Any, told: tuple[str, ...]
) -> None:
    init, queue = start_trip(days=7), f"history-{start_trip().id}"
    limits = Limits(deliveries_per_run=4)
    costs = trip_machine(context=lambda: {"days": 7, "costs": {"room": 1}})
    async with deployed(server, trip_app(costs, limits=limits), queue) as client:
        await client.execute(init)
        for _ in range(4):
            await client.execute(said(init.subject, "noted"))
        await eventually(lambda: count_runs(client, init), lambda count: count == 2)
        await client.record(init.subject)
    release = trip_app(trip_machine(context=first_context, is_short=lambda: True), limits=limits)
    runs = await runs_of(client.client, workflow_id(init.subject))
    checks = [await check_run(release, run, client.client) for run in runs]
    assert [check.context for check in checks] == [(), told]
    assert checks[1].is_fine is not bool(told)
    assert all(text in checks[1].explanation() for text in told)


def at(context: Any, key: str) -> Any:
    return getattr(context, key) if isinstance(context, Plan) else context[key]

"""The search attributes of orchestrations: given at a start, changed by trouble, and by state where that is wanted."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client
from temporalio.common import TypedSearchAttributes

from adapter.identity import outbox_id
from adapter.search_attributes import (
    EXECUTION_ID,
    INITIATOR,
    ORCHESTRATOR,
    PARENT,
    ROOT,
    STATE,
    STATE_SINCE,
    TROUBLE,
)
from arvo import (
    ArvoEvent,
    ArvoOrchestrationSubject,
    HandlerOutput,
    create_arvo_event_factory,
    create_arvo_event_handler,
)
from arvo_temporal import ArvoApp, ArvoClient, Limits, OrchestrationFailedError, workflow_id
from arvo_temporal.dev_server.server import DevServer
from tests.adversity.test_silence import NOBODY, courier
from tests.apps import counted, counter_app, start_count, supervise, supervisor_app
from tests.arvo_temporal.cli.commands import WORKER, running
from tests.arvo_temporal.replay.test_changed_machine import deployed
from tests.conftest import Serve
from tests.errands import COURIER, DELIVERED, courier_contract, errand, errands
from tests.histories import all_have_ended, count_events, count_runs
from tests.polling import eventually

UPSERTED = EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES


async def attributes(client: ArvoClient, orchestration: str) -> TypedSearchAttributes:
    return (await client.client.get_workflow_handle(orchestration).describe()).typed_search_attributes


async def trouble(client: ArvoClient, init: ArvoEvent) -> set[str]:
    return set((await attributes(client, workflow_id(init.subject))).get(TROUBLE) or [])


async def in_trouble(client: ArvoClient, init: ArvoEvent, *kinds: str) -> None:
    """Wait until an orchestration shows trouble of these kinds, and of no others."""
    await eventually(lambda: trouble(client, init), lambda seen: seen == set(kinds))


async def changes(client: ArvoClient, init: ArvoEvent) -> list[Any]:
    """Return what each change of our search attributes in the last run has set, in order."""
    found: list[Any] = []
    async for event in client.client.get_workflow_handle(workflow_id(init.subject)).fetch_history_events():
        if event.event_type == UPSERTED:
            fields = event.upsert_workflow_search_attributes_event_attributes.search_attributes.indexed_fields
            found.append({name: json.loads(field.data or b"null") for name, field in fields.items()})
    return [change for change in found if any(name.startswith("Arvo") for name in change)]


def half(subject: str) -> ArvoEvent:
    """Return an event that the contract of a count refuses: half of a step is none."""
    return replace(counted(subject), data={"by": 0.5})


async def test_one_without_a_parent_says_what_it_is_and_who_has_started_it(serve: Serve) -> None:
    async with serve(counter_app()) as client:
        started = await client.start("arvo.orc.counter", {"goal": 1}, key="order 42", source="com.shop.till")
        seen = await attributes(client, started.workflow_id)
        assert await changes(client, start_of(started.subject)) == []
        await client.deliver(counted(started.subject))
        await client.result(started.subject)
    given = {pair.key.name: pair.value for pair in seen if pair.key.name.startswith("Arvo")}
    assert given == {
        "ArvoOrchestrator": "arvo.orc.counter",
        "ArvoVersion": "1.0.0",
        "ArvoExecutionId": "order 42",
        "ArvoInitiator": "com.shop.till",
    }


def start_of(subject: str) -> ArvoEvent:
    return replace(start_count(goal=1), subject=subject)


@pytest.mark.parametrize("way", ["deliver", "execute", "start"])
async def test_every_way_of_starting_gives_them(serve: Serve, way: str) -> None:
    init = start_count(goal=1)
    async with serve(counter_app()) as client:
        if way == "deliver":
            await client.deliver(init)
        elif way == "execute":
            await client.execute(init)
        else:
            init = start_of((await client.start("arvo.orc.counter", {"goal": 1})).subject)
        seen = await attributes(client, workflow_id(init.subject))
        await client.deliver(counted(init.subject))
        await client.result(init.subject)
    assert seen.get(ORCHESTRATOR) == "arvo.orc.counter"
    assert seen.get(EXECUTION_ID) == ArvoOrchestrationSubject.parse(init.subject).execution.id


async def test_a_child_names_its_parent_and_the_top_of_the_tree(serve: Serve) -> None:
    init = supervise(goal=1)
    async with serve(supervisor_app()) as client:
        await client.execute(init)
        record = await client.record(init.subject)
        assert record is not None
        child = ArvoEvent.from_json(record["events"]["produced"][0])
        seen = await eventually(
            lambda: attributes_or_none(client, workflow_id(child.subject)), lambda found: found is not None
        )
        await client.deliver(counted(child.subject))
        await client.result(init.subject)
    assert seen is not None
    assert seen.get(PARENT) == seen.get(ROOT) == workflow_id(init.subject)
    assert seen.get(INITIATOR) == "arvo.orc.supervisor"


async def attributes_or_none(client: ArvoClient, orchestration: str) -> TypedSearchAttributes | None:
    found = [one async for one in client.client.list_workflows(f"WorkflowId = '{orchestration}'")]
    return await attributes(client, orchestration) if found else None


async def test_an_orchestration_without_trouble_costs_no_event(serve: Serve) -> None:
    init = start_count(goal=3)
    async with serve(counter_app()) as client:
        await client.execute(init)
        for _ in range(3):
            await client.deliver(counted(init.subject))
        await client.result(init.subject)
        assert await count_events(client, init, UPSERTED) == 0


async def test_a_refused_event_is_trouble_until_it_is_consumed(serve: Serve) -> None:
    init = start_count(goal=2)
    wrong = half(init.subject)
    async with serve(counter_app()) as client:
        await client.execute(init)
        await client.deliver(wrong)
        await in_trouble(client, init, "refused")
        await client.execute(counted(init.subject))
        assert await trouble(client, init) == {"refused"}, "another event is no cure"
        await client.deliver(replace(counted(init.subject), id=wrong.id))
        await client.result(init.subject)
        assert await changes(client, init) == [{"ArvoTrouble": ["refused"]}, {"ArvoTrouble": None}]


async def test_many_troubles_of_one_kind_are_one_change(serve: Serve) -> None:
    init = start_count(goal=1)
    async with serve(counter_app()) as client:
        await client.execute(init)
        for _ in range(12):
            await client.deliver(half(init.subject))
        await in_trouble(client, init, "refused")
        await client.deliver(counted(init.subject))
        await client.result(init.subject)
        assert await changes(client, init) == [{"ArvoTrouble": ["refused"]}]


async def test_a_system_error_without_a_transition_is_trouble_until_the_machine_goes_on(serve: Serve) -> None:
    init = errand()
    app = ArvoApp(orchestrators=[errands(NOBODY, {"evt.courier.ask.success": {"target": "over", "actions": "note"}})])
    async with serve(app) as client:
        await client.deliver(init)
        await in_trouble(client, init, "unhandled", "failed")
        await client.deliver(success(init.subject))
        await client.result(init.subject)
        assert await changes(client, init) == [
            {"ArvoTrouble": ["unhandled", "failed"]},
            {"ArvoTrouble": ["failed"]},
        ]


def success(subject: str, text: str = "by hand") -> ArvoEvent:
    return create_arvo_event_factory(courier_contract.version("1.0.0")).emits(
        type="evt.courier.ask.success",
        source=COURIER,
        subject=subject,
        to="arvo.orc.errand",
        data={"text": text},
    )


async def test_a_request_that_has_failed_for_good_is_trouble_until_it_is_sent_again(serve: Serve) -> None:
    init = errand("hello")
    app = ArvoApp(orchestrators=[errands()], handlers=[courier(RuntimeError("down"), "up again")])
    async with serve(app) as client:
        await client.deliver(init)
        await in_trouble(client, init, "unhandled", "failed")
        await client.retry(init.subject)
        await client.result(init.subject)
        seen = await changes(client, init)
    assert seen[0] == {"ArvoTrouble": ["unhandled", "failed"]}
    assert seen[1] == {"ArvoTrouble": ["unhandled"]}, "as soon as it is on its way again"


async def test_trouble_that_comes_with_the_end_is_told_by_the_status(server: DevServer) -> None:
    done, thrown, queue = start_count(goal=1), start_count(goal=1), f"attributes-{uuid4()}"
    sender = ArvoClient(await Client.connect(server.address), counter_app(), task_queue=queue)
    for init, by in ((done, 1), (thrown, -1)):
        for event in (init, half(init.subject), counted(init.subject, by=by)):
            await sender.deliver(event)
    async with deployed(server, counter_app(), queue) as client:  # it finds all of it at once
        await client.result(done.subject)
        with pytest.raises(OrchestrationFailedError, match="broken"):
            await client.result(thrown.subject)
        assert await changes(client, done) == await changes(client, thrown) == []


async def test_trouble_goes_from_run_to_run_and_ends_in_a_later_one(serve: Serve) -> None:
    init = start_count(goal=4)
    wrong = half(init.subject)
    async with serve(counter_app(Limits(deliveries_per_run=3))) as client:
        await client.execute(init)
        await client.deliver(wrong)
        await in_trouble(client, init, "refused")
        for _ in range(3):
            await client.execute(counted(init.subject))
        await eventually(lambda: count_runs(client, init), lambda runs: runs > 1)
        assert await trouble(client, init) == {"refused"}
        seen = await attributes(client, workflow_id(init.subject))
        assert seen.get(ORCHESTRATOR) == "arvo.orc.counter"
        assert await changes(client, init) == [], "the later run has it from its start"
        await client.deliver(replace(counted(init.subject), id=wrong.id))
        await client.result(init.subject)
        assert await changes(client, init) == [{"ArvoTrouble": None}]


async def test_a_worker_that_replays_at_every_step_changes_the_same(server: DevServer) -> None:
    init, queue = start_count(goal=3), f"attributes-{uuid4()}"
    wrong = half(init.subject)
    async with deployed(server, counter_app(), queue, max_cached_workflows=0) as client:
        await client.execute(init)
        await client.deliver(wrong)
        await in_trouble(client, init, "refused")
        await client.execute(counted(init.subject))
        await client.execute(replace(counted(init.subject), id=wrong.id))
        await in_trouble(client, init)
        await client.execute(half_again := counted(init.subject))
        assert half_again.id != wrong.id
        await client.result(init.subject)
        assert await changes(client, init) == [{"ArvoTrouble": ["refused"]}, {"ArvoTrouble": None}]


async def test_other_code_finds_the_trouble_that_the_history_has(server: DevServer) -> None:
    """What was unhandled stays so in a replay by code that would handle it, and with it the trouble."""
    init, queue = errand(), f"attributes-{uuid4()}"
    on = {"evt.courier.ask.success": {"target": "over", "actions": "note"}}
    broken = courier(RuntimeError("down"))
    async with deployed(server, ArvoApp(orchestrators=[errands(on=on)], handlers=[broken]), queue) as client:
        await client.deliver(init)
        await in_trouble(client, init, "unhandled", "failed")
    fixed = errands(on={**on, f"sys.{COURIER}.error": {"target": "over", "actions": "note"}})
    app = ArvoApp(orchestrators=[fixed], handlers=[courier("up again")])
    async with deployed(server, app, queue, max_cached_workflows=0) as client:
        assert await value_of(client, init) == "waiting"
        await client.retry(init.subject)
        await client.result(init.subject)
        seen = await changes(client, init)
    assert seen[:2] == [{"ArvoTrouble": ["unhandled", "failed"]}, {"ArvoTrouble": ["unhandled"]}]


async def test_trouble_survives_the_death_of_the_worker(server: DevServer) -> None:
    init = start_count(goal=2)
    wrong = half(init.subject)
    queue = f"attributes-{uuid4()}"
    environment = {"TEMPORAL_ADDRESS": server.address, "ARVO_TASK_QUEUE": queue}
    client = ArvoClient(await Client.connect(server.address), counter_app(), task_queue=queue)
    async with running(*WORKER, "tests.apps:app", environment=environment) as worker:
        await client.deliver(init)
        await client.deliver(wrong)
        await in_trouble(client, init, "refused")
        os.killpg(worker.process.pid, signal.SIGKILL)
    assert await trouble(client, init) == {"refused"}
    async with running(*WORKER, "tests.apps:app", environment=environment):
        await client.deliver(counted(init.subject))
        await client.deliver(replace(counted(init.subject), id=wrong.id))
        await client.result(init.subject)
    assert await changes(client, init) == [{"ArvoTrouble": ["refused"]}, {"ArvoTrouble": None}]


async def value_of(client: ArvoClient, init: ArvoEvent) -> Any:
    record = await client.record(init.subject)
    return record and record.get("value")


def with_state(app: ArvoApp) -> ArvoApp:
    return ArvoApp(orchestrators=app.orchestrators.values(), search_attributes=["state"])


NESTED = {
    "packing": {
        "initial": "picking",
        "states": {"picking": {"on": {"evt.courier.ask.success": {"target": "#errand.both"}}}},
    },
    "both": {
        "type": "parallel",
        "states": {"left": {"initial": "idle", "states": {"idle": {}}}, "right": {}},
        "on": {"evt.courier.ask.success": {"target": "over", "actions": "note"}},
    },
}


async def test_the_state_is_one_change_each_where_the_app_wants_it(serve: Serve) -> None:
    init = errand()
    orchestrator = errands("com.ignored.request", {"evt.courier.ask.success": {"target": "packing"}}, NESTED)
    app = ArvoApp(orchestrators=[orchestrator], publishers={None: lambda event: None}, search_attributes=["state"])
    async with serve(app) as client:
        await client.deliver(init)
        for states in (
            {"waiting"},
            {"packing", "packing.picking"},
            {"both", "both.left", "both.left.idle", "both.right"},
        ):
            await eventually(lambda: states_of(client, init), states.__eq__)
            await client.deliver(success(init.subject, str(uuid4())))
        await client.result(init.subject)
        seen = await changes(client, init)
    assert [set(change["ArvoState"]) for change in seen] == [
        {"waiting"},
        {"packing", "packing.picking"},
        {"both", "both.left", "both.left.idle", "both.right"},
    ], "the end of a machine is told by the status"
    assert all(change["ArvoStateSince"] for change in seen)


async def states_of(client: ArvoClient, init: ArvoEvent) -> set[str]:
    return set((await attributes(client, workflow_id(init.subject))).get(STATE) or [])


async def test_events_that_leave_the_state_as_it_is_change_nothing(serve: Serve) -> None:
    init = start_count(goal=3)
    async with serve(with_state(counter_app())) as client:
        await client.execute(init)
        since = (await attributes(client, workflow_id(init.subject))).get(STATE_SINCE)
        for _ in range(2):
            await client.execute(counted(init.subject))
        assert (await attributes(client, workflow_id(init.subject))).get(STATE_SINCE) == since
        await client.execute(counted(init.subject))
        await client.result(init.subject)
        assert [change["ArvoState"] for change in await changes(client, init)] == [["counting"]]


async def test_a_run_keeps_what_it_was_started_with(server: DevServer) -> None:
    init, queue = start_count(goal=5), f"attributes-{uuid4()}"
    limits = Limits(deliveries_per_run=3)
    async with deployed(server, counter_app(limits), queue) as client:
        await client.execute(init)
    app = ArvoApp(orchestrators=counter_app().orchestrators.values(), limits=limits, search_attributes=["state"])
    async with deployed(server, app, queue, max_cached_workflows=0) as client:
        await client.execute(counted(init.subject))
        assert await states_of(client, init) == set()
        for _ in range(2):
            await client.execute(counted(init.subject))
        await eventually(lambda: count_runs(client, init), lambda runs: runs > 1)
        await client.execute(counted(init.subject))
        assert await states_of(client, init) == {"counting"}, "from the next run on"
    async with deployed(server, counter_app(limits), queue, max_cached_workflows=0) as client:
        await client.execute(counted(init.subject))
        await client.result(init.subject)


async def test_an_outbox_belongs_to_the_tree_of_its_orchestration(serve: Serve) -> None:
    init = errand()
    may_end = asyncio.Event()

    async def carry(event: ArvoEvent) -> HandlerOutput:
        await may_end.wait()
        return {"type": "evt.courier.ask.success", "data": {"text": event.data["text"]}}

    slow = create_arvo_event_handler(contract=courier_contract, executionunits=1, handler={"1.0.0": carry})
    app = ArvoApp(orchestrators=[errands(COURIER, DELIVERED, always="over")], handlers=[slow])
    async with serve(app) as client:
        await client.deliver(init)
        await client.result(init.subject)
        seen = await attributes(client, outbox_id(workflow_id(init.subject), "1"))
        may_end.set()
        await all_have_ended(client, app)
    assert seen.get(PARENT) == seen.get(ROOT) == workflow_id(init.subject)
    assert seen.get(ORCHESTRATOR) is None, "it is none"

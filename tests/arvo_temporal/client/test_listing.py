"""Lists of orchestrations: each filter finds what it should, also on a server without search attributes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.client import Client

from adapter.errors import ListError
from adapter.identity import id_parts
from arvo import ArvoEvent
from arvo_temporal import ArvoApp, ArvoClient, ArvoPlugin, Limits, OrchestrationSummary, workflow_id
from arvo_temporal.client.filters import Filters, ServerKnows, list_query
from arvo_temporal.client.listing import ListingClient
from arvo_temporal.dev_server.server import DevServer
from tests.adversity.test_silence import courier
from tests.apps import counted, counter_app, start_count, supervise, supervisor_app
from tests.arvo_temporal.replay.test_changed_machine import deployed
from tests.errands import errand, errands
from tests.polling import eventually
from tests.workflows.test_search_attributes import half, in_trouble

FAILS_SOON = {"system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute": 2}


@pytest.fixture(scope="module")
async def known() -> AsyncIterator[DevServer]:
    """A server with search attributes."""
    async with DevServer(ui=False, dynamic_config=FAILS_SOON) as server:
        yield server


@pytest.fixture(scope="module")
async def bare() -> AsyncIterator[DevServer]:
    """A server without search attributes for orchestrations."""
    async with DevServer(ui=False, for_orchestrations=False) as server:
        yield server


@pytest.fixture
def queue() -> str:
    return f"list-{uuid4()}"


async def listed(client: ArvoClient, **filters: Any) -> list[OrchestrationSummary]:
    return [summary async for summary in client.list(**filters)]


async def found(client: ArvoClient, subjects: list[str], **filters: Any) -> list[OrchestrationSummary]:
    """Wait until a list has these and no others, and return it: the server's is some moments behind."""
    wanted = {workflow_id(subject) for subject in subjects}

    async def look() -> list[OrchestrationSummary]:
        return await listed(client, **filters)

    seen = await eventually(look, lambda some: {one.workflow_id for one in some} == wanted)
    assert await client.count(**filters) == len(wanted)
    return seen


async def test_each_filter_finds_what_it_should(known: DevServer, queue: str) -> None:
    here = {"query": f"TaskQueue = '{queue}'"}
    app = ArvoApp(orchestrators=[*supervisor_app().orchestrators.values(), errands()], search_attributes=["state"])
    async with deployed(known, app, queue) as client:
        parent = supervise(goal=2)
        await client.execute(parent)
        record = await client.record(parent.subject)
        assert record is not None
        child = ArvoEvent.from_json(record["events"]["produced"][0])
        keyed = await client.start("arvo.orc.counter", {"goal": 1}, key="order 42", source="com.shop.till")
        done = start_count(goal=0)
        await client.execute(done)
        await client.result(done.subject)
        everything = [parent.subject, child.subject, keyed.subject, done.subject]
        await found(client, everything, status="all", **here)
        await found(client, everything[:3], **here)
        await found(client, [done.subject], status="closed", **here)
        await found(client, [child.subject, keyed.subject], orchestrator="arvo.orc.counter", **here)
        await found(client, [], version="2.0.0", **here)
        await found(client, everything[:3], version="1.0.0", **here)
        (summary,) = await found(client, [keyed.subject], key="order 42", **here)
        await found(client, [child.subject], parent=parent.subject, **here)
        await found(client, [child.subject], parent=workflow_id(parent.subject), **here)
        await found(client, [parent.subject, child.subject], root=parent.subject, **here)
        await found(client, [parent.subject], state="waiting", **here)
        await found(client, [child.subject, keyed.subject], state="counting", **here)
        await found(client, [], state="counting", in_state_for=timedelta(hours=1), **here)
        await found(client, [parent.subject], state="waiting", in_state_for=timedelta(milliseconds=1), **here)
        await found(client, [], older_than=timedelta(hours=1), **here)
        await found(client, everything[:3], older_than=timedelta(milliseconds=1), **here)
        assert len(await listed(client, limit=2, **here)) == 2
        await client.deliver(counted(keyed.subject))
        await client.result(keyed.subject)
        for _ in range(2):
            await client.execute(counted(child.subject))
        await client.result(parent.subject)
    assert (summary.orchestrator, summary.version, summary.key) == ("arvo.orc.counter", "1.0.0", "order 42")
    assert (summary.initiator, summary.parent, summary.root) == ("com.shop.till", None, None)
    assert (summary.status, summary.state, summary.trouble) == ("running", ("counting",), ())
    assert summary.started.tzinfo is not None
    assert summary.to_json()["state"] == ["counting"]
    assert "closed" not in summary.to_json()


async def test_what_is_stuck_is_found_with_the_kind_of_its_trouble(known: DevServer, queue: str) -> None:
    here = {"query": f"TaskQueue = '{queue}'"}
    app = ArvoApp(
        orchestrators=[*counter_app().orchestrators.values(), errands()], handlers=[courier(RuntimeError("down"))]
    )
    async with deployed(known, app, queue) as client:
        fine, refused, failed = start_count(goal=1), start_count(goal=1), errand()
        for init in (fine, refused, failed):
            await client.deliver(init)
        await client.deliver(half(refused.subject))
        await in_trouble(client, refused, "refused")
        await in_trouble(client, failed, "unhandled", "failed")
        both = await found(client, [refused.subject, failed.subject], trouble=True, **here)
        await found(client, [refused.subject], trouble="refused", **here)
        await found(client, [failed.subject], trouble="unhandled", **here)
        await found(client, [failed.subject], trouble="failed", **here)
        await found(client, [], trouble="no-worker", orchestrator="arvo.orc.counter", **here)
    assert {one.orchestrator: one.trouble for one in both} == {
        "arvo.orc.counter": ("refused",),
        "arvo.orc.errand": ("unhandled", "failed"),
    }


async def test_one_that_no_worker_serves_is_stuck(known: DevServer, queue: str) -> None:
    client = ArvoClient(await Client.connect(known.address), counter_app(), task_queue=queue)
    init = start_count(goal=1)
    await client.deliver(init)
    here = {"query": f"TaskQueue = '{queue}'"}
    (seen,) = await found(client, [init.subject], trouble="no-worker", **here)
    assert seen.trouble == ("no-worker",)
    await found(client, [init.subject], trouble=True, **here)
    (seen,) = await found(client, [init.subject], **here)
    assert seen.trouble == ("no-worker",)
    async with deployed(known, counter_app(), queue) as served:
        await served.execute(counted(init.subject))
        assert await listed(served, trouble="no-worker", **here) == []


@pytest.mark.parametrize("lists_problems", [True, False])
async def test_one_whose_task_keeps_failing_is_stuck(
    known: DevServer, queue: str, monkeypatch: pytest.MonkeyPatch, *, lists_problems: bool
) -> None:
    """A server that does not list them is asked about each."""
    init = start_count(goal=1)
    here = {"query": f"TaskQueue = '{queue}'"}
    if not lists_problems:

        async def less(_: ListingClient) -> ServerKnows:
            return ServerKnows(attributes=True, problems=False)

        monkeypatch.setattr(ListingClient, "_server_knows", less)
    async with deployed(known, ArvoApp(orchestrators=[errands()]), queue) as client:
        await ArvoClient(client.client, counter_app(), task_queue=queue).deliver(init)
        if lists_problems:
            await found(client, [init.subject], trouble="task-failing", **here)
        else:
            with pytest.raises(ListError, match="does not list workflows whose task keeps failing"):
                await client.count(trouble="task-failing")
        (seen,) = await eventually(
            lambda: listed(client, **here), lambda some: "task-failing" in some[0].trouble if some else False
        )
    assert seen.workflow_id == workflow_id(init.subject)


async def test_what_a_schedule_starts_is_found_too(known: DevServer, queue: str) -> None:
    async with deployed(known, counter_app(), queue) as client:
        schedule = await client.schedules.create(
            "arvo.orc.counter", {"goal": 0}, timedelta(days=9), id=queue, source="com.nightly.run"
        )
        await schedule.trigger()
        (seen,) = await eventually(
            lambda: listed(client, status="all", query=f"ArvoInitiator = 'com.nightly.run' AND TaskQueue = '{queue}'"),
            lambda some: len(some) == 1,
        )
        await eventually(lambda: listed(client, query=f"TaskQueue = '{queue}'"), lambda some: not some)
    assert seen.key is not None
    assert seen.key.startswith(queue)


async def test_what_a_server_without_attributes_can_answer_it_answers(bare: DevServer, queue: str) -> None:
    here = {"query": f"TaskQueue = '{queue}'"}
    async with deployed(bare, supervisor_app(), queue) as client:
        parent = supervise(goal=1)
        await client.execute(parent)
        record = await client.record(parent.subject)
        assert record is not None
        child = ArvoEvent.from_json(record["events"]["produced"][0])
        keyed = await client.start("arvo.orc.counter", {"goal": 1}, key="order 42/O'Brien")
        everything = [parent.subject, child.subject, keyed.subject]
        await found(client, everything, **here)
        await found(client, everything, version="1.0.0", **here)
        await found(client, [], version="1.0.1", **here)
        await found(client, [child.subject, keyed.subject], orchestrator="arvo.orc.counter", **here)
        (summary,) = await found(client, [keyed.subject], key="order 42/O'Brien", **here)
        (of_child,) = await found(client, [child.subject], parent=parent.subject, **here)
        await found(client, [parent.subject, child.subject], root=parent.subject, **here)
        assert len(await listed(client, version="1.0.0", limit=2, **here)) == 2
        wanted: list[Filters] = [
            {"state": "counting"},
            {"trouble": True},
            {"trouble": "refused"},
            {"in_state_for": timedelta(days=1)},
        ]
        for filters in wanted:
            with pytest.raises(ListError, match=r"no search attributes for them\. To fix:  arvo-temporal setup"):
                await client.count(**filters)
        await client.execute(counted(keyed.subject))
        await client.execute(counted(child.subject))
        await client.result(parent.subject)
    assert (summary.key, summary.version) == ("order 42/O'Brien", "1.0.0")
    assert of_child.parent == workflow_id(parent.subject)


async def test_an_orchestration_is_listed_once_however_many_runs_it_has_and_ends(known: DevServer, queue: str) -> None:
    init, ended, here = start_count(goal=4), start_count(goal=4), f"TaskQueue = '{queue}'"
    async with deployed(known, counter_app(Limits(deliveries_per_run=1)), queue) as client:
        for event in (init, ended, *(counted(init.subject) for _ in range(4))):
            await client.execute(event)
        await client.result(init.subject)
        await client.client.get_workflow_handle(workflow_id(ended.subject)).terminate()
        await eventually(lambda: client.client.count_workflows(here), lambda seen: seen.count > 3)
        for status in ("all", "closed"):
            await found(client, [init.subject, ended.subject], status=status, query=here)


async def test_a_query_that_the_server_does_not_take_is_told(known: DevServer) -> None:
    client = ArvoClient(await Client.connect(known.address))
    for query in ("Nonsense = 1", "WorkflowId =", "WorkflowId = 'x' ORDER BY StartTime"):
        with pytest.raises(ListError, match="does not take this list"):
            await listed(client, query=query)


@pytest.mark.parametrize("filters", [{"trouble": "bad luck"}, {"status": "ajar"}])
async def test_what_there_is_not_is_told(known: DevServer, filters: Any) -> None:
    client = ArvoClient(await Client.connect(known.address))
    with pytest.raises(ListError):
        await listed(client, **filters)


KEYS = ("O'Brien", 'a"b', "back\\slash", "' OR '1'='1", "tab\there", "end\\", "Größe", "\u202egnol", "100%", "x" * 300)


async def test_keys_of_any_characters_are_found_and_no_others(known: DevServer, queue: str) -> None:
    client = ArvoClient(await Client.connect(known.address, plugins=[ArvoPlugin(counter_app())]), counter_app())
    started = {key: (await client.start("arvo.orc.counter", {"goal": 1}, key=f"{key}{queue}")).subject for key in KEYS}
    for key, subject in started.items():
        await found(client, [subject], key=f"{key}{queue}")


async def test_lists_hold_few_at_a_time_and_go_on_over_pages(known: DevServer, queue: str) -> None:
    client = ArvoClient(await Client.connect(known.address), counter_app(), task_queue=queue)
    await asyncio.gather(*(client.deliver(start_count(goal=1)) for _ in range(120)))
    here: Filters = {"query": f"TaskQueue = '{queue}'"}
    await eventually(lambda: client.count(**here), lambda number: number == 120)
    assert len({one.workflow_id for one in await listed(client, **here)}) == 120


ANY_TEXT = st.text(st.characters(exclude_categories=()), min_size=1, max_size=40)
NAMES = ("orchestrator", "version", "state", "key")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, ANY_TEXT)), st.booleans())
def test_no_text_leaves_its_quotation_marks(filters: Any, attributes: bool) -> None:
    if not attributes:
        filters.pop("state", None)
    text = list_query(filters, ServerKnows(attributes=attributes, problems=True), now=NOW).text
    outside = text.split("'")[::2]
    known = {"WorkflowId STARTS_WITH ", " AND ExecutionStatus = ", " AND WorkflowType = ", ""}
    assert set(outside) <= known | {f" AND Arvo{name} = " for name in ("State", "Version", "ExecutionId")}
    assert text.isprintable()
    assert not set(text) & set('"\\`')


@given(st.timedeltas())
def test_any_span_is_a_time(span: timedelta) -> None:
    text = list_query({"older_than": span}, ServerKnows(attributes=True, problems=True), now=NOW).text
    moment = datetime.fromisoformat(text.rpartition(" < ")[2].strip("'"))
    assert moment.year >= 1970


@given(ANY_TEXT.filter(lambda text: ";" not in text))
def test_a_workflow_id_tells_the_key_that_is_in_it(key: str) -> None:
    init = start_count(goal=1)
    parts = id_parts(workflow_id(init.subject))
    assert parts is not None
    assert (parts.orchestrator, parts.version) == ("arvo.orc.counter", "1.0.0")
    assert id_parts(f"arvo.outbox-1/{workflow_id(init.subject)}") is None
    assert id_parts(key) is None or key.startswith("arvo.orc.")

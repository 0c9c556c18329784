"""What a client shows of an orchestration: its own word, that of the server, and its children."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import uuid4

import pytest

from arvo_temporal import (
    ArvoApp,
    ArvoClient,
    Limits,
    OrchestrationNotFoundError,
    ShownOrchestration,
    workflow_id,
)
from arvo_temporal.client import Filters
from examples.encryption.codec import AesGcmCodec, keys_from
from examples.encryption.new_key import new_key
from tests.apps import counted, counter_app, start_count
from tests.brood import brood_app, start_brood
from tests.conftest import Serve
from tests.nest import nest_app, start_nest
from tests.parcels import SECRET, approved, at_once, never, parcel, parcel_app
from tests.polling import eventually


async def shown(client: ArvoClient, subject: str, wanted: Callable[[ShownOrchestration], object]) -> ShownOrchestration:
    return await eventually(lambda: client.show(subject), lambda one: bool(wanted(one)))


async def test_tries_and_children_come_from_the_server(serve: Serve) -> None:
    init = parcel(str(uuid4()))
    async with serve(parcel_app(never)) as client:
        await client.execute(init)
        one = await shown(
            client,
            init.subject,
            lambda one: (
                one.children and one.children[0].view and [bool(tried.failure) for tried in one.tries] == [True]
            ),
        )
    assert (one.workflow_id, one.type, one.status) == (workflow_id(init.subject), "arvo.orc.parcel", "running")
    assert one.view is not None
    assert one.view.status == "active"
    ((tried),) = one.tries
    assert (tried.type, tried.most) == ("com.pay.charge", None)
    assert tried.attempt >= 1
    assert "ConnectionError: the bank is [red]down[/red] \\u202e" in (tried.failure or "")
    (child,) = one.children
    assert (child.type, child.status) == ("arvo.orc.counter", "running")
    assert child.view is not None
    assert child.view.parent == one.workflow_id
    assert [state.path for state in child.view.states] == ["counting"]
    assert one.troubles == ()
    assert str(SECRET) not in one.model_dump_json()


async def test_a_trouble_of_a_child_is_seen_from_its_parent(serve: Serve) -> None:
    init = parcel(str(uuid4()))
    async with serve(parcel_app(never)) as client:
        await client.execute(init)
        one = await shown(client, init.subject, lambda one: one.children and one.children[0].view)
        child = one.children[0].workflow_id
        await client.client.get_workflow_handle(child).signal("deliver", "no event")
        one = await shown(client, init.subject, lambda one: one.children[0].troubles)
    (trouble,) = one.children[0].troubles
    assert (trouble.kind, trouble.event) == ("refused", None)
    assert trouble.cure == f"arvo-temporal dismiss {child}"
    assert [member.workflow_id for member in one.family()] == [one.workflow_id, child]


async def test_without_a_worker_the_view_is_rebuilt_and_the_lack_is_trouble(serve: Serve) -> None:
    init, app = start_count(goal=2), counter_app()
    async with serve(app) as client:
        await client.execute(init)
    elsewhere = ArvoApp(orchestrators=app.orchestrators.values(), task_queue=app.task_queue)
    one = await ArvoClient(client.client, elsewhere).show(init.subject)
    assert one.view is not None
    assert [state.path for state in one.view.states] == ["counting"]
    assert "No worker answers" in (one.unanswered or "")
    blind = await ArvoClient(client.client).show(init.subject)
    assert blind.view is None
    assert "No worker answers" in (blind.unanswered or "")


async def test_an_orchestration_whose_task_queue_nobody_serves_says_so(serve: Serve) -> None:
    init = start_count(goal=2)
    async with serve(counter_app()) as client:
        sender = ArvoClient(client.client, task_queue=f"nobody-{uuid4()}")
        await sender.deliver(init)
        one = await sender.show(init.subject)
    (trouble,) = one.troubles
    assert trouble.kind == "no-worker"
    assert trouble.cure == "arvo-temporal worker MODULE:APP"
    assert one.view is None


async def test_a_workflow_task_that_keeps_failing_is_trouble_with_its_reason(serve: Serve) -> None:
    init, app = start_count(goal=2), counter_app()
    async with serve(app) as client:
        await client.execute(init)
    app_orchestrators, app.orchestrators = app.orchestrators, {}
    try:
        async with serve(app) as client:
            await client.client.get_workflow_handle(workflow_id(init.subject)).signal("deliver", "x")
            one = await shown(ArvoClient(client.client), init.subject, lambda one: one.troubles)
    finally:
        app.orchestrators = app_orchestrators
    (trouble,) = one.troubles
    assert trouble.kind == "task-failing"
    assert "its workflow task has failed" in (trouble.reason or "")
    assert "This worker has no orchestrator 'arvo.orc.counter' of version 1.0.0" in (trouble.reason or "")
    assert trouble.cure == "arvo-temporal check-deploy MODULE:APP"


async def test_a_closed_one_and_its_child_are_shown_too(serve: Serve) -> None:
    init, app = parcel(str(uuid4())), parcel_app(at_once)
    async with serve(app) as client:
        await client.execute(init)
        await client.execute(approved(init.subject))
        one = await shown(client, init.subject, lambda one: one.children and one.children[0].view)
        assert one.children[0].view is not None
        await client.execute(counted(await subject_of(client, one.children[0].workflow_id)))
        await client.result(init.subject)
    one = await client.show(init.subject)
    assert (one.status, one.troubles, one.unanswered) == ("completed", (), None)
    assert one.closed is not None
    assert one.view is not None
    assert (one.view.status, one.view.accepts, one.view.timers) == ("done", (), ())
    assert [state.path for state in one.view.states] == ["over"]
    assert [(child.type, child.status) for child in one.children] == [("arvo.orc.counter", "completed")]


async def subject_of(client: ArvoClient, identity: str) -> str:
    record = await client.record(identity)
    assert record is not None
    return record["subject"]


async def test_of_many_children_some_are_shown_and_that_there_are_more(serve: Serve) -> None:
    running, ended = start_brood(many=22), start_brood(many=22, goal=0)
    async with serve(brood_app()) as client:
        for init in (running, ended):
            await client.execute(init)
            here: Filters = {"parent": init.subject, "status": "all"}
            await eventually(partial(client.count, **here), lambda count: count == 22)
        of_running = await client.show(running.subject)
        of_ended = await shown(client, ended.subject, lambda one: one.view and not one.view.emissions)
    assert (len(of_running.children), of_running.more_children) == (22, False)
    assert (len(of_ended.children), of_ended.more_children) == (20, True)


async def test_the_runs_of_a_child_hide_none_of_its_siblings(serve: Serve) -> None:
    init = start_brood(many=2)
    async with serve(brood_app(Limits(deliveries_per_run=1))) as client:
        await client.execute(init)
        one = await shown(client, init.subject, lambda one: len(one.children) == 2)
        goes_on, ended = (child.workflow_id for child in one.children)
        await client.client.get_workflow_handle(ended).terminate()
        subject, query = await subject_of(client, goes_on), f"WorkflowId = '{goes_on}'"
        for _ in range(25):
            await client.execute(counted(subject, by=0))

        async def runs() -> int:
            return (await client.client.count_workflows(query)).count

        await eventually(runs, lambda count: count > 20)
        one = await client.show(init.subject)
    assert sorted((child.workflow_id, child.status) for child in one.children) == sorted(
        [(goes_on, "running"), (ended, "terminated")]
    )
    assert not one.more_children


async def test_what_is_nested_deeper_than_is_shown_is_said_to_be_there(serve: Serve) -> None:
    init = start_nest()
    async with serve(nest_app(Limits(nesting=7))) as client:
        await client.deliver(init)
        await client.result(init.subject)
        await eventually(lambda: client.count(root=init.subject, status="all"), lambda count: count == 8)
        one = await client.show(init.subject)
    family = list(one.family())
    assert [bool(member.children) for member in family] == [True] * 5 + [False]
    assert [member.more_children for member in family] == [False] * 5 + [True]


async def test_one_that_was_terminated_says_where_it_stood(serve: Serve) -> None:
    init = start_count(goal=2)
    async with serve(counter_app()) as client:
        await client.execute(init)
        await client.client.get_workflow_handle(workflow_id(init.subject)).terminate()
    one = await client.show(init.subject)
    assert one.status == "terminated"
    assert one.view is not None
    assert [state.path for state in one.view.states] == ["counting"]


async def test_what_is_encrypted_takes_the_key(serve: Serve) -> None:
    init, app = start_count(goal=2), counter_app()
    app.codec = AesGcmCodec(keys_from(new_key()))
    async with serve(app) as client:
        await client.execute(init)
        one = await client.show(init.subject)
    assert one.view is not None
    assert [state.path for state in one.view.states] == ["counting"]


async def test_what_the_server_does_not_know_is_said(serve: Serve) -> None:
    async with serve(counter_app()) as client:
        with pytest.raises(OrchestrationNotFoundError):
            await client.show(start_count(goal=1).subject)

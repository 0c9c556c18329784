"""Changed code against histories: `check_run`, `arvo-temporal check-deploy` and `arvo-temporal replay`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapter.errors import EventFileError
from adapter.memo import KEPT
from arvo import ArvoEvent
from arvo_temporal import ArvoApp, ArvoClient, Limits, workflow_id
from arvo_temporal.dev_server.server import DevServer
from arvo_temporal.replay.check import RunCheck, check_run
from arvo_temporal.replay.deploy_check import _check, checks_on_server, history_from_file, running_query
from arvo_temporal.replay.runs import runs_of
from examples.encryption.codec import AesGcmCodec, keys_from
from examples.encryption.new_key import new_key
from tests.arvo_temporal.cli.commands import ARVO_TEMPORAL, run
from tests.cli import temporal
from tests.conftest import Serve
from tests.polling import eventually
from tests.trips import STATES, arrived, book, said, start_trip, trip_app, trip_machine

WRONG = {"data": {"text": 1}}


async def travelled(client: ArvoClient, init: ArvoEvent) -> None:
    """Take a trip to where it waits for the desk's last word; a refused event is on its way."""
    await client.execute(init)
    await client.deliver(ArvoEvent.from_json({**said(init.subject, "noted").to_json(), **WRONG}))
    await client.deliver(said(init.subject))
    await arrived(client, init.subject, "travelling")


async def checked(client: ArvoClient, init: ArvoEvent, app: ArvoApp) -> RunCheck:
    (history,) = await runs_of(client.client, workflow_id(init.subject))
    return await check_run(app, history, client.client)


@pytest.fixture
async def trip(serve: Serve) -> tuple[ArvoClient, ArvoEvent]:
    """A client, and the init event of a trip that waits in `travelling`, with no worker running."""
    init = start_trip()
    async with serve(trip_app()) as client:
        await travelled(client, init)
    return client, init


LOST: Mapping[str, Any] = {"approving": {"on": {"evt.desk.noted": {"actions": "note"}}}, "lost": {"after": {9: "over"}}}
DIFFERING = [
    pytest.param(
        {"states": LOST},
        ["Step 2 (evt.desk.approved)", "the history has activity 'com.hotel.book'", "this code gives nothing"],
        [
            "same version 1.0.0",
            "state approving: on evt.desk.approved was removed",
            "state lost was added",
        ],
        id="a transition is gone",
    ),
    pytest.param(
        {"states": {"approving": {**STATES["approving"], "after": {1000: "over"}}}},
        ["Step 1 (arvo.orc.trip)", "this code gives a timer"],
        ["state approving: after 1000 was added"],
        id="a timer is new",
    ),
    pytest.param(
        {"actions": {"book": book("hostel")}},
        ["Step 2", "activity 'com.hotel.book'", "this code gives activity 'com.hostel.book'"],
        ["is the one that this run began with"],
        id="an action sends something else",
    ),
    pytest.param(
        {"is_short": lambda: False},
        ["Step 2", "the history has activity 'com.hotel.book'", "this code gives nothing"],
        ["a guard"],
        id="a guard says no",
    ),
    pytest.param(
        {"actions": {"book": lambda: 1 // 0}},
        ["Step 2 (evt.desk.approved) differs", "the present code raises ZeroDivisionError"],
        ["Deploy code that does what was done"],
        id="an action throws",
    ),
    pytest.param(
        {"version": "2.0.0"},
        ["The beginning differs", "no orchestrator 'arvo.orc.trip' of version 1.0.0"],
        ["Deploy a worker"],
        id="the version is gone",
    ),
]


@pytest.mark.parametrize(("change", "difference", "cause"), DIFFERING)
async def test_it_says_which_step_differs_and_why(
    trip: tuple[ArvoClient, ArvoEvent], change: Mapping[str, Any], difference: list[str], cause: list[str]
) -> None:
    found = await checked(*trip, trip_app(trip_machine(**change)))
    assert found.difference is not None
    assert [text for text in difference if text not in str(found.difference)] == []
    assert [text for text in cause if text not in found.explanation()] == []


async def test_a_change_that_replays_well_is_no_difference_but_is_told(trip: tuple[ArvoClient, ArvoEvent]) -> None:
    same = await checked(*trip, trip_app())
    assert (same.difference, same.changed, same.steps) == (None, None, 3)
    described = {**STATES["booking"], "description": "wait for the hotel", "meta": {"owner": "travel"}}
    assert (await checked(*trip, trip_app(trip_machine(states={"booking": described})))).changed is None
    noted = {**STATES["booking"], "entry": ["note", "book"]}
    compatible = await checked(*trip, trip_app(trip_machine(states={"booking": noted})))
    assert compatible.difference is None
    assert 'state booking: entry was "book", is now ["note", "book"]' in str(compatible.changed)


async def test_of_a_definition_too_long_to_be_remembered_it_says_that_it_changed(serve: Serve) -> None:
    init = start_trip()
    noise = "".join(f"{number * 7919 % 1_000_003:x}" for number in range(2 * KEPT))
    async with serve(trip_app(trip_machine(description=noise))) as client:
        await travelled(client, init)
    found = await checked(client, init, trip_app(trip_machine(states=LOST)))
    assert found.difference is not None
    assert "too long to be remembered" in found.explanation()


async def test_what_the_code_raises_can_be_read_where_the_app_has_a_codec(serve: Serve) -> None:
    init, app = start_trip(), trip_app()
    app.codec = AesGcmCodec(keys_from(new_key()))
    async with serve(app) as client:
        await travelled(client, init)
    for change, text in (
        ({"version": "2.0.0"}, "no orchestrator 'arvo.orc.trip' of version 1.0.0"),
        ({"actions": {"book": lambda: 1 // 0}}, "the present code raises ZeroDivisionError"),
        ({"states": LOST}, "the history has activity 'com.hotel.book', this code gives nothing"),
    ):
        changed = trip_app(trip_machine(**change))
        changed.codec = app.codec
        assert text in str((await checked(client, init, changed)).difference)


async def test_each_run_of_a_long_one_can_be_checked(server: DevServer, serve: Serve) -> None:
    init, app = start_trip(), trip_app(limits=Limits(deliveries_per_run=3))
    async with serve(app) as client:
        await client.execute(init)
        for _ in range(7):
            await client.execute(said(init.subject, "noted"))
        await client.execute(said(init.subject))
    await eventually(lambda: runs_of(client.client, workflow_id(init.subject)), lambda runs: len(runs) > 2)
    query = f"ExecutionStatus = 'Running' AND TaskQueue = '{app.task_queue}'"
    newest = [check async for check in checks_on_server(app, client.client, query)]
    every = [check async for check in checks_on_server(app, client.client, query, all_runs=True)]
    assert len(newest) == 1
    assert len(every) == len(await runs_of(client.client, workflow_id(init.subject)))
    assert [check.difference for check in every] == [None] * len(every)


@pytest.mark.parametrize("all_runs", [False, True])
async def test_what_was_deleted_since_it_was_listed_is_left_out(
    trip: tuple[ArvoClient, ArvoEvent], *, all_runs: bool
) -> None:
    client, init = trip
    listed = await client.client.get_workflow_handle(workflow_id(init.subject)).describe()
    deleted = replace(listed, id=workflow_id(start_trip().subject))
    assert await _check(trip_app(), client.client, deleted, all_runs=all_runs) == []
    assert len(await _check(trip_app(), client.client, listed, all_runs=all_runs)) == 1


async def test_the_command_checks_what_is_on_the_server(server: DevServer, serve: Serve) -> None:
    inits, app = [start_trip(), start_trip()], trip_app()
    async with serve(app) as client:
        for init in inits:
            await travelled(client, init)
    query = f"TaskQueue = '{app.task_queue}'"
    await eventually(lambda: client.client.count_workflows(query), lambda found: found.count == 2)
    code, output = await command(server, "check-deploy", "tests.trips:cheaper", "--query", query, "--limit", "1")
    assert code == 1, output
    assert workflow_id(inits[1].subject) in output
    assert "Step 2 (evt.desk.approved) differs" in output
    assert "this code gives activity 'com.hostel.book'" in output
    assert "newest 1 of 2" in output
    assert "1 checked, 0 fine, 1 would not go on" in output


def test_by_default_it_is_what_runs_of_the_types_of_the_app() -> None:
    assert running_query(trip_app()) == "ExecutionStatus = 'Running' AND WorkflowType IN ('arvo.orc.trip')"


async def test_the_command_checks_histories_in_files(
    server: DevServer, trip: tuple[ArvoClient, ArvoEvent], tmp_path: Path
) -> None:
    _, init = trip
    file = tmp_path / "trip.json"
    arguments = ("workflow", "show", "--workflow-id", workflow_id(init.subject), "--output", "json")
    file.write_text(await temporal(server, *arguments))
    code, output = await command(server, "replay", "tests.trips:dearer", str(file))
    assert code == 0, output
    assert workflow_id(init.subject) in output
    assert "fine, with a changed machine" in output
    assert "1 checked, 1 fine" in output


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", '{"events": [{}]}', '{"events": [{"eventId": "x"}]}', "[" * 100_000]
)
def test_a_file_without_a_history_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "bad.json"
    file.write_text(text)
    with pytest.raises(EventFileError, match=r"bad\.json"):
        history_from_file(file)


async def command(server: DevServer, *arguments: str) -> tuple[int, str]:
    return await run(*ARVO_TEMPORAL, *arguments, environment={"TEMPORAL_ADDRESS": server.address})

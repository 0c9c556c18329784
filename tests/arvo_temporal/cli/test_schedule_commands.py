"""`arvo-temporal schedule`, as processes: schedules are made, looked at, triggered, paused and deleted."""

from __future__ import annotations

import json
import shlex
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import (
    Client,
    ScheduleActionExecutionStartWorkflow,
    ScheduleActionStartWorkflow,
    ScheduleOverlapPolicy,
)

from arvo_temporal import ArvoApp, ArvoClient
from arvo_temporal.dev_server.server import DevServer
from examples.encryption.codec import AesGcmCodec, keys_from
from examples.encryption.new_key import new_key
from tests.apps import counter_app
from tests.arvo_temporal.cli.commands import ARVO_TEMPORAL, ROOT, run
from tests.conftest import Serve
from tests.polling import eventually

COUNTER = "arvo.orc.counter"
CREATE = ("create", "tests.apps:app", COUNTER)
ENCRYPTED = """
from examples.encryption.codec import AesGcmCodec, keys_from
from tests.apps import counter_app

app = counter_app()
app.codec = AesGcmCodec(keys_from("{key}"))
"""


async def command(
    server: DevServer, *arguments: str, queue: str = "counts", cwd: Path | None = None
) -> tuple[int, str]:
    environment = {"TEMPORAL_ADDRESS": server.address, "ARVO_TASK_QUEUE": queue}
    return await run(*ARVO_TEMPORAL, "schedule", *arguments, environment=environment, **({"cwd": cwd} if cwd else {}))


async def description(server: DevServer, name: str) -> dict[str, Any]:
    code, said = await command(server, "describe", name)
    assert code == 0, said
    parsed: dict[str, Any] = json.loads(said)
    return parsed


@pytest.fixture
def name() -> str:
    return f"s-{uuid4()}"


async def actions(client: ArvoClient, name: str, count: int) -> None:
    """Wait until a schedule has started so many workflows."""
    handle = client.schedules.handle(name)
    await eventually(handle.describe, lambda seen: len(seen.info.recent_actions) >= count)


async def have_ended(client: ArvoClient, name: str) -> None:
    """Wait until the workflows that a schedule has started have ended."""
    for started in (await client.schedules.handle(name).describe()).info.recent_actions:
        assert isinstance(started.action, ScheduleActionExecutionStartWorkflow)
        await client.client.get_workflow_handle(started.action.workflow_id).result()


async def is_listed(client: ArvoClient, *names: str) -> None:
    """Wait until the server lists schedules, which takes it a moment."""

    async def look() -> set[str]:
        return {listed.id async for listed in client.schedules.list()}

    await eventually(look, lambda seen: seen >= set(names))


async def test_a_schedule_lives_from_the_shell(server: DevServer, serve: Serve, name: str) -> None:
    app = counter_app()
    async with serve(app) as client:
        options = ("--id", name, "--every", "1h", "--paused", "--note", "a trial", "--data", '{"goal": 0}')
        assert await command(server, *CREATE, *options, queue=app.task_queue) == (0, f"created  {name}\n")
        await is_listed(client, name)
        _, said = await command(server, "list")
        (line,) = [line.split() for line in said.splitlines() if line.startswith(name)]
        assert (line[1:3], line[-3:]) == ([COUNTER, "1.0.0"], ["paused", "a", "trial"])
        assert (
            datetime.fromisoformat(line[3]) in (await client.schedules.handle(name).describe()).info.next_action_times
        )
        assert await command(server, "trigger", name) == (0, f"triggered  {name}\n")
        await actions(client, name, 1)
        seen = await description(server, name)
        assert (seen["orchestration"], seen["data"]["goal"]) == (f"{COUNTER} 1.0.0", 0)
        assert (seen["paused"], seen["note"], seen["overlap"]) == (True, "a trial", "SKIP")
        (recent,) = seen["recent"]
        assert recent["workflow_id"].startswith(f"arvo.schedule/{name}-")
        assert (await client.result(recent["orchestration"]))["state"]["output"]["total"] == 0
        handle = client.schedules.handle(name)
        assert await command(server, "unpause", name, "--note", "on") == (0, f"unpaused  {name}\n")
        state = (await handle.describe()).schedule.state
        assert (state.paused, state.note) == (False, "on")
        assert await command(server, "pause", name, "--note", "enough") == (0, f"paused  {name}\n")
        state = (await handle.describe()).schedule.state
        assert (state.paused, state.note) == (True, "enough")
    assert await command(server, "delete", name) == (0, f"deleted  {name}\n")
    assert (await command(server, "describe", name))[0] == 1


async def test_its_options_are_those_of_the_schedule(server: DevServer, name: str) -> None:
    when = ("--cron", "0 9 * * 1-5", "--timezone", "Europe/Berlin", "--every", "90s", "--jitter", "10s")
    how = (
        "--overlap",
        "BufferOne",
        "--catchup-window",
        "5 minutes",
        "--pause-on-failure",
        "--execution-timeout",
        "2h",
    )
    who = ("--source", "com.test.ours")
    code, said = await command(server, *CREATE, "--id", name, *when, *how, *who, "--data", '{"goal": 1}')
    assert code == 0, said
    assert (await description(server, name))["source"] == "com.test.ours"
    handle = (await Client.connect(server.address)).get_schedule_handle(name)
    schedule = (await handle.describe()).schedule
    await handle.delete()
    spec = schedule.spec
    assert (spec.time_zone_name, [interval.every.total_seconds() for interval in spec.intervals]) == (
        "Europe/Berlin",
        [90.0],
    )
    assert spec.jitter is not None
    assert spec.jitter.total_seconds() == 10
    assert [calendar.day_of_week[0].start for calendar in spec.calendars] == [1]
    policy = schedule.policy
    assert policy.overlap is ScheduleOverlapPolicy.BUFFER_ONE
    assert policy.catchup_window is not None
    assert (policy.catchup_window.total_seconds(), policy.pause_on_failure) == (300, True)
    action = schedule.action
    assert isinstance(action, ScheduleActionStartWorkflow)
    assert (action.execution_timeout, action.task_queue) == (timedelta(hours=2), "counts")


async def test_the_past_is_made_up_for_once(server: DevServer, serve: Serve, name: str) -> None:
    app = counter_app()
    span = ("--start-time", "2026-01-01T00:00:00Z", "--end-time", "2026-01-01T02:00:00+00:00", "--overlap", "AllowAll")
    async with serve(app) as client:
        hourly = ("--id", name, "--every", "1h", "--data", '{"goal": 0}')
        await command(server, *CREATE, *hourly, queue=app.task_queue)
        for times in (3, 6):
            assert await command(server, "backfill", name, *span) == (0, f"backfilled  {name}\n")
            await actions(client, name, times)
            await have_ended(client, name)  # a workflow that is open has its id for itself
        identities = {recent["orchestration"] for recent in (await description(server, name))["recent"]}
        assert len(identities) == 3
        for identity in identities:
            await client.result(identity)
        await client.schedules.handle(name).delete()


async def test_the_commands_of_the_documentation_run_as_written(server: DevServer) -> None:
    page = (ROOT / "docs/operations.md").read_text().replace("\\\n", " ")
    commands = [shlex.split(line)[2:] for line in page.splitlines() if line.startswith("    arvo-temporal schedule ")]
    assert {arguments[0] for arguments in commands} == {
        *("create", "list", "describe", "trigger", "pause", "unpause", "backfill", "delete")
    }
    for arguments in commands:
        code, said = await command(server, *arguments)
        assert code == 0, said


GOOD = ("--every", "1h", "--data", '{"goal": 1}')
YEARLY = ("--cron", "0 0 1 1 *", "--data", '{"goal": 1}')
WRONG = [
    pytest.param((*CREATE, "--every", "1h", "--data", '{"goal": "much"}'), 1, "goal: Input should be", id="data"),
    pytest.param((*CREATE, "--every", "1h", "--data", "goal"), 2, "is no JSON", id="no JSON"),
    pytest.param((*CREATE, "--every", "1h", "--data", "[1]"), 2, "is no JSON object", id="no object"),
    pytest.param((*CREATE, "--every", "1h"), 2, "Missing option '--data'", id="no data"),
    pytest.param((*CREATE, "--data", '{"goal": 1}'), 2, "--every 1h", id="no time"),
    pytest.param((*CREATE, "--every", "soon", "--data", '{"goal": 1}'), 2, "'soon' is no time", id="span"),
    pytest.param((*CREATE, "--every", "-1h", "--data", '{"goal": 1}'), 2, "is no time", id="negative"),
    pytest.param((*CREATE, "--cron", "noon", "--data", '{"goal": 1}'), 1, "CronString", id="cron"),
    pytest.param((*CREATE, *YEARLY, "--timezone", "Mars/Base"), 1, "unknown time zone Mars/Base", id="zone"),
    pytest.param((*CREATE, *GOOD, "--timezone", "Europe/Berlin"), 2, "--timezone is that of --cron", id="no cron"),
    *[
        pytest.param(
            (*CREATE, "--id", "never", *times, "--data", '{"goal": 1}'), 1, f"Correct '{times[1]}'", id=times[1]
        )
        for times in (("--cron", "0 0 30 2 *"), ("--cron", "0 0 1 1 * 2020", "--paused"))
    ],
    pytest.param(("describe", "never"), 1, "no schedule 'never'", id="not made"),
    pytest.param((*CREATE, *GOOD, "--overlap", "Never"), 2, "'Never' is not one of", id="overlap"),
    pytest.param(("create", "tests.apps:app", "arvo.orc.nobody", *GOOD), 1, "arvo.orc.nobody", id="orchestrator"),
    pytest.param(("create", "tests.apps:app", f"{COUNTER}/9.0.0", *GOOD), 1, "no version '9.0.0'", id="version"),
    pytest.param(("create", "tests.apps:nothing", COUNTER, *GOOD), 1, "has no 'nothing'", id="app"),
    *[pytest.param((verb, "nix"), 1, "no schedule 'nix'", id=verb) for verb in ("describe", "pause", "unpause")],
    *[pytest.param((verb, "nix"), 1, "no schedule 'nix'", id=verb) for verb in ("trigger", "delete")],
    pytest.param(
        ("backfill", "nix", "--start-time", "2026-01-01", "--end-time", "2026-01-01T02:00:00Z"),
        2,
        "no time with an offset",
        id="backfill",
    ),
    pytest.param(
        ("backfill", "nix", "--start-time", "2026-01-02T00:00:00Z", "--end-time", "2026-01-01T00:00:00Z"),
        2,
        "--end-time lies before --start-time",
        id="backfill backwards",
    ),
    pytest.param(
        ("backfill", "nix", "--start-time", "2026-01-01T00:00:00Z", "--end-time", "9999-12-31T23:59:59-23:00"),
        2,
        "is no time with an offset",
        id="backfill beyond time",
    ),
]


@pytest.mark.parametrize(("arguments", "code", "words"), WRONG)
async def test_what_is_wrong_is_said_in_a_line(
    server: DevServer, arguments: tuple[str, ...], code: int, words: str
) -> None:
    ended, said = await command(server, *arguments)
    assert (ended, words in " ".join(said.split())) == (code, True), said
    assert "Traceback" not in said


async def test_an_id_with_a_blank_and_a_line_break_stays_one_line_and_one_word(server: DevServer, name: str) -> None:
    odd = f"{name} of\nus"
    create = (*CREATE, "--id", odd, *GOOD)
    assert await command(server, *create) == (0, f"created  {name} of\\nus\n")
    code, said = await command(server, *create)
    assert (code, said.endswith(f"arvo-temporal schedule delete '{name} of\nus'\n")) == (1, True), said
    await is_listed(ArvoClient(await Client.connect(server.address)), odd)
    _, said = await command(server, "list")
    (line,) = [line for line in said.splitlines() if line.startswith(name)]
    assert line.split()[:2] == [name, "of\\nus"]
    assert (await command(server, "delete", odd))[0] == 0


async def test_a_version_of_the_orchestrator_can_be_named(server: DevServer, name: str) -> None:
    arguments = ("create", "tests.apps:app", f"{COUNTER}/1.0.0", "--id", name, *GOOD)
    assert (await command(server, *arguments))[0] == 0
    assert (await description(server, name))["orchestration"] == f"{COUNTER} 1.0.0"
    assert (await command(server, *arguments))[0] == 1, "there is one of this id"
    assert (await command(server, "delete", name))[0] == 0


async def test_an_encrypted_schedule_is_read_with_its_app_and_named_without(
    server: DevServer, tmp_path: Path, name: str
) -> None:
    (tmp_path / "sealed.py").write_text(ENCRYPTED.format(key=new_key()))
    code, said = await command(server, "create", "sealed:app", COUNTER, "--id", name, *GOOD, cwd=tmp_path)
    assert code == 0, said
    assert (await description(server, name))["unreadable"] == "encoded: give the app, --app"
    code, said = await command(server, "describe", name, "--app", "sealed:app", cwd=tmp_path)
    assert (code, json.loads(said)["data"]["goal"]) == (0, 1)
    await is_listed(ArvoClient(await Client.connect(server.address)), name)
    _, said = await command(server, "list")
    assert "encoded: give the app" in next(line for line in said.splitlines() if line.startswith(name))
    _, said = await command(server, "list", "--app", "sealed:app", cwd=tmp_path)
    assert f"{COUNTER} 1.0.0" in next(line for line in said.splitlines() if line.startswith(name))
    await command(server, "delete", name)


async def test_a_key_that_is_missing_is_named_and_the_others_are_listed_all_the_same(
    server: DevServer, tmp_path: Path
) -> None:
    old, new = (f"{name}={new_key().partition('=')[2]}" for name in ("old", "new"))
    apps = {"lost": encrypted_app(old), "kept": encrypted_app(new)}
    names = {which: f"s-{which}-{uuid4()}" for which in apps}
    client = await Client.connect(server.address)
    for which, app in apps.items():
        await ArvoClient(client, app).schedules.create(COUNTER, {"goal": 1}, timedelta(hours=1), id=names[which])
    (tmp_path / "sealed.py").write_text(ENCRYPTED.format(key=new))
    await is_listed(ArvoClient(client), *names.values())
    _, said = await command(server, "list", "--app", "sealed:app", cwd=tmp_path)
    lines = {which: next(line for line in said.splitlines() if line.startswith(name)) for which, name in names.items()}
    assert "KeyError: \"The key 'old' is missing" in lines["lost"]
    assert f"{COUNTER} 1.0.0" in lines["kept"]
    code, said = await command(server, "describe", names["lost"], "--app", "sealed:app", cwd=tmp_path)
    assert code == 0
    assert "The key 'old' is missing" in json.loads(said)["unreadable"]
    for name in names.values():
        await client.get_schedule_handle(name).delete()


def encrypted_app(key: str) -> ArvoApp:
    app = counter_app()
    app.codec = AesGcmCodec(keys_from(key))
    return app

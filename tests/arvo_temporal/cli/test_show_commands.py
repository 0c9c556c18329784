"""`arvo-temporal show` and `watch`, as processes: at 80 columns, piped, and as JSON."""

from __future__ import annotations

import asyncio
import json
import shlex
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from uuid import uuid4

import pytest

from arvo_temporal import workflow_id
from arvo_temporal.dev_server.server import DevServer
from examples.encryption.codec import AesGcmCodec, keys_from
from examples.encryption.new_key import new_key
from tests.apps import counted, counter_app, start_count
from tests.arvo_temporal.cli.commands import ARVO_TEMPORAL, run, running
from tests.arvo_temporal.cli.terminal import terminal
from tests.conftest import Serve
from tests.parcels import SECRET, approved, broken, never, parcel, parcel_app
from tests.polling import eventually


async def command(server: DevServer, *arguments: str, columns: str = "80") -> tuple[int, str]:
    environment = {"TEMPORAL_ADDRESS": server.address, "COLUMNS": columns}
    return await run(*ARVO_TEMPORAL, *arguments, environment=environment)


async def test_it_shows_all_that_helps_in_80_columns(server: DevServer, serve: Serve) -> None:
    init = parcel(f"[bold]{uuid4()}[/bold]\u202e")
    async with serve(parcel_app(never)) as client:
        await client.execute(init)
        await eventually(lambda: client.show(init.subject), lambda one: bool(one.tries and one.tries[0].failure))
        code, said = await command(server, "show", init.subject)
    assert code == 0
    assert max(map(len, said.splitlines())) <= 80
    assert "\u202e" not in said
    flat = " ".join(said.split())
    for told in (
        "Brings a <parcel> to **its** door",
        "[bold]",
        "arvo.orc.parcel 1.0.0, key",
        "root running, started",
        "State active, for ",
        "checking, for ",
        "│ Money, people and a count ├─ payment, for ",
        "approving [waits for a person], for ",
        "Somebody has to | agree `now`",
        "Takes now evt.",
        "checking.approval.approving: after 3 days, in 2 days, on ",
        "On its way",
        "com.pay.charge, handler (",
        "com.pay.charge: try ",
        "the last one failed: ConnectionError: the bank is [red]down[/red] \\u202e",
        "Last steps 1: arvo.orc.parcel, in checking.approval.approving, checking.count.counting,",
        "Events 1 applied, 0 waiting",
        "Children └─ arvo.orc.counter/1.0.0/",
        "running in counting",
    ):
        assert told in flat, said
    assert str(SECRET) not in said


async def test_trouble_is_shown_with_its_cure(server: DevServer, serve: Serve) -> None:
    init = parcel(str(uuid4()))
    async with serve(parcel_app(broken)) as client:
        await client.execute(init)
        one = await eventually(lambda: client.show(init.subject), lambda one: len(one.troubles) == 2)
        _, said = await command(server, "show", init.subject)
        code, as_json = await command(server, "show", workflow_id(init.subject), "--json")
        _, iso = await command(server, "show", init.subject, "--times", "iso")
    assert "Trouble" in said
    short = f"parcel/{one.view.key if one.view else None}"
    cures = [trouble.cure.replace(one.workflow_id, short) for trouble in one.troubles]
    assert all(cure in (line.strip() for line in said.splitlines()) for cure in cures), said
    document = json.loads(as_json)
    assert code == 0
    assert {trouble["kind"] for trouble in document["troubles"]} == {"failed", "unhandled"}
    assert document["view"]["key"] == workflow_id(init.subject).split("/")[2]
    assert document["children"][0]["type"] == "arvo.orc.counter"
    assert f"started {document['started'][:19]}" in " ".join(iso.split())


async def test_what_nobody_knows_is_one_line(server: DevServer) -> None:
    for arguments in (("show", "arvo.orc.x/1.0.0/y/z"), ("watch", "arvo.orc.x/1.0.0/y/z"), ("show", "nonsense")):
        code, said = await command(server, *arguments)
        assert code == 1
        assert said.startswith("Error: ")
        assert len(said.splitlines()) == 1


@pytest.mark.parametrize("name", ["show", "watch"])
async def test_an_encrypted_one_takes_the_app(server: DevServer, serve: Serve, name: str) -> None:
    init, app = start_count(goal=2), counter_app()
    app.codec = AesGcmCodec(keys_from(new_key()))
    async with serve(app) as client:
        await client.execute(init)
        code, said = await command(server, name, init.subject)
    assert code == 1
    assert said.startswith("Error: What Temporal has there is encoded")
    assert "--app MODULE:APP" in said
    assert len(said.splitlines()) == 1


async def test_a_pipe_gets_a_line_for_each_change_until_the_end(server: DevServer, serve: Serve) -> None:
    init = start_count(goal=2)
    environment = {"TEMPORAL_ADDRESS": server.address}
    arguments = (*ARVO_TEMPORAL, "watch", init.subject, "--every", "0.1")
    async with serve(counter_app()) as client:
        await client.execute(init)
        async with (
            running(*arguments, environment=environment) as lines,
            running(*arguments, "--json", environment=environment) as documents,
        ):
            await asyncio.gather(lines.until("step 1: "), documents.until("\n"))
            await client.execute(counted(init.subject))
            await asyncio.gather(lines.until("step 2: "), documents.until("\n{"))
            await client.execute(counted(init.subject))
            codes = await asyncio.gather(lines.end(), documents.end())
    assert list(codes) == [0, 0]
    # It may be seen in its last state before its end; of each step the last line counts.
    told = {line.rpartition("  ")[2]: line.partition("  ")[2] for line in lines.output.splitlines()}
    assert list(told.values()) == [
        "running in counting  step 1: arvo.orc.counter",
        "running in counting  step 2: evt.tally.counted",
        "completed in over  step 3: evt.tally.counted",
    ]
    changes = [json.loads(line) for line in documents.output.splitlines()]
    fates = [change["view"]["fates"] for change in changes]
    assert [fate for fate, _ in groupby(fates)] == [{"applied": 1}, {"applied": 2}, {"applied": 3}]
    assert changes[-1]["status"] == "completed"


async def test_a_watch_of_what_fails_ends_with_1(server: DevServer, serve: Serve) -> None:
    init = start_count(goal=2)
    async with serve(counter_app()) as client:
        await client.execute(init)
        await client.client.get_workflow_handle(workflow_id(init.subject)).terminate()
        code, said = await command(server, "watch", init.subject)
    assert code == 1
    assert "terminated" in said


async def test_ctrl_c_ends_a_watch(server: DevServer, serve: Serve) -> None:
    init = start_count(goal=2)
    async with serve(counter_app()) as client:
        await client.execute(init)
        environment = {"TEMPORAL_ADDRESS": server.address}
        async with running(*ARVO_TEMPORAL, "watch", init.subject, environment=environment) as watching:
            await watching.until("step 1: ")
            watching.press_ctrl_c()
            assert await watching.end() == 0


async def test_a_terminal_gets_a_picture_that_is_kept_up_to_date(
    server: DevServer, serve: Serve, tmp_path: Path
) -> None:
    init, typed = parcel(str(uuid4())), tmp_path / "typed"
    watch = " ".join([*ARVO_TEMPORAL, "watch", init.subject, "--every", "0.1"])
    async with serve(parcel_app(never)) as client:
        await client.execute(init)
        environment = {"TEMPORAL_ADDRESS": server.address, "TERM": "xterm", "COLUMNS": "80", "LINES": "60"}
        arguments = ("script", "--quiet", "--return", "--flush", "--command", watch, str(typed))
        async with running(*arguments, environment=environment) as watching:
            await watching.until("approving")
            await client.execute(approved(init.subject))
            await watching.until("approved")
            watching.press_ctrl_c()
    assert "\x1b[" in watching.output


async def test_a_watch_in_a_terminal_has_each_cure_in_one_line(server: DevServer, serve: Serve) -> None:
    async with serve(counter_app()) as client:
        begun = await client.start("counter", {"goal": 2}, key=str(uuid4()))
        await client.deliver(replace(counted(begun.subject), data={"by": "one"}))
        environment = {"TEMPORAL_ADDRESS": server.address, "TERM": "xterm", "COLUMNS": "80", "LINES": "60"}
        async with terminal(*ARVO_TEMPORAL, "watch", begun.workflow_id, environment=environment) as watching:
            await watching.until("refused evt.tally.counted")
            await watching.until("Last steps")
    key = begun.workflow_id.split("/")[-2]
    assert f"arvo-temporal redrive counter/{key}" in [line.strip() for line in watching.shown.splitlines()]


@pytest.mark.parametrize(("reader", "code"), [("| true", 0), ("| head -n 1", 0), ("> /dev/full", 1)])
async def test_a_watch_ends_with_its_reader(server: DevServer, serve: Serve, reader: str, code: int) -> None:
    init = start_count(goal=2)
    async with serve(counter_app()) as client:
        await client.execute(init)
        watch = shlex.join([*ARVO_TEMPORAL, "watch", init.subject, "--every", "0.1"])
        ended, said = await run(
            "bash", "-c", f"{watch} {reader}; exit ${{PIPESTATUS[0]}}", environment={"TEMPORAL_ADDRESS": server.address}
        )
    assert ended == code, said

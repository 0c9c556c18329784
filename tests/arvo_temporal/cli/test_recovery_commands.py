"""`redrive`, `retry`, `nudge` and `resolve`, as processes: for one orchestration, and for all of a query."""

from __future__ import annotations

import asyncio
import json
import os
import pty
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from arvo import ArvoEvent, HandlerOutput
from arvo_temporal import ArvoApp, ArvoClient, workflow_id
from arvo_temporal.dev_server.server import DevServer
from examples.encryption.codec import AesGcmCodec, keys_from
from examples.encryption.new_key import new_key
from tests.apps import counted, counter_app, start_count
from tests.arvo_temporal.cli.commands import ARVO_TEMPORAL, ROOT, answer
from tests.conftest import Serve
from tests.downtime import HOURS, SUCCESS, TWO_REQUESTS, courier, down
from tests.errands import COURIER, errand, errands
from tests.polling import PATIENCE, eventually

BY_HAND = ("--as", SUCCESS, "--data", '{"text": "by hand"}')


@dataclass
class Says:
    """Runs commands against a server: standard output and standard error apart."""

    server: DevServer

    async def __call__(self, *arguments: str, **environment: str) -> tuple[int, str, str]:
        return await answer(*arguments, environment={"TEMPORAL_ADDRESS": self.server.address, **environment})


@pytest.fixture
def says(server: DevServer) -> Says:
    return Says(server)


async def failed(client: ArvoClient, subject: str) -> str:
    """Wait until the request of an errand has failed, and return its id."""
    (request,) = await eventually(
        lambda: client.requests(subject), lambda seen: [one.standing for one in seen] == ["failed"]
    )
    return request.id


async def listed(client: ArvoClient, query: str, count: int) -> None:
    """Wait until the server's list has so many."""
    await eventually(lambda: client.count(query=query), lambda found: found == count)


def flaky(tries: list[str]) -> ArvoApp:
    """Return an app whose service fails the first time that an errand comes to it, and then always answers."""

    def carry(event: ArvoEvent) -> HandlerOutput:
        tries.append(event.subject)
        if tries.count(event.subject) == 1:
            raise OSError("down")
        return {"type": SUCCESS, "data": {"text": "carried"}}

    return ArvoApp(orchestrators=[errands()], handlers=[courier(carry)])


@asynccontextmanager
async def failed_errands(serve: Serve, count: int) -> AsyncIterator[tuple[ArvoClient, list[ArvoEvent], str]]:
    """Serve errands whose requests have failed and would now succeed; and the query that finds them."""
    app = flaky([])
    async with serve(app) as client:
        inits = [errand() for _ in range(count)]
        for init in inits:
            await client.deliver(init)
        for init in inits:
            await failed(client, init.subject)
        query = f"TaskQueue = '{app.task_queue}'"
        await listed(client, query, count)
        yield client, inits, query


async def test_a_request_is_resolved(serve: Serve, says: Says, tmp_path: Path) -> None:
    init = errand()
    async with serve(down(**TWO_REQUESTS)) as client:
        await client.deliver(init)
        request = await failed(client, init.subject)
        identity = workflow_id(init.subject)
        assert (await says("resolve", identity, "absent", *BY_HAND))[0] == 1
        assert (await says("resolve", identity, "--as", SUCCESS, "--data", "[1]"))[0] == 2
        assert (await says("resolve", identity, "--as", SUCCESS, "--data", "{"))[0] == 2
        answer = tmp_path / "answer.json"
        answer.write_text('{"text": "by hand"}')
        by_file = ("--as", SUCCESS, "--data", f"@{answer}", "--by", "mia")
        code, out, err = await says("resolve", identity, request, *by_file, "--json")
        assert (code, err) == (0, "")
        assert (json.loads(out)["fate"], json.loads(out)["events"][0]["type"]) == ("applied", COURIER)
        code, out, _ = await says("resolve", identity, request, *BY_HAND)
        assert (code, out.split()[0]) == (0, "duplicate")
        await failed(client, init.subject)
        code, out, err = await says("resolve", identity, *BY_HAND)
        assert (code, out, err) == (0, "applied\n", "")
        code, out, err = await says("resolve", identity, *BY_HAND)
    assert (code, out) == (1, "")
    assert err.startswith("Error: ")
    assert len(err.splitlines()) == 1


async def test_what_was_sent_again_is_printed_as_json(serve: Serve, says: Says) -> None:
    init = errand()
    async with serve(flaky([])) as client:
        await client.deliver(init)
        request = await failed(client, init.subject)
        code, out, _ = await says("retry", init.subject, "--json")
        assert (code, json.loads(out)) == (0, [{"id": request, "type": COURIER, "to": COURIER}])
        await asyncio.wait_for(client.result(init.subject), PATIENCE)
    count = start_count(goal=1)
    async with serve(counter_app()) as client:
        await client.execute(count)
        wrong = replace(counted(count.subject), data={"by": "one"})
        await client.deliver(wrong)
        await eventually(lambda: client.violations(count.subject), bool)
        code, out, _ = await says("redrive", count.subject, "--json")
        (redriven,) = json.loads(out)
        assert (code, redriven["id"], redriven["fate"], redriven["accepted"]) == (1, wrong.id, "refused", False)
        assert (await says("redrive", count.subject, "absent", "--json"))[0] == 1


async def test_what_waits_for_its_next_try_is_nudged(serve: Serve, says: Says) -> None:
    init = errand()
    async with serve(down(policy=HOURS)) as client:
        await client.deliver(init)
        await eventually(lambda: client.between_tries(init.subject), bool)
        code, out, _ = await says("nudge", init.subject, COLUMNS="80")
        assert code == 0
        assert all(len(line) <= 80 for line in out.splitlines())
        assert out.split()[:4] == ["what", "name", "nudged", "outcome"]
        await eventually(lambda: client.between_tries(init.subject), bool)
        code, out, _ = await says("nudge", init.subject, "--json")
        (nudged,) = json.loads(out)
        assert (code, nudged["kind"], nudged["name"], nudged["nudged"]) == (0, "activity", COURIER, True)
        await client.resolve(init.subject, SUCCESS, {"text": "x"})
        code, out, _ = await says("nudge", init.subject)
    assert (code, out) == (0, "Nothing waits for its next try.\n")


async def test_many_are_shown_before_anything_is_done_to_them(serve: Serve, says: Says) -> None:
    async with failed_errands(serve, 12) as (client, inits, query):
        code, out, err = await says("retry", "--query", query)
        assert code == 2
        assert err == "Error: Nothing was done. Add --yes to do it.\n"
        lines = out.splitlines()
        assert lines[-1] == "12 found, 2 more are not shown."
        assert all(f"send {COURIER} " in line for line in lines[1:11])
        code, out, _ = await says("retry", "--query", query, "--limit", "3", "--json")
        preview = json.loads(out)
        assert (code, preview["found"], preview["more"], preview["done"]) == (2, 3, True, False)
        assert [len(one["plan"]) for one in preview["orchestrations"]] == [1, 1, 1]
        for init in inits:
            assert await failed(client, init.subject), "nothing was done"


async def test_many_are_cured_and_one_that_is_not_stops_no_other(serve: Serve, says: Says) -> None:
    async with failed_errands(serve, 4) as (client, inits, query):
        await client.client.get_workflow_handle(workflow_id(inits[0].subject)).terminate()
        code, out, _ = await says("retry", "--query", query, "--yes", COLUMNS="80")
        assert code == 0, "a closed one has no failed request any more"
        assert out.splitlines()[-1] == "4 found, 4 well, 0 not."
        assert all(len(line) <= 80 for line in out.splitlines())
        for init in inits[1:]:
            await asyncio.wait_for(client.result(init.subject), PATIENCE)
        code, out, _ = await says("retry", "--query", query, "--yes", "--json")
        again = json.loads(out)
        assert (code, {one["outcome"] for one in again["orchestrations"]}) == (0, {"nothing has failed"})


async def test_what_is_refused_again_is_told_with_exit_code_1(serve: Serve, says: Says) -> None:
    app = counter_app()
    async with serve(app) as client:
        inits = [start_count(goal=1) for _ in range(2)]
        for init in inits:
            await client.execute(init)
        await client.deliver(replace(counted(inits[0].subject), data={"by": "one"}))
        await eventually(lambda: client.violations(inits[0].subject), bool)
        query = f"TaskQueue = '{app.task_queue}'"
        await listed(client, query, 2)
        code, out, _ = await says("redrive", "--query", query)
        assert code == 2
        plans = {line.split()[0]: line.split(None, 1)[1] for line in out.splitlines()[1:3]}
        assert plans[workflow_id(inits[0].subject)] == "send evt.tally.counted again (refused)"
        assert plans[workflow_id(inits[1].subject)] == "nothing"
        _, out, _ = await says("redrive", "--query", query, "--source", "of-nobody", "--json")
        assert [one["plan"] for one in json.loads(out)["orchestrations"]] == [["nothing"]] * 2
        code, out, _ = await says("redrive", "--query", query, "--yes", "--json")
    assert code == 1
    outcomes = {one["workflow_id"]: (one["ok"], one["outcome"]) for one in json.loads(out)["orchestrations"]}
    assert outcomes[workflow_id(inits[1].subject)] == (True, "nothing to send again")
    assert outcomes[workflow_id(inits[0].subject)][0] is False
    assert outcomes[workflow_id(inits[0].subject)][1].startswith("1 refused\n")


async def test_an_encrypted_app_without_its_key_is_reported_one_by_one(serve: Serve, says: Says) -> None:
    app = down()
    app.codec = AesGcmCodec(keys_from(new_key()))
    async with serve(app) as client:
        init = errand()
        await client.deliver(init)
        await failed(client, init.subject)
        query = f"TaskQueue = '{app.task_queue}'"
        await listed(client, query, 1)
        for command in ("retry", "redrive"):
            code, out, _ = await says(command, "--query", query, "--yes", "--json")
            (outcome,) = json.loads(out)["orchestrations"]
            assert (code, outcome["ok"]) == (1, False)
            assert "--app MODULE:APP" in outcome["outcome"]
        assert (await says("nudge", "--query", query, "--yes"))[0] == 0, "that takes no key"


async def test_a_wrong_use_is_told(says: Says) -> None:
    for arguments in (
        ("retry",),
        ("retry", "arvo.orc.x/1.0.0/a/b", "--query", "x"),
        ("redrive", "--limit", "-1", "--query", "x"),
        ("dismiss", "--trouble", "task-failing"),
    ):
        code, out, err = await says(*arguments)
        assert (code, out) == (2, ""), arguments
        assert err
    code, out, err = await says("nudge", "--query", "Nonsense = 1 AND", "--yes")
    assert (code, out, len(err.splitlines())) == (1, "", 1)
    assert "does not take this list" in err
    assert (await says("retry", "--trouble", "nonsense"))[0] == 1
    code, out, err = await says("nudge", "--orchestrator", "arvo.orc.absent")
    assert (code, out) == (0, "0 found, 0 well, 0 not.\n")


async def test_in_a_terminal_it_asks(serve: Serve, server: DevServer) -> None:
    async with failed_errands(serve, 2) as (client, inits, query):
        assert "Retry 2? [y/N]" in await in_terminal(server, "n\n", 1, "retry", "--query", query)
        await failed(client, inits[0].subject)
        assert "2 found, 2 well, 0 not." in await in_terminal(server, "y\n", 0, "retry", "--query", query)
        for init in inits:
            await asyncio.wait_for(client.result(init.subject), PATIENCE)


async def in_terminal(server: DevServer, typed: str, expected: int, *arguments: str) -> str:
    """Run a command in a terminal of its own, type an answer, and return what the terminal showed."""
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *ARVO_TEMPORAL,
        *arguments,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TEMPORAL_ADDRESS": server.address, "COLUMNS": "200"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    os.write(ours, typed.encode())
    shown = await asyncio.to_thread(_all_of, ours)
    async with asyncio.timeout(PATIENCE):
        assert await process.wait() == expected, shown
    return shown


def _all_of(terminal: int) -> str:
    shown = b""
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:  # whoever wrote has ended
            part = b""
        if not part:
            os.close(terminal)
            return shown.decode()
        shown += part


async def test_a_killed_command_is_run_again(serve: Serve, server: DevServer, says: Says) -> None:
    """What it had done stays done, and the rest follows: each request is carried out once more, not twice."""
    tries: list[str] = []
    app = flaky(tries)
    async with serve(app) as client:
        inits = [errand() for _ in range(6)]
        for init in inits:
            await client.deliver(init)
        for init in inits:
            await failed(client, init.subject)
        query = f"TaskQueue = '{app.task_queue}'"
        await listed(client, query, 6)
        process = await asyncio.create_subprocess_exec(
            *(*ARVO_TEMPORAL, "retry", "--query", query, "--yes"),
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TEMPORAL_ADDRESS": server.address},
            stdout=asyncio.subprocess.DEVNULL,
        )
        await eventually(lambda: _count(tries), lambda seen: seen > 6)
        process.kill()
        await process.wait()
        assert (await says("retry", "--query", query, "--yes"))[0] == 0
        for init in inits:
            await asyncio.wait_for(client.result(init.subject), PATIENCE)
    assert sorted(tries) == sorted([init.subject for init in inits] * 2)


async def _count(tries: list[str]) -> int:
    return len(tries)


async def test_what_comes_to_closed_ones_is_late_again(serve: Serve, says: Says) -> None:
    init = start_count(goal=1)
    async with serve(counter_app()) as client:
        await client.execute(init)
        await client.execute(counted(init.subject))
        await client.result(init.subject)
        code, out, _ = await says("resolve", init.subject, *BY_HAND)
        assert code == 1
        code, out, _ = await says("nudge", init.subject)
    assert (code, out) == (0, "Nothing waits for its next try.\n")


async def test_trouble_is_dismissed(serve: Serve, says: Says) -> None:
    app = counter_app()
    async with serve(app) as client:
        inits = [start_count(goal=1) for _ in range(3)]
        unwanted = [replace(counted(init.subject), data={"by": "one"}) for init in inits]
        for init, event in zip(inits, unwanted, strict=True):
            await client.execute(init)
            await client.deliver(event)
        query = f"TaskQueue = '{app.task_queue}'"
        await eventually(lambda: client.count(query=query, trouble="refused"), lambda found: found == 3)
        code, out, _ = await says("dismiss", inits[0].subject, unwanted[0].id, "--json")
        (over,) = json.loads(out)
        assert (code, over["kind"], over["id"]) == (0, "refused", unwanted[0].id)
        assert (await says("dismiss", inits[0].subject))[0] == 1
        await eventually(lambda: client.count(query=query, trouble="refused"), lambda found: found == 2)
        many = ("dismiss", "--query", query, "--trouble", "refused")
        code, out, _ = await says(*many)
        assert code == 2
        assert out.splitlines()[1].endswith(f"dismiss refused evt.tally.counted {unwanted[2].id}")
        code, out, _ = await says(*many, "--yes", "--json")
        assert (code, len(json.loads(out)["orchestrations"])) == (0, 2)
        assert [await client.troubles(init.subject) for init in inits] == [[], [], []]

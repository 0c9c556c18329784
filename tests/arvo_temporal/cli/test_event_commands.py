"""`arvo-temporal send`, `record`, `ledger`, `violations` and `redrive`, as processes."""

from __future__ import annotations

import json
from pathlib import Path

from arvo import ArvoEvent
from arvo_temporal import workflow_id
from arvo_temporal.dev_server.server import DevServer
from tests.apps import counted, counter_app, start_count
from tests.arvo_temporal.cli.commands import ARVO_TEMPORAL, run
from tests.conftest import Serve


async def command(server: DevServer, *arguments: str) -> tuple[int, str]:
    return await run(*ARVO_TEMPORAL, *arguments, environment={"TEMPORAL_ADDRESS": server.address})


def written(directory: Path, event: ArvoEvent) -> str:
    file = directory / f"{event.id}.json"
    file.write_text(event.to_json_text())
    return str(file)


async def test_an_orchestration_is_driven_from_the_shell(server: DevServer, serve: Serve, tmp_path: Path) -> None:
    init, app = start_count(goal=1), counter_app()
    identity = workflow_id(init.subject)
    async with serve(app):
        code, said = await command(server, "send", written(tmp_path, init), "--task-queue", app.task_queue)
        assert (code, said.split()) == (0, ["started", identity])
        _, said = await command(server, "record", identity)
        assert json.loads(said)["value"] == "counting"
        code, said = await command(server, "send", "--wait", written(tmp_path, counted(init.subject)))
        assert code == 0
        assert said.startswith("applied\n")
        assert json.loads(said.partition("\n")[2])["type"] == "arvo.orc.counter.done"
        _, said = await command(server, "ledger", init.subject)
        assert json.loads(said)["counts"] == {"applied": 2}


async def test_what_nobody_takes_is_said_with_exit_code_1(server: DevServer, tmp_path: Path) -> None:
    early = counted(start_count(goal=1).subject)
    code, said = await command(server, "send", written(tmp_path, early))
    assert code == 1
    assert said.startswith("early")
    (tmp_path / "no.json").write_text("not json")
    for arguments in (("send", str(tmp_path / "no.json")), ("send", "absent.json"), ("record", "arvo.orc.x/1.0.0/y/z")):
        code, said = await command(server, *arguments)
        assert code == 1
        assert said.startswith("Error: ")


async def test_without_a_worker_it_says_so(server: DevServer, serve: Serve) -> None:
    init = start_count(goal=1)
    async with serve(counter_app()) as client:
        await client.execute(init)
    code, said = await command(server, "violations", workflow_id(init.subject))
    assert code == 1
    assert "No worker answers" in said


async def test_refused_events_are_listed_and_sent_again(server: DevServer, serve: Serve) -> None:
    init = start_count(goal=1)
    wrong = ArvoEvent.from_json({**counted(init.subject).to_json(), "data": {"by": "one"}})
    async with serve(counter_app()) as client:
        await client.execute(init)
        await client.deliver(wrong)
        _, said = await command(server, "violations", init.subject)
        assert [refused["id"] for refused in json.loads(said)] == [wrong.id]
        code, said = await command(server, "redrive", init.subject)
    assert code == 1
    assert wrong.id in said
    assert "refused" in said


async def test_what_the_ledger_does_not_know_is_not_sent_again(server: DevServer, serve: Serve) -> None:
    init = start_count(goal=1)
    async with serve(counter_app()) as client:
        await client.execute(init)
        assert await command(server, "redrive", init.subject) == (0, "Nothing is refused, unhandled or late.\n")
        code, said = await command(server, "redrive", init.subject, "absent")
    assert code == 1
    assert said.splitlines()[1].split()[:3] == ["absent", "-", "unknown"]

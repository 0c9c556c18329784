"""`python worker.py --processes N`: several worker processes, and a supervisor that starts again what dies."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from pathlib import Path

import pytest
from temporalio.client import Client

from arvo_temporal import ArvoClient, DevServer
from arvo_temporal.worker.patience import Patience
from tests.apps import app as counting
from tests.apps import ask, asker_app, counted, start_count
from tests.arvo_temporal.cli.commands import WORKER, Command, run, running
from tests.arvo_temporal.cli.test_worker_command import dev_options, slow_shop
from tests.arvo_temporal.dev_server.test_dev_server import eventually_gone, processes_about
from tests.polling import PATIENCE

COUNTING = "tests.apps:app"


def two(target: str, directory: Path) -> tuple[str, ...]:
    """Return a command line that names a directory, so that its processes are found by it."""
    return (*WORKER, target, "--processes", "2", "--db-file", str(directory / "dev.db"))


async def workers(command: Command, number: int) -> list[int]:
    """Wait until so many workers have come to serve; return their pids, oldest first."""
    async with asyncio.timeout(PATIENCE):
        while len(pids := re.findall(r"Worker process (\d+) serves", command.output)) < number:
            assert await command.read(), command.output
    return [int(pid) for pid in pids]


async def test_killed_workers_are_started_again_and_finish_what_was_open(server: DevServer, tmp_path: Path) -> None:
    client = ArvoClient(await Client.connect(server.address), counting, task_queue="supervised")
    environment = {"TEMPORAL_ADDRESS": server.address, "ARVO_TASK_QUEUE": "supervised"}
    inits = [start_count(2) for _ in range(6)]
    async with running(*two(COUNTING, tmp_path), environment=environment) as command:
        first = await workers(command, 2)
        for init in inits:
            await client.deliver(init)
            await client.execute(counted(init.subject))
        for pid in first:
            os.kill(pid, signal.SIGKILL)
        assert set(first).isdisjoint((await workers(command, 4))[2:])
        for init in inits:
            await client.deliver(counted(init.subject))
        records = [await client.result(init.subject) for init in inits]
        command.press_ctrl_c()
        assert await command.end() == 0
    assert [record["state"]["output"]["total"] for record in records] == [2] * 6
    for pid in first:
        assert f"Worker process {pid} has ended by SIGKILL: starting another one." in command.output


@pytest.mark.parametrize(("presses", "code"), [(1, 0), (2, 130)])
async def test_ctrl_c_drains_them_and_a_second_one_ends_them(
    server: DevServer, tmp_path: Path, presses: int, code: int
) -> None:
    app = slow_shop(tmp_path, 1.5 if presses == 1 else 600)
    asker = asker_app()
    asker.task_queue = "slow"
    environment = {"TEMPORAL_ADDRESS": server.address}
    async with running(*two(app, tmp_path), cwd=tmp_path, environment=environment) as command:
        await workers(command, 2)
        await ArvoClient(await Client.connect(server.address), asker).deliver(ask("What will be?", "delphi"))
        await command.until("publishing")
        command.press_ctrl_c()
        await command.until("Stopping")
        if presses == 2:
            command.press_ctrl_c()
        assert await command.end() == code
    assert processes_about(tmp_path) == []
    assert ("published" in command.output) is (presses == 1)


async def test_with_dev_they_share_the_server_of_the_supervisor(tmp_path: Path) -> None:
    options = dev_options(tmp_path)
    async with running(*WORKER, COUNTING, "--dev", "--processes", "2", *options) as command:
        await workers(command, 2)
        assert sum("start-dev" in line for line in processes_about(tmp_path)) == 1
        client = ArvoClient(await Client.connect(f"127.0.0.1:{options[3]}"), counting)
        init = start_count(1)
        await client.deliver(init)
        assert (await client.execute(counted(init.subject))).fate == "applied"
        command.process.send_signal(signal.SIGTERM)
        assert await command.end() == 0
    assert processes_about(tmp_path) == []


async def test_they_end_when_the_supervisor_is_killed(server: DevServer, tmp_path: Path) -> None:
    environment = {"TEMPORAL_ADDRESS": server.address}
    async with running(*two(COUNTING, tmp_path), environment=environment) as command:
        await workers(command, 2)
        os.kill(command.process.pid, signal.SIGKILL)
        assert await eventually_gone(tmp_path)


async def test_an_app_that_cannot_be_loaded_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "broken_shop.py").write_text("prices = {}\nprices['tea']\n")
    code, output = await run(*two("broken_shop:app", tmp_path), cwd=tmp_path)
    assert code == 1
    assert output.count("Module 'broken_shop' cannot be imported: KeyError: 'tea'") == 1


async def test_workers_that_die_at_once_are_given_up(server: DevServer, tmp_path: Path) -> None:
    (tmp_path / "once_shop.py").write_text(
        "from pathlib import Path\n"
        "from arvo_temporal import ArvoApp\n"
        "Path('opened').touch(exist_ok=False)\n"
        "app = ArvoApp(task_queue='once')\n"
    )
    environment = {"TEMPORAL_ADDRESS": server.address}
    command = (*WORKER, "once_shop:app", "--processes", "1")
    code, output = await run(*command, cwd=tmp_path, environment=environment)
    assert code == 1
    assert output.count("Module 'once_shop' cannot be imported: FileExistsError") == 4
    assert "Error: A worker process has ended 4 times in a row within 30 seconds of its start" in output


def test_patience_doubles_its_pauses_and_begins_again_after_a_longer_life() -> None:
    patience = Patience(settled=10, pause=0.25, deaths=4)
    assert [patience.after(lived) for lived in (1, 1, 9, 100, 1, 1)] == [0.25, 0.5, 1.0, 0.25, 0.25, 0.5]
    assert [patience.after(lived) for lived in (1, 1)] == [1.0, None]

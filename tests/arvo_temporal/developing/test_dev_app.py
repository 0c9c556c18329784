"""`arvo-temporal dev MODULE:APP`: server, UI and worker, and the worker anew when code changes."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from arvo_temporal import ArvoClient, connect
from arvo_temporal.connection import Settings
from tests.arvo_temporal.cli.commands import ARVO_TEMPORAL, Command, running
from tests.arvo_temporal.cli.test_worker_command import dev_options
from tests.arvo_temporal.dev_server.test_dev_server import processes_about
from tests.arvo_temporal.developing import greeter
from tests.polling import PATIENCE

GREETER = Path(greeter.__file__).read_text()
CHANGES: dict[Callable[[Path], object], str] = {
    lambda code: code.write_text(re.sub(r"(?m)^app\b", "the_app", GREETER)): "write greeter_app:the_app",
    Path.unlink: "There is no module 'greeter_app'",
    lambda code: code.write_text("import sys\nsys.exit(0)\n"): "SystemExit: 0\n  at ",
    lambda code: code.write_text("x = 1\ndef ("): "greeter_app.py, line 2: def (",
}
"""What happens to the file of an app, and what is told of it."""


@asynccontextmanager
async def developed(folder: Path) -> AsyncIterator[tuple[Command, str]]:
    """Run the command for an app in a folder; yields it, and the address of its server."""
    folder.joinpath("greeter_app.py").write_text(GREETER)
    environment = {"PYTHONPATH": "", "TEMPORAL_ADDRESS": "127.0.0.1:1", "TEMPORAL_TLS": "true"}
    arguments = (*ARVO_TEMPORAL, "dev", "greeter_app:app", *dev_options(folder))
    async with running(*arguments, cwd=folder, environment=environment) as command:
        await command.until("Worker: serves")
        found = re.search(r"TEMPORAL_ADDRESS=(\S+)", command.output)
        assert found is not None
        yield command, found[1]


async def greeted(address: str, key: str) -> str:
    client = ArvoClient(await connect(Settings(address=address, namespace="default")), greeter.app)
    started = await client.start(greeter.contract, {"text": "hello"}, key=key)
    record = await client.result(started.subject, timeout=PATIENCE)
    return str(record["state"]["output"]["text"])


async def test_new_code_serves_as_soon_as_it_is_written(tmp_path: Path) -> None:
    async with developed(tmp_path) as (command, address):
        assert await greeted(address, "1") == "GREETING"
        code = tmp_path / "greeter_app.py"
        code.write_text(GREETER.replace("GREETING", "good morning"))
        await command.until("code has changed: greeter_app.py")
        command.printed.clear()
        await command.until("Worker: serves")
        assert await greeted(address, "2") == "good morning"
        command.press_ctrl_c()
        assert await command.end() == 0


async def test_it_shows_what_became_of_each_event(tmp_path: Path) -> None:
    async with developed(tmp_path) as (command, address):
        await greeted(address, "1")
        await command.until("applied")
        (line,) = (line for line in command.output.splitlines() if "applied" in line)
        assert re.match(rf"\d\d:\d\d:\d\d  {greeter.contract.type}/1  {greeter.contract.type}  applied", line)
        command.press_ctrl_c()
        assert await command.end() == 0


async def test_code_that_cannot_be_loaded_is_told_and_serves_when_it_is_mended(tmp_path: Path) -> None:
    async with developed(tmp_path) as (command, address):
        code = tmp_path / "greeter_app.py"
        code.write_text(f"{GREETER}\nthis is no Python")
        await command.until("starts again when code changes.")
        await command.until("has ended by exit code 1")
        assert "greeter_app" in command.output
        assert "SyntaxError" in command.output
        command.printed.clear()
        code.write_text(GREETER)
        await command.until("Worker: serves")
        assert await greeted(address, "1") == "GREETING"


async def test_an_app_that_is_gone_is_told_once_and_serves_when_it_is_back(
    tmp_path: Path,
) -> None:
    async with developed(tmp_path) as (command, address):
        code = tmp_path / "greeter_app.py"
        for change, told in CHANGES.items():
            command.printed.clear()
            change(code)
            await command.until("Worker: has ended by exit code 1, and starts again when code changes.")
            assert told in command.output
            assert command.output.count("Worker: starts greeter_app:app") == 1
            command.printed.clear()
            code.write_text(GREETER)
            await command.until("Worker: serves")
        assert await greeted(address, "1") == "GREETING"


async def test_a_worker_that_is_killed_is_started_again(tmp_path: Path) -> None:
    async with developed(tmp_path) as (command, address):
        worker = next(int(line.split()[0]) for line in processes_about(Path("worker greeter_app:app")))
        command.printed.clear()
        os.kill(worker, signal.SIGKILL)
        await command.until("has ended by SIGKILL, and starts again")
        await command.until("Worker: serves")
        assert await greeted(address, "1") == "GREETING"


async def test_it_says_where_the_ui_is_and_leaves_nothing_behind(tmp_path: Path) -> None:
    async with developed(tmp_path) as (command, _):
        found = re.search(r"Temporal UI\s+(\S+?)/namespaces", command.output)
        assert found is not None
        page = await asyncio.to_thread(lambda: urllib.request.urlopen(found[1]).read())
        assert b"<html" in page
        command.press_ctrl_c()
        assert await command.end() == 0
    assert processes_about(tmp_path) == []
    assert processes_about(Path("worker greeter_app:app")) == []

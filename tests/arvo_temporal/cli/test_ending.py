"""How a worker ends: what becomes of its output never decides what runs, and every signal to stop drains."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import pytest
from temporalio.client import Client

from arvo_temporal import ArvoClient, DevServer
from tests.apps import ask, asker_app
from tests.arvo_temporal.cli.commands import ARVO_TEMPORAL, ROOT, WORKER
from tests.arvo_temporal.dev_server.test_dev_server import processes_about

CHATTY = """
import asyncio
from pathlib import Path
from tests.apps import asker_app

async def slow(event):
    print("x" * 200_000, flush=True)
    Path("publishing").touch()
    await asyncio.sleep(1.5)
    print("published", flush=True)
    Path("published").touch()

app = asker_app(publishers={"delphi": slow})
app.task_queue = "chatty-QUEUE"
"""

STUCK = """
import time
from pathlib import Path
from tests.apps import asker_app

async def stuck(event):
    Path("publishing").touch()
    time.sleep(120)

app = asker_app(publishers={"delphi": stuck})
app.task_queue = "chatty-QUEUE"
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "shop.py").write_text(CHATTY.replace("QUEUE", tmp_path.name))
    return tmp_path


async def begin(server: DevServer, shop: Path) -> None:
    """Start an orchestration whose publisher takes a while, and wait until it is at it."""
    asker = asker_app()
    asker.task_queue = f"chatty-{shop.name}"
    await ArvoClient(await Client.connect(server.address), asker).deliver(ask("What will be?", "delphi"))
    await asyncio.to_thread(until, (shop / "publishing").exists)


def until(condition: Callable[[], object], within: float = 60) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@contextmanager
def shell(
    server: DevServer, shop: Path, line: str, **environment: str
) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
    """Run a worker by a line of the shell; give it and the end of the pipe that nobody reads from."""
    descriptor, writing = os.pipe()
    # Closing it twice is nothing, where its number may be another file's by then.
    reading = os.fdopen(descriptor, "rb", buffering=0)
    worker = shlex.join([*WORKER, "shop:app", "--db-file", str(shop / "dev.db")])
    process = subprocess.Popen(
        ["sh", "-c", line.replace("WORKER", worker)],
        cwd=shop,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TEMPORAL_ADDRESS": server.address, **environment},
        stdout=writing,
        stderr=writing,
        start_new_session=True,
    )
    os.close(writing)
    try:
        yield process, reading
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        reading.close()


async def ended(process: subprocess.Popen[bytes]) -> int:
    return await asyncio.to_thread(process.wait, 60)


LINES = {
    "a reader that has gone": "exec WORKER",
    "a reader that reads no more": "exec WORKER",
    "no output at all": "exec WORKER >&- 2>&-",
    "no input and no errors": "exec WORKER <&- 2>&-",
    "a full disk": "exec WORKER >/dev/full 2>&1",
    "an encoding that lacks characters": "exec WORKER",
}


@pytest.mark.parametrize("output", LINES)
async def test_a_worker_works_and_drains_whatever_becomes_of_its_output(
    server: DevServer, shop: Path, output: str
) -> None:
    encoding = "ascii" if "encoding" in output else "utf-8"
    with shell(server, shop, LINES[output], PYTHONIOENCODING=encoding) as (process, reading):
        if "gone" in output:
            reading.close()
        await begin(server, shop)
        process.send_signal(signal.SIGTERM)
        assert await ended(process) == 0
    assert (shop / "published").exists()


async def test_the_end_of_a_terminal_drains_a_worker(server: DevServer, shop: Path) -> None:
    with shell(server, shop, "exec WORKER") as (process, _):
        await begin(server, shop)
        process.send_signal(signal.SIGHUP)
        assert await ended(process) == 0
    assert (shop / "published").exists()


async def test_under_nohup_the_end_of_a_terminal_means_nothing(server: DevServer, shop: Path) -> None:
    with shell(server, shop, "exec nohup WORKER") as (process, _):
        await begin(server, shop)
        process.send_signal(signal.SIGHUP)
        await asyncio.to_thread(until, (shop / "published").exists)
        (shop / "publishing").unlink()
        await begin(server, shop)
        process.send_signal(signal.SIGTERM)
        assert await ended(process) == 0


async def test_a_second_signal_ends_a_worker_that_hangs(server: DevServer, shop: Path) -> None:
    (shop / "shop.py").write_text(STUCK.replace("QUEUE", shop.name))
    with shell(server, shop, "exec WORKER") as (process, _):
        await begin(server, shop)
        process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        process.send_signal(signal.SIGTERM)
        assert await ended(process) == 130


@pytest.mark.parametrize("output", ["a reader that has gone", "a full disk"])
async def test_a_supervisor_goes_on_whatever_becomes_of_its_output(server: DevServer, shop: Path, output: str) -> None:
    def workers() -> set[int]:
        lines = [line for line in processes_about(shop) if "--processes" in line]
        return {int(line.split()[0]) for line in lines} - {process.pid}

    with shell(server, shop, LINES[output].replace("WORKER", "WORKER --processes 2")) as (process, reading):
        if "gone" in output:
            reading.close()
        await asyncio.to_thread(until, lambda: len(workers()) == 2)
        first = workers()
        os.kill(min(first), signal.SIGKILL)
        await asyncio.to_thread(until, lambda: len(workers()) == 2 and workers() != first)
        await begin(server, shop)
        process.send_signal(signal.SIGHUP)
        assert await ended(process) == 0
    assert processes_about(shop) == []
    assert (shop / "published").exists()


PRINTING = ["check examples.orders.app:app", "--help", "worker --help", "--version"]


@pytest.mark.parametrize("arguments", PRINTING)
@pytest.mark.parametrize(("output", "code"), [("/dev/full", 1), ("/dev/null", 0)])
def test_a_command_whose_work_is_to_print_says_that_it_could_not(output: str, code: int, arguments: str) -> None:
    command = shlex.join([*ARVO_TEMPORAL, *arguments.split()])
    done = subprocess.run(f"{command} > {output}", shell=True, capture_output=True, text=True, cwd=ROOT)
    expected = "Error: What it has printed could not be written: No space left on device.\n" if code else ""
    assert (done.returncode, done.stderr) == (code, expected)


@pytest.mark.parametrize("arguments", PRINTING)
def test_a_reader_that_has_enough_is_no_error(arguments: str) -> None:
    command = shlex.join([*ARVO_TEMPORAL, *arguments.split()])
    done = subprocess.run(
        ["bash", "-c", f"{command} | true; echo ${{PIPESTATUS[0]}}"], capture_output=True, text=True, cwd=ROOT
    )
    assert (done.stdout, done.stderr) == ("0\n", "")

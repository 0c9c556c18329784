"""The log of a command: one line for each event, tracebacks on request; a program of one's own keeps its log."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from temporalio.client import Client

from arvo_temporal import ArvoClient, DevServer
from arvo_temporal.logs import OneLineFormatter
from tests.apps import ask, asker_app
from tests.arvo_temporal.cli.commands import WORKER, Command, run, running

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (DEBUG|INFO|WARNING|ERROR) [\w.-]+ \S")

SHOP = """
import logging
from tests.apps import asker_app

async def fails(event):
    logging.getLogger("shop").warning("first line\\nsecond \\u202e line")
    raise RuntimeError("no\\nluck")

app = asker_app(publishers={"delphi": fails})
app.task_queue = "logged"
"""


def record(name: str, message: str, error: Exception | None = None) -> logging.LogRecord:
    info = None if error is None else (type(error), error, error.__traceback__)
    return logging.LogRecord(name, logging.WARNING, __file__, 1, message, (), info)


def raised() -> Exception:
    try:
        raise RuntimeError("no\nluck")
    except RuntimeError as error:
        return error


@pytest.mark.parametrize("name", ["temporalio.activity", "shop"])
@pytest.mark.parametrize("error", [raised, lambda: None])
def test_every_event_is_one_line_with_time_level_and_logger(name: str, error: Callable[[], Exception | None]) -> None:
    line = OneLineFormatter().format(record(name, "one\ntwo \x1b[31m", error()))
    assert LINE.match(line)
    assert len(line.splitlines()) == 1
    assert r"one\ntwo \u001b[31m" in line
    assert ("RuntimeError: no\\nluck" in line) is (error is raised)


def test_a_failed_try_has_no_traceback_and_another_failure_has_it_in_its_line() -> None:
    shown = {name: OneLineFormatter().format(record(name, "m", raised())) for name in ("temporalio.activity", "shop")}
    assert ["Traceback" in line for line in shown.values()] == [False, True]


def test_on_request_tracebacks_stand_below_their_lines() -> None:
    lines = OneLineFormatter(tracebacks=True).format(record("temporalio.activity", "m", raised())).splitlines()
    assert (lines[1], lines[-1]) == ("Traceback (most recent call last):", "luck")


async def failing(server: DevServer, folder: Path, *options: str) -> Command:
    (folder / "shop.py").write_text(SHOP)
    asker = asker_app()
    asker.task_queue = "logged"
    environment = {"TEMPORAL_ADDRESS": server.address}
    async with running(*WORKER, "shop:app", *options, cwd=folder, environment=environment) as worker:
        await worker.until(server.address)
        await ArvoClient(await Client.connect(server.address), asker).deliver(ask("What will be?", "delphi"))
        await worker.until("RuntimeError")
        worker.press_ctrl_c()
        assert await worker.end() == 0
    return worker


async def test_a_worker_logs_a_failed_try_in_one_line(server: DevServer, tmp_path: Path) -> None:
    worker = await failing(server, tmp_path)
    tries = [line for line in worker.output.splitlines() if "RuntimeError" in line]
    assert all(LINE.match(line) and " temporalio.activity " in line for line in tries)
    assert re.search(r"Z WARNING shop first line\\nsecond \\u202e line$", worker.output, re.MULTILINE)
    assert "Traceback" not in worker.output


async def test_the_core_of_the_sdk_logs_the_same_way_and_tracebacks_come_on_request(
    server: DevServer, tmp_path: Path
) -> None:
    worker = await failing(server, tmp_path, "--log-level", "debug", "--tracebacks")
    assert re.search(rf"^{LINE.pattern[:-3]}".replace(r"[\w.-]+", r"temporalio\.core"), worker.output, re.MULTILINE)
    assert "\nTraceback (most recent call last):\n" in worker.output


async def test_a_program_that_uses_the_library_keeps_its_log() -> None:
    program = (
        "import logging; from arvo_temporal import ArvoApp, ArvoPlugin; ArvoPlugin(ArvoApp(task_queue='q'));"
        "print(logging.getLogger().handlers, logging.getLogger().level, logging.getLogger('temporalio').handlers)"
    )
    assert await run(sys.executable, "-c", program) == (0, "[] 30 []\n")

"""The log of a command: one line for each event, as text or as JSON; a program of one's own keeps its log."""

from __future__ import annotations

import json
import logging
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import Client
from temporalio.runtime import LoggingConfig, TelemetryFilter

from arvo_temporal import ArvoClient, DevServer, workflow_id
from arvo_temporal.logs import LogLevel, OneLineFormatter, start_log
from tests.apps import ask, asker_app
from tests.arvo_temporal.cli.commands import WORKER, Command, run, running
from tests.arvo_temporal.worker.test_supervisor import workers

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


def test_no_traceback_steers_the_terminal() -> None:
    error = RuntimeError("\x1b[31mred\u202e")
    shown = OneLineFormatter(tracebacks=True).format(record("shop", "m", error))
    assert shown.endswith(r"RuntimeError: \u001b[31mred\u202e")


@contextmanager
def log_of_a_new_process(level: LogLevel) -> Iterator[tuple[logging.Logger, LoggingConfig]]:
    """Start the log as a command does; yields its root, and what the runtime of the SDK gets."""
    root = logging.getLogger()
    handlers, before = root.handlers[:], root.level
    root.handlers[:] = []
    try:
        yield root, start_log(level)
    finally:
        root.handlers[:] = handlers
        root.setLevel(before)
        logging.captureWarnings(False)


@pytest.mark.parametrize("level", LogLevel)
def test_the_core_logs_from_the_level_on_that_is_asked_for(level: LogLevel) -> None:
    with log_of_a_new_process(level) as (root, config):
        assert isinstance(config.filter, TelemetryFilter)
        assert config.filter.core_level == ("WARN" if level is LogLevel.WARNING else level.name)
        assert root.level == getattr(logging, level.name)


def test_warnings_of_python_are_lines_too(capsys: pytest.CaptureFixture[str]) -> None:
    with log_of_a_new_process(LogLevel.WARNING):
        warnings.showwarning("old", DeprecationWarning, "shop.py", 1)
    assert re.match(rf"{LINE.pattern[:-3]} shop\.py:1: DeprecationWarning: old\n$", capsys.readouterr().err)


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


def json_lines(file: Path) -> list[dict[str, Any]]:
    """Return the lines of a log, each of which has to be JSON; the last one may not be whole yet."""
    lines = file.read_text().splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith("\n")]


async def logged_as_json(
    server: DevServer, folder: Path, *options: str, **environment: str
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Run a worker whose publisher fails; return its log, and what the lines about its event have to say."""
    (folder / "shop.py").write_text(SHOP)
    asker, init, file = asker_app(), ask("What will be?", "delphi"), folder / "log"
    asker.task_queue = f"logged-{uuid4()}"
    command = ("sh", "-c", 'exec "$@" 2>log', "sh", *WORKER, "shop:app", "--task-queue", asker.task_queue, *options)
    at_server = {"TEMPORAL_ADDRESS": server.address, **environment}
    async with running(*command, cwd=folder, environment=at_server) as worker:
        if "--processes" in options:
            await workers(worker, 2)
        else:
            await worker.until(server.address)
        client = ArvoClient(await Client.connect(server.address), asker)
        await client.deliver(init)
        await client.result(init.subject)
        worker.press_ctrl_c()
        assert await worker.end() == 0
    about = {"subject": init.subject, "workflow_id": workflow_id(init.subject), "orchestrator": "arvo.orc.asker"}
    return json_lines(file), {**about, "version": "1.0.0", "event_type": "com.oracle.ask"}


AS_JSON = [
    (("--log-format", "json"), {}),
    ((), {"ARVO_LOG_FORMAT": "JSON"}),
    (("--log-format", "json", "--log-level", "debug"), {}),
    (("--log-format", "json", "--processes", "2"), {}),
]


@pytest.mark.parametrize(("options", "environment"), AS_JSON)
async def test_as_json_each_line_has_the_fields_of_what_it_is_about(
    server: DevServer, tmp_path: Path, options: tuple[str, ...], environment: dict[str, str]
) -> None:
    lines, about = await logged_as_json(server, tmp_path, *options, **environment)
    here = [line for line in lines if line.get("subject") == about["subject"]]
    own = [line for line in here if line["logger"] == "shop"]
    tries = [line for line in here if line["logger"] == "temporalio.activity"]
    (given_up,) = (line for line in here if line.get("outcome") == "failed")
    assert len(own) == len(tries) == 2
    assert own[0]["message"] == "first line\nsecond \u202e line"
    assert [one["attempt"] for one in tries] == [1, 2]
    assert {one["error"] for one in tries} == {"RuntimeError"}
    assert {one["message"] for one in tries} == {"Completing activity as failed"}
    assert "{" not in given_up["message"], "what the SDK tells is in fields"
    for line in (*own, *tries, given_up):
        assert about.items() <= line.items()
        assert line["event_id"] == given_up["event_id"]
    assert (given_up["level"], given_up["logger"]) == ("WARNING", "arvo_temporal.orchestration")
    assert (given_up["state"], given_up["route"], given_up["to"]) == ("asking", "publisher", "delphi")
    assert not any("What will be?" in json.dumps(line) for line in lines if line["logger"] != "temporalio.core")
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"]) for line in lines)


async def test_as_json_the_core_of_the_sdk_tells_its_fields(server: DevServer, tmp_path: Path) -> None:
    lines, _ = await logged_as_json(server, tmp_path, "--log-format", "json")
    core = [line for line in lines if line["logger"] == "temporalio.core"]
    assert core[0]["message"] == "Initializing worker"
    assert core[0]["core"]["task_queue"].startswith("logged-")


def test_the_page_shows_a_line_as_it_is_and_explains_its_fields() -> None:
    page = Path(__file__).parents[2].joinpath("docs/monitoring.md").read_text()
    shown = json.loads(page.split("```json\n")[1].split("\n```")[0])
    table = page.split("| Field |")[1].split("\n\n")[0]
    assert [name for name in shown if f"`{name}`" not in table] == ["time", "level", "logger", "message"]


@pytest.mark.parametrize("options", [(), ("--log-level", "warning", "--log-events")])
async def test_what_became_of_each_event_is_logged_on_request(
    server: DevServer, tmp_path: Path, options: tuple[str, ...]
) -> None:
    lines, _ = await logged_as_json(server, tmp_path, "--log-format", "json", *options)
    fates = [(line["event_type"], line["fate"]) for line in lines if "fate" in line]
    asked, failed = ("arvo.orc.asker", "applied"), ("sys.com.oracle.ask.error", "applied")
    assert fates == ([asked, failed] if options else [])
    assert ("INFO" in {line["level"] for line in lines}) is not bool(options)


async def test_a_form_that_there_is_not_is_wrong_usage(tmp_path: Path) -> None:
    code, output = await run(*WORKER, "shop:app", "--log-format", "xml")
    assert code == 2
    assert "'line', 'json'" in output


async def test_a_program_that_uses_the_library_keeps_its_log() -> None:
    program = (
        "import logging; from arvo_temporal import ArvoApp, ArvoPlugin; ArvoPlugin(ArvoApp(task_queue='q'));"
        "print(logging.getLogger().handlers, logging.getLogger().level, logging.getLogger('temporalio').handlers)"
    )
    assert await run(sys.executable, "-c", program) == (0, "[] 30 []\n")

"""Each command in a namespace with 10,000 orchestrations: `python -m tests.crowd`, or `--number 500`.

They are on a server of their own with a worker of its own. Of twenty, four have refused an event, a request of one has
failed for good, one waits for its next try, one asks people, and the others count. It prints for each command how long
it took and how much memory, and ends with exit code 1 if one has failed, or printed more than anybody reads.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shlex
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from subprocess import STDOUT, Popen
from tempfile import TemporaryDirectory, TemporaryFile

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress
from temporalio.client import Client

from arvo_temporal import ArvoClient, ArvoPlugin
from arvo_temporal.child_process import ChildProcess
from arvo_temporal.client import Filters
from arvo_temporal.dev_server.server import DevServer
from tests import town
from tests.approvals import GOOD
from tests.apps import counted
from tests.arvo_temporal.cli.commands import ARVO_TEMPORAL, ROOT
from tests.polling import eventually

_TWENTY = 20
_APPROVAL, _FAILED, _LATER = 0, 1, 2
_REFUSED = (3, 4, 5, 6)
_SENDERS = 32
_MOST_LINES = 250
_EXCERPT = 1500
_LOOK = 0.02
_WIDTH = 86
_PAUSE = 1.0
"""Seconds between two looks at how many have come where they stay: each costs a server that has much to do a search."""
_PATIENCE = 600
"""Seconds that a command may take, and that may go by without one more orchestration where it stays."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A command that is tried.

    Attributes:
        line: What follows `arvo-temporal`; names in braces are those of `_words`.
        shows: What its output has to show, likewise.
        code: Its exit code.
        lists_all: Whether it is asked for a line of each orchestration.
    """

    line: str
    shows: str
    code: int = 0
    lists_all: bool = False


TRIED = (
    Tried("list", "more: --limit {number} shows all"),
    Tried("list --limit {number}", "arvo.orc.counter 1.0.0", lists_all=True),
    Tried("list --limit {number} --json", '"key": "5"', lists_all=True),
    Tried("list --stuck", "refused"),
    Tried("list --state counting --in-state-for 1s", "counting"),
    Tried("list --orchestrator arvo.orc.errand --older-than 1s --status all", "errand"),
    Tried("list --key 5", "counter"),
    Tried("list --trouble no-worker", "No orchestration is like that."),
    Tried("show counter/5", "refused evt.tally.counted"),
    Tried("show count", "Several orchestrations are called", code=1),
    Tried("history counter/5 --app {app}", "in counting"),
    Tried("diagram {app} --at counter/5", "● counting"),
    Tried("explain counter/5 evt.tally.counted --app {app}", "accepted:"),
    Tried("cost {app} --at counter/5", "history events in 1 run"),
    Tried("record counter/5", '"arvo.orc.counter"'),
    Tried("ledger counter/5", '"refused"'),
    Tried("violations counter/5", '"refused"'),
    Tried("start {app} counter --key 5 --data {goal}", "found"),
    Tried("send counter/7 --type evt.tally.counted --data {by} --wait --app {app}", "applied"),
    Tried("wait counter/7", "done"),
    Tried("watch counter/7", "completed"),
    Tried("answer approval/0 --type evt.verdict.given --data {verdict} --app {app}", "applied"),
    Tried("resolve errand/1 --as evt.courier.ask.success --data {text}", "applied"),
    Tried("redrive --trouble refused", " more are not shown.", code=2),
    Tried("redrive --trouble refused --limit 5", "5 found. These are the newest of {refused}: ", code=2),
    Tried("redrive --trouble refused --limit 10 --yes", "10 found, 0 well, 10 not.", code=1),
    Tried("retry --trouble failed --limit 0 --yes", ", 0 not."),
    Tried("nudge --orchestrator arvo.orc.errand --limit 0 --yes", ", 0 not."),
    Tried("dismiss --trouble refused --limit 10 --json", '"done": false', code=2),
    Tried("dismiss --trouble refused --limit 0 --yes", "{refused} found, {refused} well, 0 not."),
    Tried("check-deploy {app}", " 0 would not go on."),
    Tried("check-deploy {app} --limit 0", " 0 would not go on."),
    Tried("schedule create {app} counter --every 1h --data {goal}", "created"),
    Tried("schedule list", "arvo.orc.counter 1.0.0"),
    Tried("schedule describe arvo.orc.counter", '"goal": 9'),
    Tried("schedule pause arvo.orc.counter", "paused"),
    Tried("schedule trigger arvo.orc.counter", "triggered"),
    Tried("schedule unpause arvo.orc.counter", "unpaused"),
    Tried("schedule backfill arvo.orc.counter --overlap allowall {hours}", "backfilled"),
    Tried("schedule delete arvo.orc.counter", "deleted"),
    Tried("health {app}", "Served by"),
    Tried("setup", "all search attributes were there"),
)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command has ended.

    Attributes:
        code: Its exit code.
        said: What it has printed.
        megabytes: The most memory that it had.
    """

    code: int
    said: str
    megabytes: float = 0.0


Runner = Callable[[Sequence[str], Mapping[str, str]], Awaitable[Ended]]
"""Runs `arvo-temporal` with arguments and environment variables."""


@asynccontextmanager
async def crowded(number: int) -> AsyncIterator[DevServer]:
    """Run a server with so many orchestrations, of which each has come to where it stays, and their worker."""
    with TemporaryDirectory() as folder:
        async with DevServer(ui=False, db_file=Path(folder) / "crowd.db") as server:
            command = ["env", f"TEMPORAL_ADDRESS={server.address}", sys.executable, "worker.py", "tests.town:app"]
            worker = await ChildProcess.start(command, log_file=Path(folder) / "worker.log")
            try:
                client = await Client.connect(server.address, plugins=[ArvoPlugin(town.app)])
                await _gather(ArvoClient(client, town.app), number)
                yield server
            finally:
                await worker.stop(within=20)


async def _gather(client: ArvoClient, number: int) -> None:
    with Progress(*Progress.get_default_columns(), MofNCompleteColumn(), console=Console(stderr=True)) as progress:
        await _begin_all(client, number, progress)
        share = number // _TWENTY
        wanted: tuple[tuple[int, Filters], ...] = (
            (share * len(_REFUSED), {"trouble": "refused"}),
            (share, {"trouble": "failed"}),
            (share * (_TWENTY - 3), {"state": "counting"}),
            (share * 2, {"state": "waiting"}),
            (share, {"state": "asking"}),
        )
        for count, filters in wanted:
            await _settled(client, count, filters, progress)


async def _begin_all(client: ArvoClient, number: int, progress: Progress) -> None:
    numbers = iter(progress.track(range(number), description="begun"))

    async def sender() -> None:
        for one in numbers:
            await _begin(client, one)

    await asyncio.gather(*(sender() for _ in range(_SENDERS)))


async def _settled(client: ArvoClient, wanted: int, filters: Filters, progress: Progress) -> None:
    """Wait until so many are listed, for as long as more and more are."""
    row = progress.add_task(" ".join(f"{word}" for word in filters.values()), total=wanted)

    async def listed() -> int:
        await asyncio.sleep(_PAUSE)
        return await client.count(**filters)

    found = await client.count(**filters)
    while found != wanted:
        progress.update(row, completed=found)
        found = await eventually(listed, found.__lt__, within=_PATIENCE)
    progress.update(row, completed=found)


async def _begin(client: ArvoClient, number: int) -> None:
    key, kind = str(number), number % _TWENTY
    if kind == _APPROVAL:
        await client.start("approval", {}, key=key)
    elif kind in (_FAILED, _LATER):
        await client.start("errand", {"text": town.LATER if kind == _LATER else "now"}, key=key)
    else:
        begun = await client.start("counter", {"goal": 9}, key=key)
        if kind in _REFUSED:
            await client.deliver(replace(counted(begun.subject), data={"by": "one"}))


def _words(number: int) -> dict[str, str]:
    return {
        "app": "tests.town:app",
        "number": str(number),
        "refused": f"{number // _TWENTY * len(_REFUSED):,}",
        "goal": "'{\"goal\":9}'",
        "by": "'{\"by\":9}'",
        "text": '\'{"text":"by hand"}\'',
        "hours": "--start-time 2026-01-01T00:00:00Z --end-time 2026-01-01T02:00:00Z",
        "verdict": f"'{json.dumps(GOOD)}'",
    }


async def try_all(number: int, run: Runner) -> AsyncIterator[tuple[str, float, Ended, str | None]]:
    """Try each command in a crowd, and yield its line, its seconds, how it has ended, and what is wrong with that."""
    words = _words(number)
    async with crowded(number) as server:
        environment = {"TEMPORAL_ADDRESS": server.address, "COLUMNS": "200"}
        for tried in TRIED:
            line = tried.line.format(**words)
            begin = time.monotonic()
            ended = await run(shlex.split(line), environment)
            yield line, time.monotonic() - begin, ended, _wrong(tried, ended, tried.shows.format(**words))


def _wrong(tried: Tried, ended: Ended, shows: str) -> str | None:
    if ended.code != tried.code:
        return f"exit code {ended.code}, not {tried.code}: {_excerpt(ended.said)}"
    if shows not in ended.said:
        return f"it does not show '{shows}': {_excerpt(ended.said)}"
    if "Traceback" in ended.said:
        return _excerpt(ended.said)
    lines = ended.said.count("\n")
    return f"it prints {lines:,} lines" if lines > _MOST_LINES and not tried.lists_all else None


def _excerpt(said: str) -> str:
    """Return the beginning, where tables have what has failed, and the end."""
    return said if len(said) <= 2 * _EXCERPT else f"{said[:_EXCERPT]}\n...\n{said[-_EXCERPT:]}"


async def _measured(arguments: Sequence[str], environment: Mapping[str, str]) -> Ended:
    """Run a command as a process of its own, and measure its memory."""
    return await asyncio.to_thread(_run, [*ARVO_TEMPORAL, *arguments], {**os.environ, **environment})


def _run(command: Sequence[str], environment: Mapping[str, str]) -> Ended:
    kilobytes, overdue = 0, time.monotonic() + _PATIENCE
    with TemporaryFile() as output, Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=STDOUT) as process:
        while process.poll() is None:
            kilobytes = max(kilobytes, _most_memory(process.pid))
            if time.monotonic() > overdue:
                process.kill()
            time.sleep(_LOOK)
        output.seek(0)
        return Ended(process.returncode, output.read().decode(), kilobytes / 1024)


def _most_memory(pid: int) -> int:
    """Return the most memory that a process has had, in kilobytes; 0 where the system does not tell."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    lines = (line.split() for line in status.splitlines())
    return next((int(line[1]) for line in lines if line[0] == "VmHWM:"), 0)


async def measure(number: int) -> int:
    """Try each command in a crowd, print what each took as soon as it has ended, and return how many have failed."""
    print(_row("command", "seconds", "MB", "lines"), flush=True)
    failed = 0
    async for line, seconds, ended, wrong in try_all(number, _measured):
        lines = ended.said.count("\n")
        print(_row(line, f"{seconds:.1f}", f"{ended.megabytes:.0f}", f"{lines:,}"), flush=True)
        if wrong:
            failed += 1
            print(f"    {wrong}", flush=True)
    return failed


def _row(line: str, *cells: str) -> str:
    return f"{line:{_WIDTH}.{_WIDTH}}" + "".join(f"{cell:>9}" for cell in cells)


def main() -> int:
    """Run the command and return its exit code: 0 if each command did what it should."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, default=10_000, help="how many, a multiple of 20 (default: 10000)")
    return int(bool(asyncio.run(measure(parser.parse_args().number))))


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # A process that has used a Temporal client can crash while Python ends (temporalio/sdk-python#300).
    os._exit(code)

"""A child process: how it ends, and that neither it nor its guard stays behind."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from arvo_temporal.child_process import ChildProcess
from tests.polling import eventually

SLEEP = ("sleep", "60")


def children() -> list[int]:
    """Return the pids of the children of this process, the dead that nobody has collected included."""
    listed = subprocess.Popen(["ps", "-o", "pid=", "--ppid", str(os.getpid())], stdout=subprocess.PIPE, text=True)
    output, _ = listed.communicate()
    return [pid for pid in map(int, output.split()) if pid != listed.pid]


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that is dead and not yet collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def test_it_ends_by_itself_with_its_exit_code_and_its_guard_goes_too() -> None:
    before = children()
    process = await ChildProcess.start([sys.executable, "-c", "raise SystemExit(7)"])
    assert await process.wait()
    assert process.exit_code == 7
    assert children() == before


async def test_waiting_is_bounded_and_leaves_it_running() -> None:
    process = await ChildProcess.start(SLEEP)
    assert not await process.wait(within=0.01)
    assert process.exit_code is None
    waiting = asyncio.create_task(process.wait())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert process.exit_code is None
    await process.kill()
    assert process.exit_code == -signal.SIGKILL


async def shell(script: str, log_file: Path) -> ChildProcess:
    """Start a shell, and wait until it has set its traps and says that it is up."""
    process = await ChildProcess.start(["sh", "-c", script], log_file=log_file)
    await eventually(lambda: asyncio.to_thread(log_file.read_text), lambda said: "up" in said)
    return process


async def test_stopping_asks_first_and_kills_what_does_not_listen(tmp_path: Path) -> None:
    before = children()
    polite = await ChildProcess.start(SLEEP)
    await polite.stop(within=20)
    assert polite.exit_code == -signal.SIGTERM
    deaf = await shell("trap '' TERM; echo up; while :; do sleep 0.05; done", tmp_path / "log")
    await deaf.stop(within=0.3)
    assert deaf.exit_code == -signal.SIGKILL
    for ended in (polite, deaf):
        ended.signal(signal.SIGTERM)
        await ended.stop(within=20)
    assert children() == before


async def test_a_cancelled_stop_ends_it_first(tmp_path: Path) -> None:
    script = "trap 'sleep 0.3; exit 3' TERM; echo up; while :; do sleep 0.05; done"
    process = await shell(script, tmp_path / "log")
    stopping = asyncio.create_task(process.stop(within=20))
    for _ in range(3):
        await asyncio.sleep(0.01)
        stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping
    assert process.exit_code == 3


async def test_a_cancelled_start_leaves_nothing_behind() -> None:
    before = children()
    for steps in range(12):
        starting = asyncio.create_task(ChildProcess.start(SLEEP))
        for _ in range(steps):
            await asyncio.sleep(0)
        starting.cancel()
        try:
            process = await starting
        except asyncio.CancelledError:
            continue
        await process.kill()
    await eventually(lambda: asyncio.to_thread(children), lambda now: now == before)


async def test_a_program_that_is_missing_is_an_error_and_leaves_nothing_behind(tmp_path: Path) -> None:
    before = children()
    with pytest.raises(FileNotFoundError):
        await ChildProcess.start([str(tmp_path / "missing")])
    assert children() == before


async def test_it_writes_behind_what_the_log_has_and_inherits_what_it_shall(tmp_path: Path) -> None:
    log_file = tmp_path / "log"
    log_file.write_text("before\n")
    reading, writing = os.pipe()
    process = await ChildProcess.start(
        ["sh", "-c", f"echo $WORD; echo err >&2; echo through >/dev/fd/{writing}"],
        log_file=log_file,
        environment={**os.environ, "WORD": "word"},
        keep_open=[writing],
    )
    await process.wait()
    os.close(writing)
    with os.fdopen(reading) as pipe:
        assert pipe.read() == "through\n"
    assert log_file.read_text() == "before\nword\nerr\n"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_it_ends_with_its_parent_and_so_does_its_guard(number: signal.Signals) -> None:
    script = """
        import asyncio, os, subprocess
        from arvo_temporal.child_process import ChildProcess

        async def main():
            await ChildProcess.start(["sleep", "60"])
            listed = subprocess.run(
                ["ps", "-o", "pid=,comm=", "--ppid", str(os.getpid())], capture_output=True, text=True
            )
            print(*(line.split()[0] for line in listed.stdout.splitlines() if "ps" not in line), flush=True)
            await asyncio.sleep(60)

        asyncio.run(main())
    """
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", textwrap.dedent(script)), stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    pids = [int(pid) for pid in (await parent.stdout.readline()).split()]
    assert len(pids) == 2
    assert all(map(is_alive, pids))
    parent.send_signal(number)
    await parent.wait()
    await eventually(lambda: asyncio.to_thread(lambda: [pid for pid in pids if is_alive(pid)]), lambda left: not left)

"""Who counts as serving: pollers that the server has seen lately, and processes that live on this host."""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.api.taskqueue.v1 import PollerInfo
from temporalio.client import Client

from arvo_temporal import DevServer
from arvo_temporal.worker.health import NotServedError, check_served, living, runs_here

HOST = socket.gethostname()
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def poller(identity: str, seconds_ago: float) -> PollerInfo:
    info = PollerInfo(identity=identity)
    info.last_access_time.FromDatetime(NOW - timedelta(seconds=seconds_ago))
    return info


@pytest.mark.parametrize(
    ("seconds_ago", "lives"),
    [
        pytest.param(0, True, id="just now"),
        pytest.param(60, True, id="one poll of a living worker"),
        pytest.param(75, True, id="one poll and some delay"),
        pytest.param(120, False, id="two polls"),
        pytest.param(290, False, id="the server still remembers it"),
        pytest.param(-5, True, id="the clock of the server goes ahead"),
    ],
)
def test_a_poller_lives_if_it_has_come_back_within_its_poll_and_some_delay(seconds_ago: float, lives: bool) -> None:
    assert (living([poller("1@host", seconds_ago)], NOW) == {"1@host"}) is lives


def test_of_several_pollers_the_living_ones_count_once_each() -> None:
    pollers = [poller("1@a", 1), poller("2@b", 600), poller("1@a", 600), poller("3@c", 1), poller("3@c", 2)]
    assert living(pollers, NOW) == {"1@a", "3@c"}
    assert living([], NOW) == set()


def test_a_living_process_of_this_host_runs_here() -> None:
    assert runs_here(f"{os.getpid()}@{HOST}")


def test_a_process_of_another_user_runs_here_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(pid: int, number: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", forbidden)
    assert runs_here(f"1@{HOST}")


@pytest.mark.parametrize(
    "identity",
    [
        pytest.param("", id="nothing"),
        pytest.param("worker", id="a name"),
        pytest.param(f"{os.getpid()}", id="no host"),
        pytest.param(f"x@{HOST}", id="no process"),
        pytest.param(f"{os.getpid()}@moon", id="another host"),
    ],
)
def test_another_host_or_no_process_does_not_run_here(identity: str) -> None:
    assert not runs_here(identity)


def test_a_process_that_has_ended_does_not_run_here() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert not runs_here(f"{ended.pid}@{HOST}")


async def test_a_dev_server_that_cannot_write_serves_nobody(tmp_path: Path) -> None:
    async with DevServer(ui=False, db_file=tmp_path / "dev.db") as server:
        client = await Client.connect(server.address)
        with pytest.raises(NotServedError, match="No worker serves"):
            await check_served(client, "nobody")
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (0, 0))  # every write fails, as on a full disk
        with pytest.raises(NotServedError, match=r"The dev server cannot write, so nothing goes on there: .*disk"):
            await check_served(client, "nobody")

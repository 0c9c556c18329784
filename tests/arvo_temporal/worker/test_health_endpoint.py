"""The health endpoint of a worker: what /livez and /readyz say, and when."""

from __future__ import annotations

import asyncio
import http.client
import os
import re
import signal
import socket
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.api.deployment.v1 import WorkerDeploymentVersion
from temporalio.api.taskqueue.v1 import TaskQueueVersioningInfo
from temporalio.client import Client

from arvo_temporal import ArvoClient, DevServer
from arvo_temporal.worker.health_endpoint import HealthEndpointError, health_endpoint
from arvo_temporal.worker.listen_address import ListenAddress
from arvo_temporal.worker.several import SeveralWorkers
from arvo_temporal.worker.vitality import Vitality
from arvo_temporal.worker.watch import endpoint_of
from arvo_temporal.worker.workless import taken_by_a_version
from tests.adversity.test_worker_versioning import Site
from tests.apps import ask, asker_app, counter_app
from tests.arvo_temporal.cli.commands import ARVO_TEMPORAL, WORKER, Command, run, running
from tests.arvo_temporal.cli.test_worker_command import slow_shop
from tests.arvo_temporal.worker.test_supervisor import workers

COUNTING = "tests.apps:app"
FREE = ListenAddress("127.0.0.1", 0)
_PATIENCE = 60
BLOCKING = """
import time
from tests.apps import asker_app

async def block(event):
    time.sleep(15)

app = asker_app(publishers={"delphi": block})
app.task_queue = "blocking"
"""


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def get(url: str, path: str, method: str = "GET") -> tuple[int, str]:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode().strip()
    finally:
        connection.close()


async def until(url: str, path: str, status: int, says: str = "") -> str:
    """Ask until the endpoint answers so; return its text."""
    answer: object = None
    try:
        async with asyncio.timeout(_PATIENCE):
            while True:
                answer = code, text = await asyncio.to_thread(get, url, path)
                if code == status and says in text:
                    return text
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"{path} says {answer}") from None


async def url_of(command: Command) -> str:
    """Return the address of the endpoint that a worker says."""
    await command.until("/readyz")
    found = re.search(r"health\s+(http://\S+)/livez", command.output)
    assert found is not None, command.output
    return found[1]


@asynccontextmanager
async def worker(
    server: DevServer, *options: str, app: str = COUNTING, cwd: Path | None = None
) -> AsyncIterator[Command]:
    environment = {"TEMPORAL_ADDRESS": server.address, "ARVO_HEALTH": "127.0.0.1:0"}
    where = {} if cwd is None else {"cwd": cwd}
    async with running(*WORKER, app, *options, environment=environment, **where) as command:
        yield command


# How it is judged.


def test_a_loop_that_turns_lives_and_one_that_does_not_is_blocked_until_it_turns_again() -> None:
    clock = Clock()
    vitality = Vitality(clock=clock)
    clock.now += 10
    assert vitality.not_live() is None
    clock.now += 1
    assert vitality.not_live() == "The event loop has not turned for 11 s: an async handler blocks it."
    vitality.polls(None)
    assert vitality.not_ready() == vitality.not_live()
    vitality.turned()
    assert vitality.not_live() is vitality.not_ready() is None


def test_it_is_ready_once_it_polls_and_no_longer_when_it_stops() -> None:
    vitality = Vitality()
    assert vitality.not_ready() == "The worker has not begun to poll yet."
    vitality.polls(None)
    assert vitality.not_ready() is None
    vitality.polls("The moon is full.")
    assert vitality.not_ready() == "The moon is full."
    vitality.stops()
    assert vitality.not_ready() == "The worker is stopping."
    assert vitality.not_live() is None


A = WorkerDeploymentVersion(deployment_name="shop", build_id="1")
B = WorkerDeploymentVersion(deployment_name="shop", build_id="the 2nd")
TAKEN = [
    pytest.param(None, None, 0, None, id="no versions"),
    pytest.param(A, None, 0, "current version .* build '1' of deployment 'shop'.*--unversioned$", id="a current one"),
    pytest.param(A, B, 100, "current version .* build '1'", id="a current one, and a ramp to another"),
    pytest.param(A, None, 5, None, id="some comes back to unversioned workers"),
    pytest.param(None, B, 5, None, id="some goes to a version"),
    pytest.param(
        None, B, 100, "ramping version .*--build 'the 2nd'.*--build-id 'the 2nd' --delete$", id="all goes there"
    ),
]


@pytest.mark.parametrize(("current", "ramping", "share", "says"), TAKEN)
def test_unversioned_workers_get_nothing_where_versions_take_all(
    current: WorkerDeploymentVersion | None, ramping: WorkerDeploymentVersion | None, share: float, says: str | None
) -> None:
    routing = TaskQueueVersioningInfo(
        current_deployment_version=current, ramping_deployment_version=ramping, ramping_version_percentage=share
    )
    said = taken_by_a_version(routing, "orders")
    if says is None:
        assert said is None
    else:
        assert said is not None
        assert re.search(says, said), said


# Its address.


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:8081", ListenAddress("127.0.0.1", 8081)),
        ("localhost:0", ListenAddress("localhost", 0)),
        (" 0.0.0.0:65535 ", ListenAddress("0.0.0.0", 65535)),
        ("[::1]:8081", ListenAddress("::1", 8081)),
    ],
)
def test_an_address_is_a_host_and_a_port(text: str, address: ListenAddress) -> None:
    assert ListenAddress.read(text) == address
    assert ListenAddress.read(str(address)) == address


@pytest.mark.parametrize(
    "text",
    [
        "8081",
        ":8081",
        "host",
        "host:",
        "host:x",
        "host:65536",
        "::1:80",
        "[]:80",
        "h:-1",
        "h:²",
        "a b:1",
        "a\0:1",
        "[a]:1",
    ],
)
async def test_what_is_no_address_is_refused_with_the_cure(text: str) -> None:
    with pytest.raises(ValueError, match=r"give HOST:PORT, for example 127\.0\.0\.1:8081"):
        ListenAddress.read(text)


@given(st.text())
def test_a_text_is_an_address_or_refused(text: str) -> None:
    try:
        address = ListenAddress.read(text)
    except ValueError:
        return
    assert ListenAddress.read(str(address)) == address


async def test_the_command_refuses_what_is_no_address() -> None:
    code, output = await run(*WORKER, COUNTING, "--health", "8081")
    assert code == 2
    assert "'8081' is no address to listen at: give HOST:PORT" in " ".join(output.replace("│", " ").split())


async def test_an_address_that_is_taken_is_one_error(server: DevServer) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        for more in ((), ("--processes", "2")):
            environment = {"TEMPORAL_ADDRESS": server.address}
            code, output = await run(*WORKER, COUNTING, "--health", address, *more, environment=environment)
            assert code == 1
            assert output.startswith(f"Error: The health endpoint cannot listen at {address}: Address already in use.")
            assert output.count("\n") == 1


def test_a_host_that_is_not_here_is_an_error() -> None:
    for host in ("192.0.2.1", "no such host", "x" * 300):
        with (
            pytest.raises(HealthEndpointError, match="cannot listen at"),
            health_endpoint(ListenAddress(host, 0), not_live=lambda: None, not_ready=lambda: None),
        ):
            pass


# What it answers.


def test_it_answers_get_and_head_of_two_paths() -> None:
    with health_endpoint(FREE, not_live=lambda: None, not_ready=lambda: "Not\nyet.") as url:
        assert get(url, "/livez") == (200, "ok")
        assert get(url, "/livez?verbose") == (200, "ok")
        assert get(url, "/livez", "HEAD") == (200, "")
        status, text = get(url, "/readyz")
        assert (status, text.count("\n")) == (503, 0)
        assert get(url, "/readyz", "HEAD") == (503, "")
        host, _, port = url.removeprefix("http://").rpartition(":")
        with socket.create_connection((host, int(port)), timeout=10) as bare, bare.makefile("rb") as answer:
            bare.sendall(b"HEAD /readyz HTTP/1.0\r\n\r\n")
            assert answer.read().endswith(b"\r\n\r\n")
        assert get(url, "/") == (404, "There is /livez and /readyz.")
        assert get(url, "/livez", "POST")[0] == 501


def test_who_asks_and_says_nothing_does_not_hold_up_others(capfd: pytest.CaptureFixture[str]) -> None:
    with health_endpoint(FREE, not_live=lambda: None, not_ready=lambda: None) as url:
        host, _, port = url.removeprefix("http://").rpartition(":")
        silent = [socket.create_connection((host, int(port))) for _ in range(5)]
        assert get(url, "/livez") == (200, "ok")
        for one in silent:
            one.close()
        many = [socket.create_connection((host, int(port)), timeout=10) for _ in range(40)]
        assert most_threads_until_closed(many[-1]) <= 16
        for one in many:
            one.close()
    assert capfd.readouterr() == ("", "")


def most_threads_until_closed(connection: socket.socket) -> int:
    """Return how many threads there were at most for requests, until the endpoint has closed a connection."""
    connection.setblocking(False)
    most = 0
    while True:
        most = max(most, sum("process_request" in thread.name for thread in threading.enumerate()))
        try:
            assert connection.recv(1) == b""
        except BlockingIOError:
            time.sleep(0.01)
        else:
            return most


async def test_it_answers_while_the_event_loop_is_blocked() -> None:
    vitality = Vitality(bound=0.2)
    seen: list[str | None] = []
    async with endpoint_of(FREE, vitality) as url:
        assert url is not None
        await until(url, "/livez", 200)

        def look() -> None:
            while not seen:
                code, text = get(url, "/livez")
                if code == 503:
                    seen.append(text)

        looking = threading.Thread(target=look)
        looking.start()
        looking.join(_PATIENCE)  # on the event loop: as a handler that blocks
        assert seen
        assert seen[0] is not None
        assert "an async handler blocks it" in seen[0]
        await until(url, "/livez", 200)


def test_several_are_live_if_all_are_and_ready_if_one_is(tmp_path: Path) -> None:
    pids = [11, 12, 13]
    several = SeveralWorkers(tmp_path, lambda: pids)
    assert several.not_live() is None
    assert several.not_ready() == "No worker process serves yet."
    (tmp_path / "13").touch()
    with (
        health_endpoint(tmp_path / "11", not_live=lambda: None, not_ready=lambda: None),
        health_endpoint(tmp_path / "12", not_live=lambda: "It is blocked.", not_ready=lambda: "It is blocked."),
    ):
        assert several.not_live() == "Worker process 12: It is blocked."
        assert several.not_ready() is None
        pids.reverse()
        assert several.not_ready() is None
        pids.remove(11)
        assert several.not_ready() == "Worker process 12: It is blocked."
        pids.append(11)
        pids.remove(12)
        assert several.not_live() is None


def test_a_worker_process_that_accepts_and_never_answers_is_not_live(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "11"))
        silent.listen()
        several = SeveralWorkers(tmp_path, lambda: [11])
        assert several.not_live() == "Worker process 11 does not answer within 2 s."


# Workers as they are run.


async def test_a_blocking_handler_makes_a_worker_not_live_until_it_has_ended(server: DevServer, tmp_path: Path) -> None:
    (tmp_path / "blocking_shop.py").write_text(BLOCKING)
    asker = asker_app()
    asker.task_queue = "blocking"
    async with worker(server, app="blocking_shop:app", cwd=tmp_path) as command:
        url = await url_of(command)
        assert await until(url, "/livez", 200) == await until(url, "/readyz", 200) == "ok"
        await ArvoClient(await Client.connect(server.address), asker).deliver(ask("What will be?", "delphi"))
        assert "an async handler blocks it" in await until(url, "/livez", 503)
        assert "an async handler blocks it" in await until(url, "/readyz", 503)
        await until(url, "/livez", 200)
        await until(url, "/readyz", 200)


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_worker_lives_without_a_server_and_is_not_ready(end: signal.Signals) -> None:
    async with DevServer(ui=False) as server, worker(server) as command:
        url = await url_of(command)
        await until(url, "/readyz", 200)
        os.kill(server.pid, end)
        try:
            assert "The server does not tell" in await until(url, "/readyz", 503)
            assert get(url, "/livez") == (200, "ok")
        finally:
            if end is signal.SIGSTOP:
                os.kill(server.pid, signal.SIGCONT)
        if end is signal.SIGSTOP:
            await until(url, "/readyz", 200)


async def test_a_worker_that_drains_lives_and_is_not_ready(server: DevServer, tmp_path: Path) -> None:
    asker = asker_app()
    asker.task_queue = "slow"
    async with worker(server, app=slow_shop(tmp_path, 8), cwd=tmp_path) as command:
        url = await url_of(command)
        await until(url, "/readyz", 200)
        await ArvoClient(await Client.connect(server.address), asker).deliver(ask("What will be?", "delphi"))
        await command.until("publishing")
        command.process.send_signal(signal.SIGTERM)
        await command.until("Stopping")
        assert await until(url, "/readyz", 503) == "The worker is stopping."
        assert get(url, "/livez") == (200, "ok")
        assert await command.end() == 0


async def test_an_unversioned_worker_beside_a_current_version_is_left_without_work(server: DevServer) -> None:
    client = await Client.connect(server.address)
    site = Site(client)
    at_the_queue = {"TEMPORAL_ADDRESS": server.address, "ARVO_TASK_QUEUE": site.name}
    says = f"The current version of the task queue '{site.name}' is build '1' of deployment '{site.name}', and this"
    ask_health = (*ARVO_TEMPORAL, "health")
    async with worker(server, "--task-queue", site.name) as command:
        url = await url_of(command)
        await until(url, "/readyz", 200)
        assert (await run(*ask_health, environment=at_the_queue))[0] == 0
        async with site.serve(counter_app(), "1"):
            await site.promote("1")
            said = await until(url, "/readyz", 503, says)
            assert f"--deployment {site.name} --build 1, or unset" in said
            assert get(url, "/livez") == (200, "ok")
            assert (await run(*ask_health, environment=at_the_queue))[0] == 0  # the version serves
        async with worker(server, "--task-queue", site.name, "--deployment", site.name, "--build", "1") as versioned:
            await until(await url_of(versioned), "/readyz", 200)


async def test_health_says_that_an_unversioned_worker_gets_no_work(server: DevServer) -> None:
    client = await Client.connect(server.address)
    site = Site(client)
    at_the_queue = {"TEMPORAL_ADDRESS": server.address, "ARVO_TASK_QUEUE": site.name}
    options = ("--task-queue", site.name)
    async with worker(server, *options, "--deployment", site.name, "--build", "1") as versioned:
        await until(await url_of(versioned), "/readyz", 200)
        await site.promote("1")
        versioned.press_ctrl_c()
        await versioned.end()
    async with worker(server, *options) as command:
        await until(await url_of(command), "/readyz", 503, "it gets no new work")
        code, output = await run(*ARVO_TEMPORAL, "health", "--this-host", environment=at_the_queue)
        assert (code, "it gets no new work. Start it with" in output) == (1, True), output


async def test_of_several_processes_one_may_be_killed_and_none_may_hang(server: DevServer) -> None:
    async with worker(server, "--processes", "2", "--task-queue", f"two-{uuid4()}") as command:
        url = await url_of(command)
        first, second = await workers(command, 2)
        await until(url, "/readyz", 200)
        os.kill(first, signal.SIGKILL)
        for _ in range(20):
            assert (await asyncio.to_thread(get, url, "/livez"))[0] == 200
        (third,) = (await workers(command, 3))[2:]
        await until(url, "/readyz", 200)
        os.kill(second, signal.SIGSTOP)
        assert await until(url, "/livez", 503) == f"Worker process {second} does not answer within 2 s."
        await until(url, "/readyz", 200)
        os.kill(third, signal.SIGSTOP)
        await until(url, "/readyz", 503)
        for pid in (second, third):
            os.kill(pid, signal.SIGCONT)
        await until(url, "/livez", 200)
        command.process.send_signal(signal.SIGTERM)
        assert await command.end() == 0


async def test_a_worker_that_is_not_asked_has_no_endpoint(server: DevServer) -> None:
    async with running(*WORKER, COUNTING, environment={"TEMPORAL_ADDRESS": server.address}) as command:
        await command.until(server.address)
        command.press_ctrl_c()
        assert await command.end() == 0
    assert "health" not in command.output

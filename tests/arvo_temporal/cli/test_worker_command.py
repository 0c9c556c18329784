"""The commands: `python worker.py`, `arvo-temporal worker`, `dev` and `health`, as processes."""

from __future__ import annotations

import asyncio
import signal
import socket
import urllib.request
from collections.abc import Mapping
from pathlib import Path

import pytest
import typer
from temporalio.client import Client

from arvo_temporal import ArvoClient
from arvo_temporal.cli.workers import worker as worker_command
from arvo_temporal.dev_server.ports import free_port
from arvo_temporal.dev_server.server import DevServer
from tests.apps import ask, asker_app
from tests.arvo_temporal.cli.commands import ARVO_TEMPORAL, WORKER, run, running
from tests.arvo_temporal.dev_server.test_dev_server import processes_about
from tests.polling import PATIENCE

NUMBERS = "examples.number_modifier.app:app"
SHOP = "from adapter.app import ArvoApp\napp = ArvoApp(task_queue='shop')\n"

_SLOW = """
import asyncio
from tests.apps import asker_app

async def slow(event):
    print("publishing", flush=True)
    await asyncio.sleep({seconds})
    print("published", flush=True)

app = asker_app(publishers={"delphi": slow})
app.task_queue = "slow"
"""


def slow_shop(directory: Path, seconds: float) -> str:
    """Write an app that publishes for so long, and return its name."""
    (directory / "slow_shop.py").write_text(_SLOW.replace("{seconds}", str(seconds)))
    return "slow_shop:app"


def dev_options(directory: Path) -> tuple[str, ...]:
    port = free_port()
    ui_port = free_port(avoid=[port])
    return ("--db-file", str(directory / "dev.db"), "--port", str(port), "--ui-port", str(ui_port))


async def test_it_says_what_it_serves_and_where(server: DevServer) -> None:
    at_the_server = {"TEMPORAL_ADDRESS": server.address}
    async with running(*WORKER, NUMBERS, "--task-queue", "numbers", environment=at_the_server) as worker:
        await worker.until(server.address)
        worker.press_ctrl_c()
        assert await worker.end() == 0
    for line in (
        "orchestrator arvo.orc.number.modifier 1.0.0",
        "task queue numbers",
        "namespace default",
        f"Temporal {server.address}",
        "Stopped.",
    ):
        assert line in " ".join(worker.output.split())


@pytest.mark.parametrize(("drain", "finished"), [("10", True), ("0", False)])
async def test_ctrl_c_lets_what_is_running_finish_for_as_long_as_it_may(
    server: DevServer, tmp_path: Path, drain: str, finished: bool
) -> None:
    asker = asker_app()
    asker.task_queue = "slow"
    at_the_server = {"TEMPORAL_ADDRESS": server.address}
    options = (slow_shop(tmp_path, 1.5 if finished else 600), "--drain", drain)
    async with running(*WORKER, *options, cwd=tmp_path, environment=at_the_server) as worker:
        await worker.until(server.address)
        client = ArvoClient(await Client.connect(server.address), asker)
        await client.deliver(ask("What will be?", "delphi"))
        await worker.until("publishing")
        worker.press_ctrl_c()
        assert await worker.end() == 0
    assert ("published" in worker.output) is finished


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_with_dev_it_brings_server_and_ui_and_takes_them_along(tmp_path: Path, number: signal.Signals) -> None:
    async with running(*WORKER, NUMBERS, "--dev", *dev_options(tmp_path)) as worker:
        await worker.until("Temporal UI")
        ui_url = worker.output.split()[-1]
        page = await asyncio.to_thread(urllib.request.urlopen, ui_url)
        assert page.status == 200
        worker.process.send_signal(number)
        assert await worker.end() == 0
    assert processes_about(tmp_path) == []
    assert (tmp_path / "dev.db").exists()


@pytest.mark.parametrize("more", [(), ("--processes", "1")])
async def test_its_dev_server_has_the_namespace_of_the_settings(tmp_path: Path, more: tuple[str, ...]) -> None:
    options = (*dev_options(tmp_path), *more)
    async with running(*WORKER, NUMBERS, "--dev", *options, environment={"TEMPORAL_NAMESPACE": "shop"}) as worker:
        await worker.until("serves" if more else "Temporal UI")
        client = await Client.connect(f"127.0.0.1:{options[3]}", namespace="shop")
        await client.start_workflow("nobody.serves.it", id="one", task_queue="nobody")
        worker.press_ctrl_c()
        assert await worker.end() == 0
    assert "namespace shop" in " ".join(worker.output.split())


async def test_its_dev_server_remembers_from_one_start_to_the_next(tmp_path: Path) -> None:
    options = dev_options(tmp_path)
    address = f"127.0.0.1:{options[3]}"
    async with running(*ARVO_TEMPORAL, "dev", *options) as dev:
        await dev.until(f"export TEMPORAL_ADDRESS={address}")
        client = await Client.connect(address)
        await client.start_workflow("nobody.serves.it", id="one", task_queue="nobody")
        dev.press_ctrl_c()
        assert await dev.end() == 0
    async with running(*ARVO_TEMPORAL, "dev", *options) as dev:
        await dev.until("export TEMPORAL_ADDRESS")
        described = await (await Client.connect(address)).get_workflow_handle("one").describe()
        assert described.workflow_type == "nobody.serves.it"
        dev.press_ctrl_c()
        assert await dev.end() == 0


async def test_when_its_dev_server_dies_it_says_so_and_fails(tmp_path: Path) -> None:
    async with running(*WORKER, NUMBERS, "--dev", *dev_options(tmp_path)) as worker:
        await worker.until("Temporal UI")
        for line in processes_about(tmp_path):
            if "start-dev" in line:
                await run("kill", "-KILL", line.split()[0])
        assert await worker.end() == 1
        assert "The dev server has ended by itself" in worker.output


async def test_without_a_server_it_says_how_to_get_one() -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    code, output = await run(*WORKER, NUMBERS, environment={"TEMPORAL_ADDRESS": nowhere})
    assert code == 1
    assert output.startswith(f"Error: No Temporal server answers at {nowhere}")
    assert "--dev" in output


async def test_without_an_app_it_says_which_module_is_missing() -> None:
    code, output = await run(*WORKER, "examples.no_such_shop:app")
    assert (code, output.count("\n")) == (1, 1)
    assert "There is no module 'examples.no_such_shop'" in output


async def test_health_is_good_while_a_worker_lives_on_this_host_and_no_longer(
    server: DevServer, tmp_path: Path
) -> None:
    (tmp_path / "shop.py").write_text(SHOP)
    environment = {"TEMPORAL_ADDRESS": server.address, "ARVO_APP": "shop:app"}

    async def health() -> tuple[int, str]:
        return await run(*ARVO_TEMPORAL, "health", "--this-host", cwd=tmp_path, environment=environment)

    code, output = await health()
    assert code == 1
    assert "No worker on this host serves the task queue 'shop'" in output
    async with running(*WORKER, cwd=tmp_path, environment=environment) as worker:
        await worker.until(server.address)
        await asyncio.sleep(0.5)
        assert await health() == (0, f"Served by {worker.process.pid}@{socket.gethostname()}\n")
        worker.press_ctrl_c()
        assert await worker.end() == 0
    assert (await health())[0] == 1


async def test_a_build_of_a_deployment_is_served_and_health_tells_it_apart(server: DevServer) -> None:
    settings = {"TEMPORAL_ADDRESS": server.address, "ARVO_TASK_QUEUE": "versioned"}
    build = {"TEMPORAL_DEPLOYMENT_NAME": "numbers", "TEMPORAL_WORKER_BUILD_ID": "2.0"}
    async with running(*WORKER, NUMBERS, "--processes", "1", environment={**settings, **build}) as worker:
        await worker.until("serves")
        await until_healthy("--deployment", "numbers", "--build", "2.0", environment=settings)
        another = {"ARVO_DEPLOYMENT": "numbers", "ARVO_BUILD": "3.0"}
        code, output = await run(*ARVO_TEMPORAL, "health", environment={**settings, **another})
    assert code == 1
    assert "No worker of build '3.0' of deployment 'numbers' serves the task queue 'versioned'" in output
    assert "deployment numbers build 2.0" in " ".join(worker.output.split())


@pytest.mark.parametrize(
    ("deployment", "build", "problem"),
    [
        ("shop", None, "--deployment and --build go together"),
        (None, "1", "--deployment and --build go together"),
        ("my.shop", "1", "Temporal takes no deployment 'my.shop'"),
        ("my:shop", "1", "Temporal takes no deployment 'my:shop'"),
        ("__shop", "1", "Temporal takes no deployment '__shop'"),
        ("shop", "__1", "with build '__1'"),
    ],
)
def test_a_build_without_a_deployment_or_with_a_name_that_temporal_refuses_is_said(
    deployment: str | None, build: str | None, problem: str
) -> None:
    with pytest.raises(typer.BadParameter, match=problem):
        worker_command(NUMBERS, deployment=deployment, build=build)


async def until_healthy(*options: str, environment: Mapping[str, str]) -> None:
    """Ask for health until somebody serves."""
    async with asyncio.timeout(PATIENCE):
        while True:
            code, _ = await run(*ARVO_TEMPORAL, "health", *options, environment=environment)
            if code == 0:
                return

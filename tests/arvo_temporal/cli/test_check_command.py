"""`arvo-temporal check`, and the worker that refuses to run on errors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from arvo_temporal.dev_server.server import DevServer
from tests.arvo_temporal.cli.commands import ARVO_TEMPORAL, run, running

SHOP = """
from arvo import create_arvo_orchestrator, emit, setup_arvo_machine
from arvo_temporal import ArvoApp
from tests.arvo.checking.shop import order, pay
from tests.arvo_temporal.checking.test_app_check import payments

machine = setup_arvo_machine(
    contracts={"self": order.version("1.0.0"), "services": {"pay": pay.version("1.0.0")}}
).create_machine(
    {
        "id": "order",
        "initial": "paying",
        "states": {
            "paying": {
                "entry": emit({"type": "com.shop.pay", "data": {"sku": "a"}}),
                "on": {KEYS},
            },
            "done": {"type": "final"},
        },
        "output": {"number": "1"},
    }
)
orchestrators = [create_arvo_orchestrator(executionunits=1, machines=[machine])]
app = ArvoApp(orchestrators=orchestrators, handlers=[payments("1.0.0", "2.0.0")], task_queue="QUEUE")
"""
CLEAN = '"evt.shop.pay.success": "done", "sys.*": "done"'
DEAF = '"evt.shop.pay.success": "done"'
MISSPELT = '"evt.shop.pay.succes": "done", "sys.*": "done"'


def write_shop(folder: Path, keys: str, queue: str = "shop") -> Path:
    (folder / "shop.py").write_text(SHOP.replace("KEYS", keys).replace("QUEUE", queue))
    return folder


@pytest.mark.parametrize(
    ("keys", "code", "errors", "warnings"), [(CLEAN, 0, 0, 0), (DEAF, 0, 0, 1), (MISSPELT, 1, 2, 0)]
)
async def test_the_exit_code_tells_of_errors_and_json_of_all(
    tmp_path: Path, keys: str, code: int, errors: int, warnings: int
) -> None:
    ended, output = await run(*ARVO_TEMPORAL, "check", "shop:app", "--json", cwd=write_shop(tmp_path, keys))
    said = json.loads(output)
    assert (ended, said["errors"], said["warnings"]) == (code, errors, warnings)
    assert len(said["findings"]) == errors + warnings
    for finding in said["findings"]:
        assert (finding["machine"], finding["version"]) == ("arvo.orc.order", "1.0.0")
        assert finding["state"] == "order.paying"
        assert finding["cure"]


async def test_it_tells_people_severity_place_and_cure(tmp_path: Path) -> None:
    code, output = await run(*ARVO_TEMPORAL, "check", "shop:app", cwd=write_shop(tmp_path, MISSPELT))
    assert code == 1
    assert 'error: arvo.orc.order 1.0.0, states.paying.on["evt.shop.pay.succes"]' in output
    assert "-> write 'evt.shop.pay.success'" in output
    assert output.endswith("2 errors, 0 warnings.\n")
    assert "ArvoWarning" not in output


async def test_without_an_app_there_is_nothing_to_check(tmp_path: Path) -> None:
    code, output = await run(*ARVO_TEMPORAL, "check", "shop:application", cwd=write_shop(tmp_path, CLEAN))
    assert code == 2
    assert "has no 'application': write shop:app" in output


async def test_a_mistake_of_the_members_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text("from arvo_temporal import ArvoApp\n\napp = ArvoApp(handlers=[print])\n")
    code, output = await run(*ARVO_TEMPORAL, "check", "shop:app", cwd=tmp_path)
    assert code == 2
    assert "AppError: ArvoApp(handlers=[...])[0] is the function print" in output
    assert "shop.py, line 3" in output


@pytest.mark.parametrize("processes", [(), ("--processes", "1")], ids=["one process", "a supervisor"])
async def test_a_worker_refuses_errors_unless_it_is_told_not_to_check(
    server: DevServer, tmp_path: Path, processes: tuple[str, ...]
) -> None:
    folder = write_shop(tmp_path, MISSPELT, queue=f"shop{len(processes)}")
    environment = {"TEMPORAL_ADDRESS": server.address}
    worker = (*ARVO_TEMPORAL, "worker", "shop:app", *processes)
    code, output = await run(*worker, cwd=folder, environment=environment)
    assert code == 1
    assert "nothing sends this machine 'evt.shop.pay.succes'" in output
    assert "Error: This app has 2 errors" in output
    assert "Traceback" not in output
    async with running(*worker, "--no-check", cwd=folder, environment=environment) as forced:
        await forced.until(server.address)
        forced.press_ctrl_c()
        assert await forced.end() == 0


async def test_warnings_keep_no_worker_from_running(server: DevServer, tmp_path: Path) -> None:
    folder = write_shop(tmp_path, DEAF, queue="deaf")
    environment = {"TEMPORAL_ADDRESS": server.address}
    async with running(*ARVO_TEMPORAL, "worker", "shop:app", cwd=folder, environment=environment) as worker:
        await worker.until(server.address)
        worker.press_ctrl_c()
        assert await worker.end() == 0

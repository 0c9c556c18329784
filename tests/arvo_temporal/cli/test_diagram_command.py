"""`arvo-temporal diagram`, as a process."""

from __future__ import annotations

import os
import pty
import subprocess
from pathlib import Path

import pytest

from adapter.errors import AppError
from arvo_temporal.cli.machines import machine_named
from arvo_temporal.dev_server.server import DevServer
from tests import resumables
from tests.apps import counter_app
from tests.arvo_temporal.cli.commands import ARVO_TEMPORAL, ROOT, run
from tests.conftest import Serve
from tests.orders_under_way import answer, in_state, order_app, order_named

ORDERS = "examples.orders.app:app"


async def diagram(*arguments: str, **environment: str) -> tuple[int, str]:
    return await run(*ARVO_TEMPORAL, "diagram", *arguments, environment={"COLUMNS": "80", **environment})


def test_a_machine_has_names_and_choices_are_told() -> None:
    app = order_app()
    for name in ("arvo.orc.order", "order", "order/1.0.0", "arvo.orc.order/1.0.0"):
        assert machine_named(app, name).source == "arvo.orc.order"
    with pytest.raises(AppError, match=r"name one of arvo\.orc\.order/1\.0\.0, arvo\.orc\.shipment/1\.0\.0"):
        machine_named(app, None)
    with pytest.raises(AppError, match=r"no machine 'ordr': is order meant\? It has arvo\.orc\.order/1\.0\.0"):
        machine_named(app, "ordr")
    assert machine_named(counter_app(), None).source == "arvo.orc.counter"
    with pytest.raises(AppError, match="Its orchestrators are functions"):
        machine_named(resumables.counter_app(kind="inline"), None)


async def test_each_form_is_written(tmp_path: Path) -> None:
    code, said = await diagram(ORDERS, "order")
    assert code == 0, said
    assert "after 3 days" in said
    assert all(len(line) <= 80 for line in said.splitlines())
    for ending, start in ((".png", b"\x89PNG"), (".mmd", b"stateDiagram-v2")):
        file = tmp_path / f"order{ending}"
        assert await diagram(ORDERS, "order", "-o", str(file)) == (0, "")
        assert file.read_bytes().startswith(start)


def test_a_png_does_not_go_to_a_terminal() -> None:
    master, terminal = pty.openpty()
    done = subprocess.run(
        [*ARVO_TEMPORAL, "diagram", ORDERS, "order", "--format", "png"],
        stdout=terminal,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        check=False,
    )
    os.close(terminal)
    os.close(master)
    assert (done.returncode, done.stderr) == (
        2,
        b"Error: A PNG is no text for a terminal. Name a file, as in -o machine.png.\n",
    )


async def test_where_an_orchestration_stands_and_its_way_are_drawn(
    server: DevServer, serve: Serve, tmp_path: Path
) -> None:
    init = order_named("06-not-approved")
    where = {"TEMPORAL_ADDRESS": server.address}
    async with serve(order_app()) as client:
        await client.deliver(init)
        await in_state(client, init.subject, "approving")
        code, said = await diagram(ORDERS, "--at", init.subject, **where)
        assert code == 0, said
        assert "● approving" in said
        assert said.splitlines()[-1].endswith("done: securing → approving [needs_approval]")
        await client.execute(answer(init, "evt.approval.decided", {"approved": False, "by": "me"}))
        await client.result(init.subject)
    file = tmp_path / "order.svg"
    assert await diagram(ORDERS, "--at", init.subject, "-o", str(file), **where) == (0, "")
    drawn = file.read_text()
    last = 'data-transition="states.undoing.always"'
    assert any("taken" in part and "last" in part for part in drawn.split("<") if last in part)
    code, said = await diagram(ORDERS, "shipment", "--at", init.subject, **where)
    assert code == 1
    assert "leave MACHINE out" in said

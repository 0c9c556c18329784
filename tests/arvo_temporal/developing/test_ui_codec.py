"""The codec server of `arvo-temporal dev`: it leaves to the dev server the ports that are given for it."""

from __future__ import annotations

import asyncio
import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from arvo_temporal.dev_server import free_port
from arvo_temporal.developing import DevelopOptions, develop, ui_codec
from arvo_temporal.worker import DevServerOptions
from tests import town
from tests.polling import eventually


async def test_its_usual_port_is_left_to_the_ui_that_wants_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = free_port()
    monkeypatch.setattr(ui_codec, "_USUAL_PORT", usual)
    dev_server = DevServerOptions(tmp_path / "dev.db", free_port(avoid=[usual]), usual)
    options = DevelopOptions("tests.town:encrypted", dev_server, [tmp_path], town.encrypted.codec)
    shown, stop = io.StringIO(), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(develop(options, stop=stop, console=Console(file=shown, width=200)))
        await eventually(lambda: asyncio.sleep(0, shown.getvalue()), lambda text: "its codec" in text)
        stop.set()
    ports = re.findall(r"(?:Temporal UI|its codec) +http://127\.0\.0\.1:(\d+)", shown.getvalue())
    assert len(ports) == 2
    assert ports[0] == str(usual) != ports[1]

"""`arvo-temporal send` that ends before its input does: it says what was taken, and what is open."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

from arvo import ArvoEvent
from arvo_temporal.dev_server.server import DevServer
from tests.apps import counted, start_count
from tests.arvo_temporal.cli.commands import ARVO_TEMPORAL, Command, answer, running

Write = Callable[[ArvoEvent], None]


@asynccontextmanager
async def sending(address: str, folder: Path) -> AsyncIterator[tuple[Command, Write]]:
    """Let `send --json` read a pipe that stays open, and return what writes an event to it."""
    pipe = folder / "events"
    os.mkfifo(pipe)
    descriptor = os.open(pipe, os.O_RDWR)

    def write(event: ArvoEvent) -> None:
        os.write(descriptor, event.to_json_bytes() + b"\n")

    arguments = ("send", str(pipe), "--json", "--task-queue", uuid4().hex)
    try:
        async with running(*ARVO_TEMPORAL, *arguments, environment={"TEMPORAL_ADDRESS": address}) as command:
            yield command, write
    finally:
        os.close(descriptor)


async def test_ctrl_c_says_what_was_taken(server: DevServer, tmp_path: Path) -> None:
    async with sending(server.address, tmp_path) as (command, write):
        write(start_count(goal=1))
        await command.until("started")
        command.press_ctrl_c()
        assert await command.end() == 130
    assert command.output.splitlines()[1:] == ["It has ended early: 1 taken, 0 not."]


async def test_a_server_that_goes_leaves_nothing_untold_and_the_json_clean(tmp_path: Path) -> None:
    init = start_count(goal=1)
    async with DevServer(ui=False) as own, sending(own.address, tmp_path) as (command, write):
        write(init)
        await command.until("started")
        await own.__aexit__(None, None, None)
        write(counted(init.subject))
        assert await command.end() == 1
    first, *rest = command.output.splitlines()
    assert json.loads(first)["status"] == "started"
    assert [line.partition(":")[0] for line in rest] == ["It has ended early", "On its way was line 2", "Error"]


async def test_nobody_who_answers_is_not_waited_for_without_end(server: DevServer) -> None:
    arguments = ("send", "-", "--json", "--wait", "--timeout", "1s", "--task-queue", uuid4().hex)
    code, out, err = await answer(
        *arguments, input=start_count(goal=1).to_json_text(), environment={"TEMPORAL_ADDRESS": server.address}
    )
    assert (code, out) == (3, "")
    assert err.startswith("On its way was line 1: it may have been taken.")
    assert "No worker has taken its workflow task" in err

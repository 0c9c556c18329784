"""Two servers for commands: one with encrypted orchestrations, and one without search attributes for them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from temporalio.client import Client, ScheduleState

from arvo_temporal import ArvoApp, ArvoClient, ArvoPlugin
from arvo_temporal.dev_server.server import DevServer
from tests import town
from tests.apps import counted, start_count
from tests.arvo_temporal.cli.commands import ARVO_TEMPORAL, running
from tests.polling import eventually

COUNTS = ("quiet", "refused", "dismissed", "many-1", "many-2", "sent", "done")
REFUSED = ("refused", "dismissed", "many-1", "many-2")
APPROVALS = ("answered",)
ERRANDS = ("failed", "resolved")
LATER = ("later",)
SCHEDULES = ("hourly", "doomed")


@dataclass(frozen=True, slots=True)
class World:
    """A server with an app, whose worker runs, and orchestrations that each stay where they are.

    Attributes:
        server: The server.
        app: The app, as commands take it.
        history: A file with the history of `counter/quiet`.
    """

    server: DevServer
    app: str
    history: Path


@asynccontextmanager
async def inhabited(server: DevServer, name: str, folder: Path) -> AsyncIterator[World]:
    """Run the worker of an app of `tests.town`, and begin its orchestrations."""
    app: ArvoApp = getattr(town, name)
    target = f"tests.town:{name}"
    environment = {"TEMPORAL_ADDRESS": server.address}
    async with running(*ARVO_TEMPORAL, "worker", target, environment=environment) as worker:
        await worker.until(server.address)
        temporal = await Client.connect(server.address, plugins=[ArvoPlugin(app)])
        await _begin(ArvoClient(temporal, app))
        handle = temporal.get_workflow_handle(await ArvoClient(temporal, app).find("counter/quiet"))
        file = folder / "history.json"
        file.write_text((await handle.fetch_history()).to_json())
        yield World(server, target, file)
        worker.press_ctrl_c()
        assert await worker.end() == 0, worker.output


async def _begin(client: ArvoClient) -> None:
    for key in COUNTS:
        begun = await client.start("counter", {"goal": 9}, key=key)
        if key in REFUSED:
            await client.deliver(replace(counted(begun.subject), data={"by": "one"}))
            await eventually(partial(client.violations, begun.subject), bool)
        if key == "done":
            await client.execute(counted(begun.subject, 9))
    for key in APPROVALS:
        begun = await client.start("approval", {}, key=key)
        await eventually(partial(client.pending_requests, begun.subject), bool)
    for key in (*ERRANDS, *LATER):
        begun = await client.start("errand", {"text": town.LATER if key in LATER else "now"}, key=key)
        if key in LATER:
            await eventually(partial(client.between_tries, begun.subject), bool)
        else:
            await eventually(partial(client.troubles, begun.subject), bool)
    for name in SCHEDULES:
        every = timedelta(hours=1)
        await client.schedules.create("counter", {"goal": 9}, every, id=name, state=ScheduleState(paused=True))
    await eventually(_listed(client), len(SCHEDULES).__eq__)
    everything = len((*COUNTS, *APPROVALS, *ERRANDS, *LATER))
    await eventually(lambda: client.count(status="all"), everything.__eq__)


def _listed(client: ArvoClient) -> Callable[[], Awaitable[int]]:
    async def count() -> int:
        return len([one async for one in client.schedules.list()])

    return count


def words(world: World) -> dict[str, str]:
    """Return what stands for the names in braces of a command line."""
    verdict = {"approved": True, "amount": 5, "level": "high", "place": {"city": "Bonn"}}
    return {
        "app": world.app,
        "subject": start_count(1).subject,
        "history": str(world.history),
        "goal": _quoted({"goal": 9}),
        "by": _quoted({"by": 1}),
        "text": _quoted({"text": "by hand"}),
        "verdict": _quoted(verdict),
    }


def _quoted(data: object) -> str:
    return f"'{json.dumps(data)}'"

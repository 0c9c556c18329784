"""The saved queries of the documentation, run as they stand there: each finds what it should, as its command does."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from adapter.search_attributes import ATTRIBUTES
from arvo import ArvoEvent
from arvo_temporal import ArvoApp, ArvoClient, ArvoPlugin, workflow_id
from arvo_temporal.dev_server.server import DevServer
from tests.apps import counted, start_count, supervise, supervisor_app
from tests.arvo_temporal.cli.commands import ARVO_TEMPORAL, run
from tests.polling import eventually
from tests.workflows.test_search_attributes import half, in_trouble

PAGE = (Path(__file__).parents[1] / "docs/operating.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| ([^|]+) \| `([^|]+)` \| `list [^|]*` \|$", PAGE, flags=re.MULTILINE))
COMMANDS = dict(re.findall(r"^\| ([^|]+) \| `[^|]+` \| `list ([^|]*)` \|$", PAGE, flags=re.MULTILINE))
IN_THE_DOCS = {
    "arvo.orc.order/1.0.0/42/zdoms7gwcy3kdrmu": "parent",
    "arvo.orc.order": "arvo.orc.counter",
    "approving": "waiting",
}
"""What stands for what: the page speaks of orders, this app of counts and those who supervise them."""


@dataclass
class Shop:
    """What runs on the server: the name of each orchestration and its workflow id."""

    server: DevServer
    client: ArvoClient
    ids: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
async def shop() -> AsyncIterator[Shop]:
    """A server on which something of each kind runs."""
    app = ArvoApp(orchestrators=supervisor_app().orchestrators.values(), search_attributes=["state"])
    async with DevServer(ui=False) as server:
        client = await Client.connect(server.address, plugins=[ArvoPlugin(app)])
        async with Worker(client, task_queue=app.task_queue):
            found = Shop(server, ArvoClient(client, app))
            await _open_all(found)
            yield found


async def _open_all(shop: Shop) -> None:
    client = shop.client
    parent = supervise(goal=9)
    await client.execute(parent)
    record = await client.record(parent.subject)
    assert record is not None
    child = ArvoEvent.from_json(record["events"]["produced"][0])
    keyed = await client.start("arvo.orc.counter", {"goal": 9}, key="42")
    refused, done = start_count(goal=9), start_count(goal=1)
    await client.execute(refused)
    await client.execute(done)
    for init in (refused, done):
        await client.deliver(half(init.subject))
        await in_trouble(client, init, "refused")
    await client.execute(counted(done.subject))
    await client.result(done.subject)
    subjects = {"parent": parent, "child": child, "wronged": refused, "done": done}
    shop.ids.update({name: workflow_id(init.subject) for name, init in subjects.items()})
    shop.ids["keyed"] = keyed.workflow_id


FINDS = {
    "stuck now": {"wronged"},
    "waiting for a person for over a day": {"parent"},
    "by version": {"child", "keyed", "wronged"},
    "by key": {"keyed"},
    "one with all that is nested in it": {"parent", "child"},
    "refused and gone on all the same": {"done"},
}


def test_each_of_them_is_tried_here() -> None:
    assert set(ROWS) == set(COMMANDS) == set(FINDS)


@pytest.mark.parametrize("what", FINDS)
async def test_a_query_finds_what_it_should(shop: Shop, what: str) -> None:
    query = ROWS[what]
    for name, ours in IN_THE_DOCS.items():
        query = query.replace(name, shop.ids.get(ours, ours))
    # Nobody waits for a day here: the time of the page is put into the future.
    query = query.replace("2026-05-03T10:00:00Z", f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}")
    wanted = {shop.ids[name] for name in FINDS[what]}

    async def look() -> set[str]:
        return {one.id async for one in shop.client.client.list_workflows(query)}

    await eventually(look, lambda seen: seen == wanted)


@pytest.mark.parametrize("what", FINDS)
async def test_a_command_finds_the_same(shop: Shop, what: str) -> None:
    arguments = list(_ours(shlex.split(COMMANDS[what]), shop))
    wanted = {shop.ids[name] for name in FINDS[what]}

    async def look() -> set[str]:
        code, output = await run(
            *ARVO_TEMPORAL, "list", *arguments, "--json", environment={"TEMPORAL_ADDRESS": shop.server.address}
        )
        assert code == 0, output
        return {json.loads(line)["workflow_id"] for line in output.splitlines() if line.startswith("{")}

    await eventually(look, lambda seen: seen == wanted)


def _ours(arguments: list[str], shop: Shop) -> Iterator[str]:
    for argument in arguments:
        ours = IN_THE_DOCS.get(argument, argument)
        yield "1ms" if argument == "1d" else shop.ids.get(ours, ours)


def test_the_page_names_every_search_attribute_with_its_type() -> None:
    assert dict(re.findall(r"^\| `(Arvo\w+)` \| (\w+) \|", PAGE, flags=re.MULTILINE)) == ATTRIBUTES


def test_the_server_of_ones_own_has_them_too() -> None:
    compose = (Path(__file__).parents[1] / "docker-compose.yml").read_text(encoding="utf-8")
    made: dict[str, str] = {}
    for names, type_ in re.findall(r"for name in ([\w ]+); do\s+temporal operator .* --type (\w+)", compose):
        made.update(dict.fromkeys(names.split(), type_))
    made.update(re.findall(r"--name (Arvo\w+) --type (\w+)", compose))
    assert made == ATTRIBUTES

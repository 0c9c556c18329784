"""The commands `list` and `setup`, as a user's shell runs them: at 80 columns, piped, and as JSON."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from uuid import uuid4

import pytest
from temporalio.client import Client

from adapter.search_attributes import ATTRIBUTES
from arvo_temporal import ArvoClient, workflow_id
from arvo_temporal.dev_server.server import DevServer
from tests.apps import counter_app, start_count
from tests.arvo_temporal.cli.commands import ARVO_TEMPORAL, run
from tests.arvo_temporal.replay.test_changed_machine import deployed
from tests.polling import eventually
from tests.workflows.test_search_attributes import half, in_trouble

WIDE = {"COLUMNS": "200"}
NARROW = {"COLUMNS": "80"}


@pytest.fixture(scope="module")
async def bare() -> AsyncIterator[DevServer]:
    """A server without search attributes for orchestrations."""
    async with DevServer(ui=False, for_orchestrations=False) as server:
        yield server


async def command(server: DevServer, *arguments: str, environment: Mapping[str, str] | None = None) -> tuple[int, str]:
    return await run(
        *ARVO_TEMPORAL, *arguments, environment={"TEMPORAL_ADDRESS": server.address, **(environment or NARROW)}
    )


@pytest.fixture
def queue() -> str:
    return f"list-{uuid4()}"


async def test_it_shows_what_is_stuck_in_eighty_columns_and_to_scripts(server: DevServer, queue: str) -> None:
    here = ("--query", f"TaskQueue = '{queue}'")
    async with deployed(server, counter_app(), queue) as client:
        started = await client.start("arvo.orc.counter", {"goal": 9}, key="[red]order\n42\u202e")
        await client.deliver(start_count(goal=9))
        await client.deliver(half(started.subject))
        await in_trouble(client, replace(start_count(goal=9), subject=started.subject), "refused")
        await eventually(lambda: client.count(query=here[1]), lambda number: number == 2)
        await eventually(lambda: client.count(trouble=True, query=here[1]), lambda number: number == 1)
        code, table = await command(server, "list", "--stuck", *here)
        _, wide = await command(server, "list", "--trouble", "refused", *here, environment=WIDE)
        _, lines = await command(server, "list", "--json", "--stuck", *here)
        _, iso = await command(server, "list", "--times", "iso", "--key", "[red]order\n42\u202e", *here)
    assert code == 0
    assert all(len(line) <= 80 for line in table.splitlines())
    head, row = wide.splitlines()
    assert head.split() == ["orchestrator", "key", "state", "trouble", "started"]
    assert row.startswith(r"arvo.orc.counter 1.0.0  [red]order\n42\u202e  running  refused")
    (summary,) = map(json.loads, lines.splitlines())
    assert (summary["workflow_id"], summary["trouble"]) == (workflow_id(started.subject), ["refused"])
    assert summary["key"] == "[red]order\n42\u202e"
    assert "T" in iso.splitlines()[1].split()[-1]


async def test_it_shows_so_many_and_says_how_many_more(server: DevServer, queue: str) -> None:
    client = ArvoClient(await Client.connect(server.address), counter_app(), task_queue=queue)
    for _ in range(5):
        await client.deliver(start_count(goal=1))
    here = ("--query", f"TaskQueue = '{queue}'")
    await eventually(lambda: client.count(query=here[1]), lambda number: number == 5)
    code, some = await command(server, "list", "--limit", "2", *here, environment=WIDE)
    _, all_ = await command(server, "list", "--limit", "5", *here, environment=WIDE)
    _, none = await command(server, "list", "--status", "closed", *here)
    _, in_state = await command(server, "list", "--state", "counting", *here, environment=WIDE)
    _, lines = await command(server, "list", "--limit", "2", "--json", *here)
    assert code == 0
    assert len(some.splitlines()) == 4
    assert some.splitlines()[-1].startswith("and 3 more: --limit 5 shows all")
    assert len(all_.splitlines()) == 6
    assert "no-worker" in all_
    assert none == "No orchestration is like that.\n"
    assert in_state == f"{none}A state is listed where the app shows it: ArvoApp(search_attributes=['state']).\n"
    assert len(lines.splitlines()) == 2


async def test_of_a_key_that_is_too_long_for_an_id_the_beginning_is_shown(server: DevServer, queue: str) -> None:
    client = ArvoClient(await Client.connect(server.address), counter_app(), task_queue=queue)
    await client.start("arvo.orc.counter", {"goal": 1}, key="order ö " * 40)
    here = ("--query", f"TaskQueue = '{queue}'")
    await eventually(lambda: client.count(query=here[1]), lambda number: number == 1)
    _, table = await command(server, "list", *here, environment={"COLUMNS": "400"})
    assert "  order ö order ö order" in table
    assert "…  running" in table
    assert "/" not in table


async def test_what_cannot_be_listed_is_one_line_with_the_cure(bare: DevServer) -> None:
    code, said = await command(bare, "list", "--stuck", environment=WIDE)
    assert code == 1
    assert said.count("\n") == 1
    assert "arvo-temporal setup" in said
    code, said = await command(bare, "list", "--query", "Nonsense = 1", environment=WIDE)
    assert (code, said.count("\n")) == (1, 1)
    assert "Nonsense" in said
    code, said = await command(bare, "list", "--query", "A) OR (B", environment=WIDE)
    assert (code, said.count("\n")) == (1, 1)
    assert "brackets" in said


async def test_a_namespace_is_made_ready_and_stays_as_it_is(bare: DevServer) -> None:
    namespace = f"shop-{uuid4().hex[:8]}"
    setup = ("setup", "--namespace", namespace)
    code, first = await command(bare, *setup, "--retention", "9d", environment=WIDE)
    _, second = await command(bare, *setup, environment=WIDE)
    _, third = await command(bare, *setup, "--json")
    assert code == 0
    assert first == f"The namespace {namespace} is created; registered {', '.join(ATTRIBUTES)}.\n"
    assert second == f"The namespace {namespace} was there; all search attributes were there.\n"
    assert json.loads(third) == {"namespace": namespace, "created": False, "added": []}
    client = ArvoClient(await Client.connect(bare.address, namespace=namespace), counter_app())
    started = await client.start("arvo.orc.counter", {"goal": 1}, key="7")
    await eventually(lambda: client.count(key="7"), lambda number: number == 1)
    assert started.started


async def test_what_the_server_refuses_is_one_line_with_the_cure(bare: DevServer) -> None:
    code, said = await command(bare, "setup", "--namespace", f"n-{uuid4().hex}", "--retention", "5s", environment=WIDE)
    assert (code, said.count("\n")) == (1, 1)
    assert "retention" in said

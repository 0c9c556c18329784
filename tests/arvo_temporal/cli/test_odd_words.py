"""What is typed by mistake, and keys that look like something else: each command says what is wrong, and no more."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from arvo_temporal import ArvoClient
from arvo_temporal.dev_server.server import DevServer
from tests.apps import counter_app
from tests.arvo_temporal.cli.commands import answer
from tests.conftest import Serve


@pytest.fixture
async def client(serve: Serve) -> AsyncIterator[ArvoClient]:
    async with serve(counter_app()) as opened:
        yield opened


async def command(server: DevServer, *arguments: str) -> tuple[int, str, str]:
    return await answer(*arguments, environment={"TEMPORAL_ADDRESS": server.address})


@pytest.mark.parametrize("command_name", ["redrive", "retry", "nudge", "dismiss"])
@pytest.mark.parametrize("option", ["--orchestrator", "--trouble", "--query"])
async def test_an_empty_option_takes_no_orchestration_instead_of_all(
    server: DevServer, command_name: str, option: str
) -> None:
    code, out, error = await command(server, command_name, option, "", "--yes", "--json")
    assert (code > 0, out) == (True, "")
    assert f"The filter '{option.removeprefix('--')}' is empty" in error or "cannot be dismissed" in error


async def test_a_line_break_in_a_key_is_no_line_of_ours(server: DevServer, client: ArvoClient) -> None:
    begun = await client.start("counter", {"goal": 3}, key=f"{uuid4()}\nTrouble   none")
    await client.show(begun.subject)
    _, out, _ = await command(server, "show", begun.workflow_id)
    assert "\\nTrouble   none" in out
    assert not [line for line in out.splitlines() if line.split() == ["Trouble", "none,", "root"]]


@pytest.mark.parametrize("identity", ["", "--yes", "COUNTER/42", " counter/1", "it's; DROP"])
async def test_what_names_no_orchestration_says_what_does(server: DevServer, identity: str) -> None:
    code, out, error = await command(server, "show", "--", identity)
    assert (code, out) == (1, "")
    assert "names no orchestration. Give ORCHESTRATOR/KEY such as order/42, a workflow id" in error


@pytest.mark.parametrize("key", ["", "a;b"])
async def test_a_key_that_cannot_be_is_told(server: DevServer, key: str) -> None:
    code, _, error = await command(server, "start", "tests.town:app", "counter", "--key", key, "--data", '{"goal": 1}')
    assert code == 1
    assert "keys (execution.id) at least one character, and no semicolon" in error


async def test_a_timeout_without_a_wait_is_not_ignored(server: DevServer) -> None:
    code, _, error = await command(server, "start", "tests.town:app", "counter", "--timeout", "5m")
    assert code == 2
    assert "--timeout goes with --wait" in error


@pytest.mark.parametrize("name", ["record", "ledger", "violations"])
async def test_what_prints_json_takes_the_option_that_all_others_take(
    server: DevServer, client: ArvoClient, name: str
) -> None:
    begun = await client.start("counter", {"goal": 3})
    code, out, _ = await command(server, name, begun.workflow_id, "--json")
    assert code == 0
    json.loads(out)


async def test_the_code_of_another_app_is_told_in_one_line(server: DevServer, client: ArvoClient) -> None:
    begun = await client.start("counter", {"goal": 3})
    await client.show(begun.subject)
    code, out, error = await command(server, "answer", begun.workflow_id, "--app", "examples.orders.app:app")
    assert (code, out) == (1, "")
    assert error.startswith("Error: The history of ")
    assert len(error.splitlines()) == 1

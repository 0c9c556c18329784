"""Commands about encrypted orchestrations, without the codec or with a wrong key: one line that says what to give."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from temporalio.client import Client

from arvo import ArvoEvent
from arvo_temporal import ArvoApp, ArvoClient, EncodedPayloadError, workflow_id
from arvo_temporal.dev_server.server import DevServer
from arvo_temporal.replay import check_run
from arvo_temporal.replay.runs import newest_run
from examples.encryption.codec import AesGcmCodec, keys_from
from examples.encryption.new_key import new_key
from tests.apps import counted, counter_app, start_count
from tests.arvo_temporal.cli.commands import ARVO_TEMPORAL, run
from tests.conftest import Serve

KEY, OTHER = new_key().replace("=", "a=", 1), new_key().replace("=", "b=", 1)
FALSE = f"{KEY.partition('=')[0]}={OTHER.partition('=')[2]}"
"""Another key under the name of the right one."""

APP = """
import os
from examples.encryption.codec import AesGcmCodec, keys_from
from tests.apps import counter_app
app = counter_app()
if os.environ.get("ENCRYPTION_KEYS"):
    app.codec = AesGcmCodec(keys_from(os.environ["ENCRYPTION_KEYS"]))
"""


def encrypted(*keys: str) -> ArvoApp:
    app = counter_app()
    app.codec = AesGcmCodec(keys_from(",".join(keys)))
    return app


@dataclass
class Stored:
    """An encrypted orchestration on the server, and who runs commands about it."""

    server: DevServer
    init: ArvoEvent
    folder: Path

    async def says(self, *arguments: str, keys: str = "") -> tuple[int, str]:
        environment = {"TEMPORAL_ADDRESS": self.server.address, "ENCRYPTION_KEYS": keys}
        return await run(*ARVO_TEMPORAL, *arguments, cwd=self.folder, environment=environment)


@pytest.fixture
async def stored(serve: Serve, server: DevServer, tmp_path: Path) -> AsyncIterator[Stored]:
    (tmp_path / "shop.py").write_text(APP)
    init = start_count(3)
    (tmp_path / "event.json").write_text(json.dumps(counted(init.subject).to_json()))
    async with serve(encrypted(KEY)) as client:
        await client.deliver(init)
        await client.execute(counted(init.subject))
        yield Stored(server, init, tmp_path)


COMMANDS = ("record", "ledger", "violations", "redrive")


@pytest.mark.parametrize("command", COMMANDS)
async def test_without_an_app_the_option_is_named(stored: Stored, command: str) -> None:
    code, said = await stored.says(command, workflow_id(stored.init.subject))
    assert code == 1
    assert len(said.splitlines()) == 1
    assert "encoded (binary/encrypted, key " in said
    assert "--app MODULE:APP" in said


async def test_an_event_that_is_executed_without_an_app_says_so_too(stored: Stored) -> None:
    code, said = await stored.says("send", "--wait", "event.json")
    assert (code, len(said.splitlines())) == (1, 1)
    assert "--app MODULE:APP" in said


@pytest.mark.parametrize("keys", [OTHER, FALSE], ids=["another key", "a false key of that name"])
@pytest.mark.parametrize("command", COMMANDS)
async def test_with_another_key_the_missing_one_is_named(stored: Stored, command: str, keys: str) -> None:
    code, said = await stored.says(command, workflow_id(stored.init.subject), "--app", "shop:app", keys=keys)
    assert (code, len(said.splitlines())) == (1, 1)
    assert f"key {KEY.partition('=')[0]}" in said
    assert "the app's codec cannot decode it" in said


@pytest.mark.parametrize(("by", "status"), [(2, "done"), (-1, "failure")])
async def test_what_has_ended_is_told_in_the_same_way(stored: Stored, serve: Serve, by: int, status: str) -> None:
    async with serve(encrypted(KEY)) as client:
        init = start_count(2)
        await client.deliver(init)
        await client.execute(counted(init.subject, by))
        record = await client.record(init.subject)
    assert record is not None
    assert status in (record.get("status"), record["executionStatus"])
    code, said = await stored.says("record", workflow_id(init.subject))
    assert (code, len(said.splitlines())) == (1, 1)
    assert "--app MODULE:APP" in said


@pytest.mark.parametrize("keys", ["", OTHER, FALSE], ids=["no codec", "another key", "a false key of that name"])
async def test_a_history_that_cannot_be_read_is_not_called_changed_code(stored: Stored, keys: str) -> None:
    code, said = await stored.says("history", workflow_id(stored.init.subject), "--app", "shop:app", keys=keys)
    assert (code, len(said.splitlines())) == (1, 1)
    assert "is encoded" in said
    assert "replayed" not in said


async def test_check_deploy_reports_the_others(serve: Serve, stored: Stored) -> None:
    mine, theirs = start_count(3), stored.init
    async with serve(encrypted(OTHER)) as client:
        await client.deliver(mine)
        await client.execute(counted(mine.subject))
        query = f"WorkflowId IN ('{workflow_id(mine.subject)}', '{workflow_id(theirs.subject)}')"
        code, said = await stored.says("check-deploy", "shop:app", "--query", query, keys=OTHER)
    assert code == 1
    assert "2 checked, 1 fine, 0 would not go on, 1 cannot be read." in said
    assert f"The key '{KEY.partition('=')[0]}' is missing" in said
    code, said = await stored.says("check-deploy", "shop:app", "--query", query, keys=f"{OTHER},{KEY}")
    assert (code, "2 checked, 2 fine" in said) == (0, True)


async def test_the_right_key_reads_it(stored: Stored) -> None:
    code, said = await stored.says("record", workflow_id(stored.init.subject), "--app", "shop:app", keys=KEY)
    assert (code, json.loads(said)["state"]["context"]["total"]) == (0, 1)


async def test_a_client_in_code_says_it_as_an_error(stored: Stored) -> None:
    bare = ArvoClient(await Client.connect(stored.server.address))
    for read in (bare.record, bare.ledger):
        with pytest.raises(EncodedPayloadError, match=r"ArvoClient\(client, app\)"):
            await read(stored.init.subject)
    run_ = await newest_run(bare.client, workflow_id(stored.init.subject))
    checked = await check_run(counter_app(), run_, bare.client)
    assert not checked.is_fine
    assert "nothing here can decode it" in checked.explanation()

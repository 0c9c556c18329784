"""The files of the dev server hold the data of every event: nobody but their owner can read them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from temporalio.client import Client

from arvo_temporal import DevServer


@pytest.fixture
def generous() -> Iterator[None]:
    """A umask that gives everybody everything."""
    before = os.umask(0)
    yield
    os.umask(before)


def open_to_others(folder: Path) -> list[str]:
    """Return what others than the owner may read or write, the folder itself included."""
    found = []
    for path in (folder, *folder.iterdir()):
        with suppress(FileNotFoundError):  # The journal comes and goes.
            if path.stat().st_mode & 0o077:
                found.append(path.name)
    return found


@pytest.mark.usefixtures("generous")
async def test_what_it_writes_is_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "dev"
    server = DevServer(ui=False, db_file=folder / "dev.db", log_file=folder / "dev.log")
    async with server:
        client = await Client.connect(server.address)
        await client.start_workflow("nobody.serves.it", id="one", task_queue="nobody")
        assert {"dev.db", "dev.db.lock", "dev.log"} <= {path.name for path in folder.iterdir()}
        assert open_to_others(folder) == []
    for path in folder.iterdir():
        path.chmod(0o644)
    async with server:
        assert open_to_others(folder) == []


@pytest.mark.usefixtures("generous")
async def test_a_folder_of_others_stays_as_it_is_and_a_temporary_log_is_for_its_owner_only(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "project"
    folder.mkdir(mode=0o755)
    async with DevServer(ui=False, db_file=folder / "dev.db") as server:
        assert open_to_others(folder) == ["project"]
        assert server.log_file.stat().st_mode & 0o077 == 0

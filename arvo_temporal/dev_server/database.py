"""The database file of the dev server, which only one server may have open."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from arvo_temporal.dev_server.errors import DevServerError
from arvo_temporal.dev_server.privacy import close_database, make_file


@contextmanager
def locked(db_file: Path | None) -> Iterator[list[int]]:
    """Lock a database file for a server that is started inside the block.

    Yields:
        The file descriptors that the server is to inherit: the lock lasts exactly as long as the server has them.

    Raises:
        DevServerError: Another server has it, or it cannot be written.
    """
    if db_file is None:
        yield []
        return
    lock = _lock(db_file)
    try:
        yield [lock]
    finally:
        os.close(lock)


def _lock(db_file: Path) -> int:
    lock_file = db_file.with_name(f"{db_file.name}.lock")
    make_file(lock_file, "--db-file")
    if db_file.exists():  # the server takes an empty one for one that it has set up
        make_file(db_file, "--db-file")
    close_database(db_file)
    lock = os.open(lock_file, os.O_RDWR)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise DevServerError(
            f"The database file {db_file} is in use by another dev server, and two of them would destroy it: stop "
            "the other one, or name another file (--db-file)."
        ) from None
    return lock

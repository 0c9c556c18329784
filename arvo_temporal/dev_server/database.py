"""The database file of the dev server, which only one server may have open."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from arvo_temporal.dev_server.errors import DevServerError
from arvo_temporal.dev_server.privacy import close_database, make_file

_NO_DATABASE = re.compile(
    "file is not a database|database disk image is malformed|no such (?:table|column)|has no column"
)
"""What the server says of a file that it has not written, or not so; an empty one it takes for its own."""


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


def damage(db_file: Path, said: str) -> str | None:
    """Return that a file is no database of the server, with the cure; None if that is not what the server has said."""
    if _NO_DATABASE.search(said) is None:
        return None
    return f": {db_file} is no database of a dev server, or is damaged. Delete it, or name another file (--db-file)."


def _lock(db_file: Path) -> int:
    if not db_file.name:  # of nothing, of . and of /
        raise DevServerError(f"'{db_file}' is no file for the database: name one (--db-file).")
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

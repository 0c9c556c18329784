"""What the dev server writes holds the data of every event, and is for the eyes of its owner only."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from arvo_temporal.dev_server.errors import DevServerError

UMASK = 0o077
"""With it the server creates its files: database and journal."""

_JOURNALS = ("", "-wal", "-shm", "-journal")


def make_folder(folder: Path) -> None:
    """Create a folder that only its owner can look into, if it does not exist."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def make_file(file: Path, option: str) -> None:
    """Make sure of a file that only its owner can read, in such a folder; one that exists keeps what it has.

    Args:
        file: The file.
        option: What names another one.

    Raises:
        DevServerError: It cannot be made, or not be written.
    """
    try:
        make_folder(file.parent)
        file.touch(mode=0o600)
        close(file)
        with file.open("ab"):
            pass
    except OSError as error:
        place = error.filename or file
        raise DevServerError(
            f"The dev server cannot write {file}: {place}: {error.strerror}. Make room or give yourself the right to "
            f"write there, or name another file ({option})."
        ) from error


def close(file: Path) -> None:
    """Take a file from all but its owner; what is no file, or somebody else's, stays as it is."""
    if file.is_file():
        with suppress(PermissionError):
            file.chmod(0o600)


def close_database(db_file: Path) -> None:
    """Take a database file and its journals from all but their owner."""
    for suffix in _JOURNALS:
        close(db_file.with_name(f"{db_file.name}{suffix}"))

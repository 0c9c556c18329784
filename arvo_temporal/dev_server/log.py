"""The log of the dev server: a file that its user names, or a temporary one."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from arvo_temporal.dev_server.errors import DevServerError
from arvo_temporal.dev_server.privacy import make_file

_TAIL_LINES = 12


class ServerLog:
    """What the server has said.

    Args:
        file: Where it goes; None for a temporary file, which `discard` removes.
    """

    def __init__(self, file: Path | None) -> None:
        self._is_temporary = file is None
        self._file = file
        self._start = 0

    @property
    def file(self) -> Path | None:
        """The file; None while there is no temporary one."""
        return self._file

    def open(self) -> Path:
        """Make sure of a place for the file, and remember where the next start of the server begins in it."""
        if self._file is None:
            handle, name = _temporary()
            os.close(handle)
            self._file = Path(name)
        make_file(self._file, "log_file")
        self._start = self._file.stat().st_size
        return self._file

    def tail(self) -> str:
        """Return the end of what the server has said since its last start."""
        if self._file is None:
            return ""
        with suppress(OSError), self._file.open("rb") as log:
            log.seek(self._start)
            lines = log.read().decode("utf-8", errors="replace").splitlines()
            return "\n".join(line for line in lines[-_TAIL_LINES:] if line.strip())
        return ""

    def discard(self) -> None:
        """Remove a temporary file."""
        if self._is_temporary and self._file is not None:
            self._file.unlink(missing_ok=True)
            self._file = None


def _temporary() -> tuple[int, str]:
    try:
        return tempfile.mkstemp(prefix="arvo-dev-server-", suffix=".log")
    except OSError as error:
        raise DevServerError(
            f"The dev server has no place for its log: {error.filename or tempfile.gettempdir()}: {error.strerror}. "
            "Make room there, or set TMPDIR to a folder that can be written."
        ) from error

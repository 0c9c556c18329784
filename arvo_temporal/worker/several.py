"""The health of several worker processes, as their supervisor tells it: each has a Unix socket, and it asks them."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_WITHIN = 2.0


class SeveralWorkers:
    """Worker processes that are asked for their health.

    Args:
        folder: Where each has its socket, by the name of its process id.
        pids: Returns the ids of the processes that run.
    """

    def __init__(self, folder: Path, pids: Callable[[], Collection[int]]) -> None:
        self._folder = folder
        self._pids = pids

    def not_live(self) -> str | None:
        """Return why one of them is to be started again; None if all live. One that is just starting does not count."""
        return next((answer for answer in self._ask("/livez") if answer), None)

    def not_ready(self) -> str | None:
        """Return why none of them gets work; None if one does."""
        answers = self._ask("/readyz")
        if None in answers:
            return None
        return next(iter(answers), "No worker process serves yet.")

    def _ask(self, path: str) -> list[str | None]:
        """Return what those say that listen: None for ok, else their reasons."""
        pids = [pid for pid in self._pids() if (self._folder / str(pid)).exists()]
        if not pids:
            return []
        with ThreadPoolExecutor(len(pids)) as asking:
            said = list(asking.map(lambda pid: self._ask_one(pid, path), pids))
        return [None if answer == "" else answer for answer in said if answer is not None]

    def _ask_one(self, pid: int, path: str) -> str | None:
        """Return why one is not well, the empty text if it is, None if it does not run or listen."""
        connection = _UnixConnection(self._folder / str(pid))
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            text = answer.read(2000).decode(errors="replace").strip()
        except (ConnectionError, FileNotFoundError):  # it has not begun, or has just ended
            return None
        except (OSError, http.client.HTTPException):
            return f"Worker process {pid} does not answer within {_WITHIN:g} s."
        finally:
            connection.close()
        return "" if answer.status == http.HTTPStatus.OK else f"Worker process {pid}: {text}"


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=_WITHIN)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(_WITHIN)
        self.sock.connect(str(self._path))

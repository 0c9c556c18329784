"""Temporal's dev server, the real one with its UI, as a child process."""

from arvo_temporal.dev_server.child_process import ChildProcess
from arvo_temporal.dev_server.ports import is_free
from arvo_temporal.dev_server.server import DevServer, DevServerError

__all__ = [
    "ChildProcess",
    "DevServer",
    "DevServerError",
    "is_free",
]

"""Temporal's dev server, the real one with its UI, as a child process."""

from arvo_temporal.dev_server.errors import DevServerError
from arvo_temporal.dev_server.ports import free_port, is_free
from arvo_temporal.dev_server.server import DevServer

__all__ = [
    "DevServer",
    "DevServerError",
    "free_port",
    "is_free",
]

"""The identity of an app's workers: Temporal's own, and behind it the name of the app, for the server to show."""

from __future__ import annotations

import os
import socket

from adapter.app import ArvoApp
from arvo.wire import is_event_type

_GAP = " "


def default_identity() -> str:
    """Return the identity that Temporal's SDK gives a client of this process."""
    return f"{os.getpid()}@{socket.gethostname()}"


def worker_identity(app: ArvoApp) -> str:
    """Return the identity of a worker of an app in this process: `4242@host arvo.orc.order`."""
    return _GAP.join(filter(None, (default_identity(), app.name)))


def read_identity(identity: str) -> tuple[int | None, str, str | None]:
    """Return process, host and app name of an identity.

    The process is None where the identity is not Temporal's own, the name where it has none.
    """
    process, _, name = identity.partition(_GAP)
    pid, _, host = process.partition("@")
    if not (pid.isdecimal() and pid.isascii()):
        return None, host, None
    return int(pid), host, name if is_event_type(name) else None

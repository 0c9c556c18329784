"""Free ports of this machine, for servers that want to be told which to use."""

from __future__ import annotations

import errno
import random
import socket
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path

from arvo_temporal.dev_server.errors import DevServerError

LOOPBACK = "127.0.0.1"

_LOWEST = 10_240
_EPHEMERAL_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_EPHEMERAL_DEFAULT = 32_768
_TRIES = 1000


def choose_ports(given: Mapping[str, int | None]) -> dict[str, int]:
    """Return the given ports, and free ones for those that are None.

    Args:
        given: Ports by the names of their options.

    Raises:
        DevServerError: A given port is taken, given twice, or not for this user.
        OSError: No free port was found.
    """
    ports = {name: port for name, port in given.items() if port is not None}
    _refuse_twice(ports)
    for name in given:
        if name not in ports:
            ports[name] = free_port(avoid=set(ports.values()))
        elif (problem := _problem_with(ports[name])) is not None:
            raise DevServerError(f"Port {ports[name]} (--{name}) of {LOOPBACK} {problem}")
    return ports


def free_port(*, avoid: Collection[int] = ()) -> int:
    """Return a port of the loopback address that nobody listens on.

    It lies below the range from which the system takes the ports of outgoing connections. A port of that range could
    be taken by any client at any moment, even by one that is trying to reach the server while it is restarting.

    Args:
        avoid: Ports not to return.

    Raises:
        OSError: No free port was found.
    """
    highest = max(_first_ephemeral() - 1, _LOWEST + 1000)
    for _ in range(_TRIES):
        port = random.SystemRandom().randint(_LOWEST, highest)
        if port not in avoid and is_free(port):
            return port
    raise OSError(f"No free port between {_LOWEST} and {highest} on {LOOPBACK}: give the ports explicitly.")


def is_free(port: int) -> bool:
    """Tell whether a server could listen on this port of the loopback address now."""
    return _problem_with(port) is None


def _refuse_twice(ports: Mapping[str, int]) -> None:
    first: dict[int, str] = {}
    for name, port in ports.items():
        if (other := first.setdefault(port, name)) != name:
            raise DevServerError(f"Port {port} is given twice (--{other}, --{name}): choose another for one of them.")


def _problem_with(port: int) -> str | None:
    """Return why no server of this process could listen on a port now, with the cure; None if one could."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except PermissionError:
            return "is not for this user: choose one above 1023, which everybody may use."
        except OverflowError:
            return "is none: choose one from 1 to 65535."
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return "is in use: stop what listens there, or choose another."
            return f"cannot be used ({error.strerror}): choose another."
    return None


def _first_ephemeral() -> int:
    with suppress(OSError, ValueError, IndexError):
        return int(_EPHEMERAL_RANGE.read_text().split()[0])
    return _EPHEMERAL_DEFAULT

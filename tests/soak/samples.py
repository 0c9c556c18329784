"""What is recorded of a soak every few seconds, as Linux and the server tell it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.soak.app import tasks_file


@dataclass(frozen=True, slots=True)
class Process:
    """A process at one moment.

    Attributes:
        pid: Its id.
        memory: Its resident memory, MB.
        threads: How many threads it has.
        descriptors: How many file descriptors it has open.
        tasks: How many tasks its event loop had when it last handled something; None where it has not said so.
    """

    pid: int
    memory: float
    threads: int
    descriptors: int
    tasks: int | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """A soak at one moment.

    Attributes:
        seconds: Since its beginning.
        workers: The worker processes that live, the one that is spared first.
        server: The server.
        started: How many orchestrations were started.
        open: How many are open, nested ones included.
        finished: How many have completed, nested ones included.
    """

    seconds: float
    workers: tuple[Process, ...]
    server: Process | None
    started: int
    open: int
    finished: int


@dataclass(frozen=True, slots=True)
class Kill:
    """The end of a worker process by a signal.

    Attributes:
        seconds: Since the beginning of the soak.
        signal: The signal, as people call it: KILL or TERM.
        pid: The process.
    """

    seconds: float
    signal: str
    pid: int


def look_at(pids: Iterable[int], folder: Path) -> tuple[Process, ...]:
    """Return those of these processes that live."""
    return tuple(process for pid in pids if (process := look_at_one(pid, folder)) is not None)


def look_at_one(pid: int, folder: Path) -> Process | None:
    """Return a process as it is now; None where it lives no more."""
    try:
        status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        if "VmRSS" not in status:  # a zombie
            return None
        descriptors = len(os.listdir(f"/proc/{pid}/fd"))
    except (FileNotFoundError, ProcessLookupError):
        return None
    file = tasks_file(folder, pid)
    said = file.read_text() if file.exists() else ""
    memory = int(status["VmRSS"].split()[0]) / 1024
    return Process(pid, memory, int(status["Threads"]), descriptors, int(said) if said else None)

"""What processes use of the machine, as Linux tells it."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

_TICKS = os.sysconf("SC_CLK_TCK")
_LOOK_AGAIN = 3.0
_IDLE = 0.02
"""Share of a core below which a process has nothing to do: it only polls. On a busy machine one that has still much
to do gets less than a tenth of a core."""


class Usage:
    """The CPU seconds of named processes, from when this is made until it is asked.

    Args:
        pids: The processes by name; several can share one.
    """

    def __init__(self, pids: Mapping[str, Iterable[int]]) -> None:
        self._pids = {name: list(several) for name, several in pids.items()}
        self._before = self._now()
        self._began = time.perf_counter()

    def figures(self) -> dict[str, Any]:
        """Return the seconds that have passed, and the CPU seconds by name."""
        seconds = time.perf_counter() - self._began
        now = self._now()
        return {"seconds": seconds, "cpu": {name: now[name] - before for name, before in self._before.items()}}

    def _now(self) -> dict[str, float]:
        return {name: sum(map(cpu_seconds, pids)) for name, pids in self._pids.items()}


def cpu_seconds(pid: int) -> float:
    """Return the CPU seconds that a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory(pid: int) -> float:
    """Return the resident memory of a process, MB."""
    return _status(pid, "VmRSS")


def peak_memory(pid: int) -> float:
    """Return the most resident memory that a process has had, MB."""
    return _status(pid, "VmHWM")


async def idle(pid: int) -> None:
    """Wait until a process has nothing to do."""
    before = cpu_seconds(pid)
    while True:
        await asyncio.sleep(_LOOK_AGAIN)
        now = cpu_seconds(pid)
        if now - before < _IDLE * _LOOK_AGAIN:
            return
        before = now


def _status(pid: int, name: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise LookupError(f"/proc/{pid}/status has no {name}")

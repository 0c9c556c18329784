"""A load that never pauses, and worker processes that are replaced one by one under it."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from arvo_temporal import DevServer
from benchmarks.restarts.holds import Holds, holds
from benchmarks.temporal.sides import Side, connect
from benchmarks.temporal.worker import WorkerProcess

_BETWEEN = 0.3
"""Seconds between two restarts."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to stop a worker.

    Attributes:
        name: In words.
        options: Options of the workers.
        environment: Environment variables of the workers.
        dynamic_config: Settings of the server.
    """

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    dynamic_config: Mapping[str, Any] = field(default_factory=dict)


WAYS = {
    "plain": Way("the SDK's own stop"),
    "wait": Way("the SDK waits for open polls", environment={"TEMPORAL_POLL_SHUTDOWN_INTERRUPT_WAIT_MS": "1000"}),
    "server": Way("the server ends open polls", dynamic_config={"frontend.enableCancelWorkerPollsOnShutdown": True}),
    "polls": Way("no new polls, then stop", options={"polls_end_within": 2.0}),
    "sticky": Way("the same, sticky tasks wait 1 s", options={"polls_end_within": 2.0, "sticky_timeout": 1.0}),
    "timeout": Way("workflow tasks of 2 s", dynamic_config={"history.defaultWorkflowTaskTimeout": "2s"}),
}


@dataclass(frozen=True, slots=True)
class Restarted:
    """What the restarts of one side did.

    Attributes:
        restarts: How many there were.
        in_flight: What has held each run that was open when a worker was asked to stop.
        stops: Seconds that each worker took to stop.
    """

    restarts: int
    in_flight: list[Holds]
    stops: list[float]


async def measure(way: Way, restarts: int, runs: int) -> dict[str, Restarted]:
    """Restart the workers of both sides in turn, on one server.

    Args:
        way: How they are stopped.
        restarts: How often, each side.
        runs: How many orchestrations are open at every moment.
    """
    async with DevServer(ui=False, dynamic_config=way.dynamic_config) as server:
        return {name: await _Rollout(name, server.address, way).measure(restarts, runs) for name in ("A", "B")}


class _Rollout:
    """Two worker processes of one side, of which the older one is replaced again and again."""

    def __init__(self, name: str, address: str, way: Way) -> None:
        self._name = name
        self._address = address
        self._way = way
        self._task_queue = f"restarts-{name}-{uuid4()}"
        self._open: set[str] = set()
        self._met: set[str] = set()
        self._stops: list[float] = []

    async def measure(self, restarts: int, runs: int) -> Restarted:
        side = await connect(self._name, self._address, self._task_queue)
        async with AsyncExitStack() as stack:
            workers = deque([await self._start(stack), await self._start(stack)])
            over = asyncio.Event()
            load = [asyncio.create_task(self._load(side, over)) for _ in range(runs)]
            for _ in range(restarts):
                workers.append(await self._start(stack))
                await asyncio.sleep(_BETWEEN)
                await self._stop(workers.popleft())
            over.set()
            await asyncio.gather(*load)
        return Restarted(restarts, [await self._holds(side, reference) for reference in self._met], self._stops)

    async def _start(self, stack: AsyncExitStack) -> WorkerProcess:
        worker = WorkerProcess(self._name, self._address, self._task_queue, self._way.options, self._way.environment)
        return await stack.enter_async_context(worker)

    async def _stop(self, worker: WorkerProcess) -> None:
        self._met |= self._open
        began = time.monotonic()
        await worker.__aexit__(None, None, None)
        self._stops.append(time.monotonic() - began)

    async def _load(self, side: Side, over: asyncio.Event) -> None:
        number = 0
        while not over.is_set():
            number += 1
            reference = await side.start("increment", {"key": f"k{number}", "by": 1})
            self._open.add(reference)
            await side.result(reference)
            self._open.discard(reference)

    async def _holds(self, side: Side, reference: str) -> Holds:
        return holds(await side.client.get_workflow_handle(side.workflow_id(reference)).fetch_history())

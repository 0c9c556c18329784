"""What a scenario has cost: times, the worker's use of the machine, and the histories."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHistory

from benchmarks.temporal.worker import WorkerProcess


@dataclass(slots=True)
class Sample:
    """What one side did in one round of a scenario.

    Attributes:
        done: How many orchestrations or events `seconds` were taken for.
        seconds: How long they took together.
        latencies: Seconds of each of those that were timed one by one.
        references: Orchestrations whose histories stand for the scenario.
        cpu: CPU seconds of the worker.
        client_cpu: CPU seconds of the sender, this process.
        server_cpu: CPU seconds of the server; 0 where the system does not tell.
        memory: Peak memory of the worker so far, MB.
        histories: What the orchestrations of `references` have left on the server.
    """

    done: int = 0
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    cpu: float = 0.0
    client_cpu: float = 0.0
    server_cpu: float = 0.0
    memory: float = 0.0
    histories: list[HistoryCost] = field(default_factory=list)

    @asynccontextmanager
    async def throughput(self, done: int) -> AsyncIterator[None]:
        """Time a block in which `done` orchestrations or events are processed."""
        start = time.perf_counter()
        yield
        self.seconds += time.perf_counter() - start
        self.done += done

    async def timed(self, work: Awaitable[Any]) -> None:
        """Wait for one thing and keep how long it took."""
        start = time.perf_counter()
        await work
        self.latencies.append(time.perf_counter() - start)


@asynccontextmanager
async def usage(sample: Sample, worker: WorkerProcess, server_pid: int) -> AsyncIterator[None]:
    """Add to a sample what the worker, the server and the sender use meanwhile."""
    before, client_before, server_before = await worker.usage(), time.process_time(), _cpu_of(server_pid)
    yield
    after, client_after, server_after = await worker.usage(), time.process_time(), _cpu_of(server_pid)
    sample.cpu += after.cpu - before.cpu
    sample.client_cpu += client_after - client_before
    sample.server_cpu += server_after - server_before
    sample.memory = after.memory


def _cpu_of(pid: int) -> float:
    """Return the CPU seconds of another process, where the system has /proc."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def side_by_side(limit: int, work: Iterable[Callable[[], Awaitable[Any]]]) -> list[Any]:
    """Do all of it, at most `limit` at a time, started in order; return the results in order."""
    room = asyncio.Semaphore(limit)

    async def limited(one: Callable[[], Awaitable[Any]]) -> Any:
        async with room:
            return await one()

    return await asyncio.gather(*map(limited, work))


@dataclass(frozen=True, slots=True)
class HistoryCost:
    """What orchestrations have left on the server, children included.

    Attributes:
        workflow_tasks: Completed workflow tasks.
        events: History events.
        size: Bytes of history, as the server counts them.
        event_json: JSON bytes of the ArvoEvents that they consumed and produced; 0 where there are none.
    """

    workflow_tasks: float
    events: float
    size: float
    event_json: float

    @staticmethod
    def median(costs: Sequence[HistoryCost]) -> HistoryCost:
        """Return the medians of several."""
        return HistoryCost(
            *(
                statistics.median(getattr(cost, name) for cost in costs)
                for name in ("workflow_tasks", "events", "size", "event_json")
            )
        )


async def history_cost(client: Client, workflow_id: str) -> HistoryCost:
    """Return the cost of a closed orchestration with all its children and runs."""
    history = await client.get_workflow_handle(workflow_id).fetch_history()
    description = await client.get_workflow_handle(workflow_id).describe()
    costs = [
        HistoryCost(
            sum(event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED for event in history.events),
            len(history.events),
            description.raw_description.workflow_execution_info.history_size_bytes,
            _event_json(history),
        )
    ]
    for child in _children(history):
        costs.append(await history_cost(client, child))
    return HistoryCost(
        sum(cost.workflow_tasks for cost in costs),
        sum(cost.events for cost in costs),
        sum(cost.size for cost in costs),
        sum(cost.event_json for cost in costs),
    )


def _children(history: WorkflowHistory) -> list[str]:
    return [
        event.child_workflow_execution_started_event_attributes.workflow_execution.workflow_id
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED
    ]


def _event_json(history: WorkflowHistory) -> int:
    """Return the JSON bytes of the different ArvoEvents in a history."""
    sizes: dict[str, int] = {}
    for event in history.events:
        for payload in _payloads(event):
            if payload.metadata.get("encoding") == b"json/plain":
                for document in _arvo_events(json.loads(payload.data)):
                    sizes[document["id"]] = len(
                        json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
                    )
    return sum(sizes.values())


def _payloads(message: Message) -> Iterator[Payload]:
    if isinstance(message, Payload):
        yield message
        return
    for descriptor, value in message.ListFields():
        if descriptor.type == FieldDescriptor.TYPE_MESSAGE:
            for inner in _messages(value):
                yield from _payloads(inner)


def _messages(value: Any) -> Iterable[Message]:
    if isinstance(value, Message):
        return [value]
    values = value.values() if hasattr(value, "values") else value
    return [item for item in values if isinstance(item, Message)]


def _arvo_events(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "specversion" in value and "id" in value:
            yield value
            return
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _arvo_events(item)

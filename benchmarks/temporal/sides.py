"""The two sides behind one face, so that a scenario drives both in the same way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Protocol
from uuid import uuid4

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from adapter.identity import workflow_id
from arvo_temporal import ArvoClient
from benchmarks.temporal import adapted, handwritten
from benchmarks.temporal.services import Change, Goal, Key, Tick

_INPUTS = {"call": Key, "increment": Change, "family": Key, "count": Goal, "agent": Key, "loop": Key}


Send = Callable[[], Awaitable[Any]]


class Side(Protocol):
    """What a sender of events can do. An orchestration is known by a reference."""

    client: Client

    async def start(self, kind: str, data: Mapping[str, Any]) -> str:
        """Start an orchestration and return its reference."""

    def tick(self, reference: str) -> Send:
        """Make an event for a count, to be sent later."""

    async def ask(self, reference: str) -> None:
        """Send an event to a count and wait until it is consumed."""

    async def result(self, reference: str) -> None:
        """Wait for the end of an orchestration."""

    def workflow_id(self, reference: str) -> str:
        """Return the workflow id of an orchestration."""


class Adapted:
    """Side A."""

    def __init__(self, client: Client, task_queue: str) -> None:
        self.client = client
        self._arvo = ArvoClient(client, adapted.create_app(task_queue))

    async def start(self, kind: str, data: Mapping[str, Any]) -> str:
        event = adapted.init_event(kind, dict(data))
        await self._arvo.deliver(event)
        return event.subject

    def tick(self, reference: str) -> Send:
        return partial(self._arvo.deliver, adapted.tick_event(reference))

    async def ask(self, reference: str) -> None:
        await self._arvo.execute(adapted.tick_event(reference))

    async def result(self, reference: str) -> None:
        await self._arvo.result(reference)

    def workflow_id(self, reference: str) -> str:
        return workflow_id(reference)


class Handwritten:
    """Side B."""

    def __init__(self, client: Client, task_queue: str) -> None:
        self.client = client
        self._task_queue = task_queue

    async def start(self, kind: str, data: Mapping[str, Any]) -> str:
        reference = f"{kind}/{uuid4()}"
        await self.client.start_workflow(kind, _INPUTS[kind](**data), id=reference, task_queue=self._task_queue)
        return reference

    def tick(self, reference: str) -> Send:
        handle = self.client.get_workflow_handle_for(handwritten.CountWorkflow.run, reference)
        return partial(handle.signal, handwritten.CountWorkflow.tick, Tick(by=1))

    async def ask(self, reference: str) -> None:
        handle = self.client.get_workflow_handle_for(handwritten.CountWorkflow.run, reference)
        await handle.execute_update(handwritten.CountWorkflow.tick_and_tell, Tick(by=1))

    async def result(self, reference: str) -> None:
        await self.client.get_workflow_handle(reference).result()

    def workflow_id(self, reference: str) -> str:
        return reference


async def connect(name: str, address: str, task_queue: str) -> Side:
    """Return a side, `A` or `B`, connected to the server."""
    if name == "A":
        return Adapted(await Client.connect(address), task_queue)
    return Handwritten(await Client.connect(address, data_converter=pydantic_data_converter), task_queue)

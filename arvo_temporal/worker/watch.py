"""Watches a worker for its health endpoint: that its event loop turns, that it polls, and that it gets work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import Worker

from adapter.plain_text import plain_text
from arvo_temporal.worker.health import described, living
from arvo_temporal.worker.health_endpoint import Judge, health_endpoint
from arvo_temporal.worker.listen_address import ListenAddress
from arvo_temporal.worker.vitality import Vitality
from arvo_temporal.worker.workless import taken_by_a_version

_WHILE_READY = 10.0
_WHILE_NOT = 1.0
_WITHIN = 15.0


@asynccontextmanager
async def endpoint_of(
    address: ListenAddress | Path | None,
    vitality: Vitality,
    *,
    not_live: Judge | None = None,
    not_ready: Judge | None = None,
) -> AsyncIterator[str | None]:
    """Serve the health endpoint of this process, and watch its event loop, while the block runs.

    Args:
        address: Where it listens; None for no endpoint.
        vitality: What is known of the worker.
        not_live: What /livez says; else what is known.
        not_ready: What /readyz says; else what is known.

    Yields:
        Its URL; None without an endpoint.

    Raises:
        HealthEndpointError: It cannot listen there.
    """
    if address is None:
        yield None
        return
    judges = {"not_live": not_live or vitality.not_live, "not_ready": not_ready or vitality.not_ready}
    with health_endpoint(address, **judges) as url:
        beating = asyncio.ensure_future(vitality.beat())
        try:
            yield url
        finally:
            beating.cancel()


async def watch(vitality: Vitality, worker: Worker, client: Client, *, versioned: bool) -> NoReturn:
    """Ask the server again and again whether a worker polls and gets work, and note the answer.

    Args:
        vitality: Where it is noted.
        worker: The worker.
        client: Its client.
        versioned: Whether it is of a build.
    """
    identity = worker.config(active_config=True).get("identity") or client.identity
    while True:
        obstacle = await _obstacle(client, worker.task_queue, identity, versioned=versioned)
        vitality.polls(obstacle)
        await asyncio.sleep(_WHILE_READY if obstacle is None else _WHILE_NOT)


async def _obstacle(client: Client, task_queue: str, identity: str, *, versioned: bool) -> str | None:
    """Return why a worker gets no work, as the server says it; None if it gets some."""
    kinds = (TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY)
    try:
        async with asyncio.timeout(_WITHIN):
            answers = await asyncio.gather(*(described(client, task_queue, kind) for kind in kinds))
    except (RPCError, TimeoutError) as error:
        return f"The server does not tell whether the worker polls: {plain_text(str(error)) or 'no answer'}."
    now = datetime.now(UTC)
    if not all(identity in living(answer.pollers, now) for answer in answers):
        return f"The worker does not poll the task queue '{task_queue}'."
    return None if versioned else taken_by_a_version(answers[0].versioning_info, task_queue)
